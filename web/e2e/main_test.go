//go:build browser

// Package e2e_test lets real browsers and Go clients meet in rooms of a real server.
package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), chromiumtest.Patience)
	t.Cleanup(cancel)
	return ctx
}

// goClient is a Go member with the synthetic devices.
func goClient(t testing.TB, srv *crvideotest.Server, uid string, changes ...func(*crvideo.SDKParams)) *crvideo.Client {
	t.Helper()
	params := crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}
	for _, change := range changes {
		change(&params)
	}
	c, err := crvideo.New(params)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: 15}))
	require.NoError(t, c.Login(testContext(t), crvideo.LoginParams{
		AppID: server.DemoApp, AppSecret: crvideo.MD5(server.DemoApp), UID: uid, Nickname: uid,
	}))
	return c
}

// publishes makes a Go member send sound and pictures.
func publishes(t testing.TB, c *crvideo.Client) {
	t.Helper()
	require.NoError(t, c.OpenMic(testContext(t), ""))
	require.NoError(t, c.OpenVideo(testContext(t), ""))
}

func inAnHour() time.Time { return time.Now().Add(time.Hour) }
