package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	now  = time.Unix(1_700_000_000, 0)
	body = []byte(`{"id":"1","event":"memberEntered","app":"demo","member":{"uid":"ann","nickname":"Ann","num":1}}`)
)

func signed(secret string, body []byte, at time.Time) http.Header {
	h := http.Header{}
	webhook.Sign(h, secret, body, at)
	return h
}

func TestVerify(t *testing.T) {
	h := signed("secret", body, now)
	assert.Equal(t, "1700000000", h.Get(webhook.HeaderTimestamp))
	assert.Equal(t, "v1=8f1b554bc33d8cdbdd911a546eed0468cd725a9488a2ac2375385265100d0bf3", h.Get(webhook.HeaderSignature), "as another implementation has it")
	for _, at := range []time.Time{now, now.Add(webhook.Tolerance), now.Add(-webhook.Tolerance)} {
		e, err := webhook.Verify(h, body, at, "old", "secret")
		require.NoError(t, err)
		assert.Equal(t, webhook.Event{ID: "1", Type: webhook.MemberEntered, AppID: "demo", Member: &webhook.Member{UID: "ann", Nickname: "Ann", Num: 1}}, e)
	}
	change := func(name, value string) http.Header {
		c := h.Clone()
		c.Set(name, value)
		return c
	}
	for name, c := range map[string]struct {
		header http.Header
		body   []byte
		at     time.Time
		secret string
		want   error
	}{
		"another secret":      {h, body, now, "guess", webhook.ErrSignature},
		"no secret":           {signed("", body, now), body, now, "", webhook.ErrSignature},
		"another body":        {h, []byte(strings.Replace(string(body), "ann", "eve", 1)), now, "secret", webhook.ErrSignature},
		"another time":        {change(webhook.HeaderTimestamp, "1700000001"), body, now, "secret", webhook.ErrSignature},
		"no signature":        {change(webhook.HeaderSignature, ""), body, now, "secret", webhook.ErrSignature},
		"another version":     {change(webhook.HeaderSignature, strings.Replace(h.Get(webhook.HeaderSignature), "v1", "v2", 1)), body, now, "secret", webhook.ErrSignature},
		"not hexadecimal":     {change(webhook.HeaderSignature, "v1=xyz"), body, now, "secret", webhook.ErrSignature},
		"nothing":             {http.Header{}, body, now, "secret", webhook.ErrSignature},
		"too old":             {h, body, now.Add(webhook.Tolerance + time.Second), "secret", webhook.ErrTimestamp},
		"from the future":     {h, body, now.Add(-webhook.Tolerance - time.Second), "secret", webhook.ErrTimestamp},
		"signed, but no JSON": {signed("secret", []byte("x"), now), []byte("x"), now, "secret", webhook.ErrBody},
		"signed, but empty":   {signed("secret", []byte("{}"), now), []byte("{}"), now, "secret", webhook.ErrBody},
	} {
		_, err := webhook.Verify(c.header, c.body, c.at, c.secret)
		assert.ErrorIs(t, err, c.want, name)
	}
}

func TestHandler(t *testing.T) {
	var got []string
	handler := webhook.Handler(func(_ context.Context, e webhook.Event) error {
		got = append(got, e.Type+" "+e.ID)
		switch e.ID {
		case "refuse":
			return webhook.ErrRefused
		case "fail":
			return errors.New("secret of the receiver")
		}
		return nil
	}, "secret")
	post := func(method, body, secret string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		webhook.Sign(r.Header, secret, []byte(body), time.Now())
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		assert.NotContains(t, w.Body.String(), "secret of the receiver")
		return w
	}
	assert.Equal(t, http.StatusNoContent, post("POST", `{"id":"1","event":"roomStarted"}`, "secret").Code)
	assert.Equal(t, http.StatusInternalServerError, post("POST", `{"id":"fail","event":"roomStarted"}`, "secret").Code)
	assert.Equal(t, http.StatusInternalServerError, post("POST", `{"id":"refuse","event":"roomStarted"}`, "secret").Code)
	w := post("POST", `{"id":"2","event":"login"}`, "secret")
	assert.Equal(t, "200 {\"allow\":true}\n", "200 "+w.Body.String())
	w = post("POST", `{"id":"refuse","event":"login"}`, "secret")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.JSONEq(t, `{"allow":false}`, w.Body.String())
	assert.Equal(t, http.StatusInternalServerError, post("POST", `{"id":"fail","event":"login"}`, "secret").Code)
	assert.Len(t, got, 6)
	assert.Equal(t, http.StatusForbidden, post("POST", `{"id":"1","event":"roomStarted"}`, "guess").Code)
	assert.Equal(t, http.StatusMethodNotAllowed, post("GET", "", "secret").Code)
	assert.Equal(t, http.StatusBadRequest, post("POST", strings.Repeat("x", 64<<10+1), "secret").Code)
	assert.Len(t, got, 6, "who cannot sign is not heard")
}
