package server

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// logBuffer is a log that may be written by many.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestNoSecretsInTheLog runs through what deals with secrets, and looks for them in the log of all levels.
func TestNoSecretsInTheLog(t *testing.T) {
	var log logBuffer
	s := start(t, func(cfg *Config) {
		cfg.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		cfg.Apps = []App{{ID: "app", Secret: "topsecret"}}
	})
	secret := loginParams("ann")
	secret.SecretMD5 = secretMD5("topsecret")
	ann := loginWith(t, s, secret)
	wrong := loginParams("ann")
	wrong.SecretMD5 = secretMD5("guess")
	dial(t, s).fails(wire.CodeWrongSecret, wire.MethodLogin, wrong)
	raw := mint(t, "topsecret", token.Claims{AppID: "app", UID: "bob", Expires: time.Now().Add(time.Hour)})
	bob := loginWith(t, s, &wire.LoginParams{Token: raw, UID: "bob", Nickname: "b"})
	bob.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: raw}, nil)
	info := ann.create(wire.CreateMeetingParams{Password: "roompassword"})
	bob.fails(wire.CodeRoomPassword, wire.MethodEnterMeeting, enterParams(info.ID))
	ann.back(s)
	stop(t, s)
	text := log.String()
	assert.Contains(t, text, ann.session.Session)
	for _, hidden := range []string{"topsecret", secret.SecretMD5, wrong.SecretMD5, raw, "roompassword", ann.session.Key, bob.session.Key} {
		assert.NotContains(t, text, hidden)
	}
}
