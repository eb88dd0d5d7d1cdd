package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/token"
)

// ask sends a request to the page's endpoints and decodes the answer.
func ask(t *testing.T, s *Server, method, path, body string) (status int, reply map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	if w.Header().Get("Content-Type") == "application/json" {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &reply), w.Body)
	}
	return w.Code, reply
}

func TestGuestsOfTheDemo(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.Apps = nil })
	status, reply := ask(t, s, http.MethodGet, "/page/config", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, map[string]any{"guests": true}, reply)

	status, first := ask(t, s, http.MethodPost, "/page/token", `{}`)
	require.Equal(t, http.StatusOK, status)
	keys := func(string) (string, bool) { return DemoApp, true }
	claims, err := token.Parse(keys, first["token"].(string), time.Now())
	require.NoError(t, err)
	assert.Equal(t, first["uid"], claims.UID)
	assert.True(t, claims.Allows(token.Create) && claims.Allows(token.Enter) && claims.Allows(token.Publish))
	assert.False(t, claims.Allows(token.Kick) || claims.Allows(token.Control) || claims.Allows(token.Destroy))

	_, second := ask(t, s, http.MethodPost, "/page/token", `{}`)
	assert.NotEqual(t, first["uid"], second["uid"])
	_, renewed := ask(t, s, http.MethodPost, "/page/token", `{"token":"`+first["token"].(string)+`"}`)
	assert.Equal(t, first["uid"], renewed["uid"], "who has a token stays the same user")
}

// TestGuestsAreNobodyElse: a token of another kind of user is not renewed.
func TestGuestsAreNobodyElse(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.Apps = nil })
	for name, claims := range map[string]token.Claims{
		"a user of the app":   {AppID: DemoApp, UID: "ann", Expires: time.Now().Add(time.Hour)},
		"long gone":           {AppID: DemoApp, UID: "web-long", Expires: time.Now().Add(-2 * guestTime)},
		"of another app":      {AppID: "other", UID: "web-other", Expires: time.Now().Add(time.Hour)},
		"with another secret": {AppID: DemoApp, UID: "web-forged", Expires: time.Now().Add(time.Hour)},
	} {
		secret := DemoApp
		if name == "with another secret" {
			secret = "guessed"
		}
		minted, err := token.Mint(secret, claims)
		require.NoError(t, err)
		status, reply := ask(t, s, http.MethodPost, "/page/token", `{"token":"`+minted+`"}`)
		assert.Equal(t, http.StatusOK, status, name)
		assert.NotEqual(t, claims.UID, reply["uid"], name)
	}
	for _, body := range []string{"", "nonsense", `{"token":7}`, `{"token":"` + strings.Repeat("x", guestBytes) + `"}`} {
		status, _ := ask(t, s, http.MethodPost, "/page/token", body)
		assert.Equal(t, http.StatusBadRequest, status, "%.40s", body)
	}
}

func TestNoGuestsUnlessAllowed(t *testing.T) {
	apps := []App{{ID: "app", Secret: "secret"}}
	s := start(t, func(cfg *Config) { cfg.Apps = apps })
	_, reply := ask(t, s, http.MethodGet, "/page/config", "")
	assert.Equal(t, map[string]any{"guests": false}, reply)
	status, reply := ask(t, s, http.MethodPost, "/page/token", `{}`)
	assert.Equal(t, http.StatusForbidden, status)
	assert.NotContains(t, reply, "token")

	_, err := New(Config{Apps: apps, PageApp: "none"})
	assert.ErrorContains(t, err, "PageApp")
}

func TestPageURL(t *testing.T) {
	s := start(t)
	assert.Equal(t, "http://"+s.Addr().String()+"/#room=12345678", s.PageURL(12345678, ""))
	assert.Equal(t, "https://meet.example/", PageURL(true, "meet.example", 0, ""))
	assert.Equal(t, "https://meet.example/#room=12345678&password=a+%26+b", PageURL(true, "meet.example", 12345678, "a & b"))
}
