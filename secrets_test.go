package crvideo_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server"
	"github.com/crvideo/crvideo-go/token"
)

// transcript is a text that many goroutines write.
type transcript struct {
	lean atomic.Bool // no more is written
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(p []byte) (int, error) {
	if l.lean.Load() {
		return len(p), nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *transcript) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// tap writes down every signalling message, and the keys of the sessions.
func tap(n *crvideotest.Network) (wireText *transcript, keys func() []string) {
	wireText = &transcript{}
	var mu sync.Mutex
	var found []string
	n.WatchMessage(func(m crvideotest.Message) bool {
		_, _ = wireText.Write(append(m.Text, '\n'))
		var answer struct{ Result wire.LoginResult }
		if m.Answer && m.Method == wire.MethodLogin && json.Unmarshal(m.Text, &answer) == nil && answer.Result.Key != "" {
			mu.Lock()
			found = append(found, answer.Result.Key)
			mu.Unlock()
		}
		return false
	})
	return wireText, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return found
	}
}

// A whole life with everything that can be told, at the most talkative level: cookies leave the process in no way, the
// app's secret never travels, and no log has anything that lets somebody in.
func TestNoSecretOrCookieOnTheWireOrInALog(t *testing.T) {
	const app, secret, password, cookie = "shop", "secret-of-the-shop", "open-sesame", "cookie-of-mine"
	logs := &transcript{}
	srv := newServer(t, func(cfg *server.Config) {
		cfg.Apps = []server.App{{ID: app, Secret: secret}}
		cfg.Logger = logs.logger()
	})
	n := srv.Network()
	wireText, keys := tap(n)
	mintFor := func(uid string, life time.Duration) string {
		text, err := token.Mint(secret, token.Claims{AppID: app, UID: uid, Expires: time.Now().Add(life)})
		require.NoError(t, err)
		return text
	}
	first, second := mintFor("bob", time.Hour), mintFor("bob", 2*time.Hour)

	mirrored(t, nil)
	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: n.URL(), AllowSynthetic: true, Logger: logs.logger()}))
	fails, logins := make(chan crvideo.LoginFail, 1), make(chan crvideo.LoginSuccess, 1)
	rooms, entries, ends := make(chan crvideo.CreateMeetingSuccess, 1), make(chan crvideo.EnterMeetingRslt, 1), make(chan crvideo.DestroyMeetingRslt, 1)
	crvideo.OnLoginFail(func(e crvideo.LoginFail) { fails <- e })
	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) { logins <- e })
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) { rooms <- e })
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { entries <- e })
	crvideo.OnDestroyMeetingRslt(func(e crvideo.DestroyMeetingRslt) { ends <- e })

	wrong := crvideo.MD5("wrong secret")
	crvideo.Login(app, wrong, "Alice", "alice", "", cookie)
	assert.Equal(t, cookie, receive(t, fails).Cookie)
	crvideo.Login(app, crvideo.MD5(secret), "Alice", "alice", "", cookie)
	assert.Equal(t, cookie, receive(t, logins).Cookie)
	crvideo.CreateMeeting(crvideo.CreateParams{Password: password}, cookie)
	room := receive(t, rooms).MeetInfo.ID
	crvideo.EnterMeeting(room, cookie, crvideo.WithPassword("not-"+password))
	assert.Equal(t, crvideo.CodeRoomPassword, receive(t, entries).Code)
	crvideo.EnterMeeting(room, cookie, crvideo.WithPassword(password))
	assert.Equal(t, crvideo.CodeOK, receive(t, entries).Code)

	bob := newClient(t, srv, func(p *crvideo.SDKParams) { p.ServerAddr, p.Logger = n.URL(), logs.logger() })
	require.ErrorIs(t, bob.Login(testContext(t), crvideo.LoginParams{Token: first[:len(first)-4], UID: "bob", Nickname: "Bob"}), crvideo.CodeAuthData)
	require.NoError(t, bob.Login(testContext(t), crvideo.LoginParams{Token: first, UID: "bob", Nickname: "Bob"}))
	require.NoError(t, bob.UpdateToken(testContext(t), second))
	require.NoError(t, bob.EnterMeeting(testContext(t), room, crvideo.WithPassword(password)))
	openBoth(t, bob)
	back := resumed(n, "bob")
	require.Equal(t, 1, n.Cut("bob"))
	wait(t, "resume", back.Hit())
	n.Inject(toClient, "bob", `{"jsonrpc":"2.0","id":9,"error":`) // nonsense, which is logged
	crvideo.DestroyMeeting(room, cookie)
	assert.Equal(t, cookie, receive(t, ends).Cookie)
	require.NoError(t, bob.Logout(testContext(t)))
	crvideo.Logout()

	require.Len(t, keys(), 2)
	require.Contains(t, wireText.String(), crvideo.MD5(secret), "the tap is at work")
	require.Contains(t, logs.String(), "level=DEBUG", "so is the log")
	assert.NotContains(t, wireText.String(), secret)
	for name, text := range map[string]string{"the wire": wireText.String(), "a log": logs.String()} {
		assert.NotContains(t, text, cookie, name)
	}
	forbidden := append(keys(), secret, crvideo.MD5(secret), wrong, password, first, second, signature(first))
	for _, line := range strings.Split(logs.String(), "\n") {
		for _, what := range forbidden {
			assert.NotContains(t, line, what)
		}
	}
}

// signature is the part of a token without which the rest is worth nothing.
func signature(tokenText string) string { return tokenText[strings.LastIndexByte(tokenText, '.')+1:] }
