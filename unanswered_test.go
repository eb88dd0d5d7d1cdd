package crvideo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// leavings are the ways out, each with what the server is asked for.
var leavings = map[string]func(*testing.T, *crvideo.Client, *mocksignal.Conn) <-chan error{
	"Close": func(_ *testing.T, c *crvideo.Client, _ *mocksignal.Conn) <-chan error { return inBackground(c.Close) },
	"Logout": func(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn) <-chan error {
		left := inBackground(func() error { return c.Logout(context.Background()) })
		conn.Expect(testContext(t), wire.MethodLogout).Reply(nil)
		return left
	},
	"ExitMeeting": func(t *testing.T, c *crvideo.Client, conn *mocksignal.Conn) <-chan error {
		left := inBackground(func() error { return c.ExitMeeting(context.Background()) })
		conn.Expect(testContext(t), wire.MethodExitMeeting).Reply(nil)
		return left
	},
}

// A device that is being opened holds up nobody who leaves, whether it is the server or the device that is slow.
func TestLeavingWhileADeviceIsBeingOpened(t *testing.T) {
	t.Parallel()
	for name, leave := range leavings {
		t.Run(name+" before the server's answer", func(t *testing.T) {
			c, conn := scripted(t)
			enterWithBob(t, c, conn)
			opened := inBackground(func() error { return c.OpenMic(context.Background(), "") })
			conn.Expect(testContext(t), wire.MethodOpenMic)
			require.NoError(t, receive(t, leave(t, c, conn)))
			assert.ErrorIs(t, receive(t, opened), crvideo.CodeLoginState)
		})
		t.Run(name+" before the device is open", func(t *testing.T) {
			c, conn := scripted(t)
			opening := make(chan struct{}, 1)
			_, err := c.AddMic(testContext(t), "slow", func(ctx context.Context, _ crvideo.SourceFormat) (crvideo.Source, error) {
				opening <- struct{}{}
				<-ctx.Done()
				return nil, ctx.Err()
			})
			require.NoError(t, err)
			enterWithBob(t, c, conn)
			opened := inBackground(func() error { return c.OpenMic(context.Background(), "") })
			receive(t, opening)
			require.NoError(t, receive(t, leave(t, c, conn)))
			assert.Error(t, receive(t, opened))
		})
	}
}
