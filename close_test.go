package crvideo_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// nothingLeft notes the goroutines and sockets that there are; the result wants that none has come to them.
func nothingLeft(t *testing.T) func() {
	settled(t, 0)
	before, sockets := goleak.IgnoreCurrent(), openSockets()
	return func() {
		t.Helper()
		assert.NoError(t, goleak.Find(before))
		eventually(t, "sockets to be closed", func() bool { return openSockets() <= sockets })
	}
}

// openSockets counts the sockets of this process; always 0 where the system does not tell.
func openSockets() (n int) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// waysOut are the calls that end a room or more of a client.
var waysOut = map[string]func(*crvideo.Client) error{
	"Close":       (*crvideo.Client).Close,
	"Logout":      func(c *crvideo.Client) error { return c.Logout(context.Background()) },
	"ExitMeeting": func(c *crvideo.Client) error { return c.ExitMeeting(context.Background()) },
}

// Whatever a connection waits for when it is being made, the ways out do not wait for it.
func TestLeavingWhileConnecting(t *testing.T) {
	for stageName, stage := range map[string]crvideotest.Stage{
		"before accept": crvideotest.BeforeAccept, "before TLS": crvideotest.BeforeTLS,
		"after TLS": crvideotest.AfterTLS, "after upgrade": crvideotest.AfterUpgrade,
	} {
		for _, way := range []string{"Close", "Logout"} {
			t.Run(way+" "+stageName, func(t *testing.T) {
				n := newServer(t).Network()
				n.StallAt(stage)
				check := nothingLeft(t)
				watching(t).relay(n)
				c := newWatched(t, watching(t), crvideo.SDKParams{ServerAddr: n.SecureURL(), TLSConfig: n.TLSConfig()})
				loggedIn := inBackground(func() error { return c.Login(context.Background(), loginParams("alice")) })
				eventually(t, "the login to begin", func() bool { return c.UID() != "" })
				require.NoError(t, receive(t, inBackground(func() error { return waysOut[way](c) })))
				assert.ErrorIs(t, receive(t, loggedIn), crvideo.CodeLoginState)
				require.NoError(t, c.Close())
				receive(t, c.Done())
				n.StallAt(crvideotest.Nowhere)
				check()
			})
		}
	}
}

// While the connection is lost the ways out work as ever, and end every call that waits for it.
func TestLeavingDuringACut(t *testing.T) {
	t.Parallel()
	for way, leave := range waysOut {
		t.Run(way, func(t *testing.T) {
			n, _, bob := hurtPair(t)
			n.RefuseConnections(true)
			n.Cut("bob")
			opened := inBackground(func() error { return bob.OpenMic(context.Background(), "") })
			created := inBackground(func() error {
				_, err := bob.CreateMeeting(context.Background(), crvideo.CreateParams{})
				return err
			})
			eventually(t, "opening", func() bool { return bob.GetAudioStatus("") == crvideo.StatusOpening })
			require.NoError(t, receive(t, inBackground(func() error { return leave(bob) })))
			assert.ErrorIs(t, receive(t, opened), crvideo.CodeLoginState)
			assert.Empty(t, bob.GetAllMembers())
			if way == "ExitMeeting" { // the login lives, and so does what is asked of it
				n.RefuseConnections(false)
				require.NoError(t, receive(t, created))
				return
			}
			assert.ErrorIs(t, receive(t, created), crvideo.CodeNotLoggedIn)
			assert.Empty(t, bob.UID())
		})
	}
}

// countedSource is a device that must be given back.
type countedSource struct {
	crvideo.Source
	open *atomic.Int32
}

func (s countedSource) Close() error {
	s.open.Add(-1)
	return s.Source.Close()
}

func counted(open crvideo.SourceFunc, n *atomic.Int32) crvideo.SourceFunc {
	return func(ctx context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		src, err := open(ctx, f)
		if err == nil {
			n.Add(1)
		}
		return countedSource{src, n}, err
	}
}

// A client that is closed at any moment of a call leaves nothing: no call that does not end, no goroutine, no socket,
// no open device, no event after Done.
func TestCloseAtAnyMoment(t *testing.T) {
	const rounds = 60
	srv := newServer(t)
	owner := loggedIn(t, srv, "owner")
	room := newRoom(t, owner)
	require.NoError(t, owner.EnterMeeting(testContext(t), room.ID)) // so that the server has all that a room needs
	require.NoError(t, owner.WaitMedia(testContext(t)))
	var open atomic.Int32
	check := nothingLeft(t)
	for range rounds {
		c := newWatched(t, watching(t), crvideo.SDKParams{ServerAddr: srv.URL()})
		require.NoError(t, c.SetVideoCfg(testContext(t), smallVideo))
		_, err := c.AddMic(testContext(t), "mic", counted(crvideo.SyntheticMic, &open))
		require.NoError(t, err)
		_, err = c.AddCamera(testContext(t), "camera", counted(crvideo.SyntheticCamera, &open))
		require.NoError(t, err)
		var over atomic.Bool
		c.OnAudioStatusChanged(func(crvideo.AudioStatusChanged) { assert.False(t, over.Load(), "an event after Done") })
		steps := []func(context.Context) error{
			func(ctx context.Context) error { return c.Login(ctx, loginParams("alice")) },
			func(ctx context.Context) error { return c.EnterMeeting(ctx, room.ID) },
			func(ctx context.Context) error { return c.OpenMic(ctx, "") },
			func(ctx context.Context) error { return c.OpenVideo(ctx, "") },
			c.WaitMedia,
			func(ctx context.Context) error { return c.CloseMic(ctx, "") },
			func(ctx context.Context) error { return c.SetVideoCfg(ctx, crvideo.VideoCfg{Size: 5}) },
			c.ExitMeeting,
			c.Logout,
		}
		var calls sync.WaitGroup
		calls.Go(func() {
			for _, step := range steps {
				if err := step(testContext(t)); err != nil {
					assert.NotErrorIs(t, err, context.DeadlineExceeded)
					return
				}
			}
		})
		time.Sleep(rand.N(60 * time.Millisecond)) // any moment of a call that takes about as long
		require.NoError(t, receive(t, inBackground(c.Close)))
		receive(t, c.Done())
		over.Store(true)
		calls.Wait()
		require.Zero(t, open.Load(), "open devices")
	}
	check()
}
