package crvideo_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
	"github.com/crvideo/crvideo-go/webhook"
)

// The code given at Login is what the app's own service decides about, on both faces, and again after a restart of the server.
func TestUserAuthCode(t *testing.T) {
	asked := make(chan webhook.Login, 100)
	service := httptest.NewServer(webhook.Handler(func(_ context.Context, e webhook.Event) error {
		asked <- *e.Login
		if e.Login.AuthCode != "good" {
			return webhook.ErrRefused
		}
		return nil
	}, appSecret))
	defer service.Close()
	srv := newServer(t, func(cfg *server.Config) {
		cfg.LoginHooks = []server.Hook{{AppID: crvideotest.AppID, URL: service.URL}}
	})
	n := srv.Network()
	c := newClient(t, srv, func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	with := func(code string) crvideo.LoginParams {
		p := loginParams("alice")
		p.UserAuthCode = code
		return p
	}
	ctx := testContext(t)
	require.ErrorIs(t, c.Login(ctx, with("")), crvideo.CodeAuthMissing)
	require.ErrorIs(t, c.Login(ctx, with("bad")), crvideo.CodeAuthRefused)
	assert.Equal(t, "bad", receive(t, asked).AuthCode)
	require.NoError(t, c.Login(ctx, with("good")))
	assert.False(t, receive(t, asked).Renewal)
	n.RestartFresh(50 * time.Millisecond)
	assert.Equal(t, webhook.Login{UID: "alice", Nickname: "nick of alice", AuthCode: "good", Renewal: true, Addr: "127.0.0.1"}, receive(t, asked))
	eventually(t, "logged in again", func() bool { _, err := c.GetUserStatus(ctx); return err == nil })
	service.Close()
	require.NoError(t, c.Logout(ctx))
	require.ErrorIs(t, c.Login(ctx, with("good")), crvideo.CodeAuthService)

	mirrored(t, srv)
	seen := record(t, crvideo.Default())
	crvideo.Login(crvideotest.AppID, crvideo.MD5(appSecret), "nick", "bob", "", 1)
	waitEvent(t, seen, "missing", func(e crvideo.LoginFail) bool { return e.Cookie == 1 && e.Code == crvideo.CodeAuthMissing })
	plain := newServer(t)
	require.NoError(t, crvideo.SetServerAddr(plain.URL()))
	crvideo.Login(crvideotest.AppID, crvideo.MD5(appSecret), "nick", "bob", "good", 2)
	waitEvent(t, seen, "unexpected", func(e crvideo.LoginFail) bool { return e.Cookie == 2 && e.Code == crvideo.CodeAuthUnexpected })
}
