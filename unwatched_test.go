package crvideo_test

import (
	"encoding/binary"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/testcodec"
)

// sendsNothing waits until nothing of its cameras has left a client for a second.
func sendsNothing(t *testing.T, c *crvideo.Client) (bytes uint64) {
	t.Helper()
	last, since := bytesOf(c.GetStats().Sending), time.Now()
	eventually(t, "nothing is sent", func() bool {
		if now := bytesOf(c.GetStats().Sending); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > time.Second
	})
	return last
}

// vp8InterFrame is as vp8KeyFrame, but no key frame.
func vp8InterFrame(n uint32) []byte {
	f := vp8KeyFrame(n)
	f[0] |= 1
	return f
}

// A source in one size cannot be told to pause: it is read on, and what nobody watches is not sent. Who comes gets a key frame
// first, and then everything.
func TestSampleQueueThatNobodyWatches(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ctx := testContext(t)
	q, err := crvideo.NewSampleQueue("video/VP8")
	require.NoError(t, err)
	var wanted atomic.Bool
	var asked, written atomic.Int32
	q.OnKeyFrameRequest = func() { asked.Add(1); wanted.Store(true) }
	id, err := alice.AddCamera(ctx, "my encoder", q.Open)
	require.NoError(t, err)
	require.NoError(t, alice.SetDefaultVideo(ctx, "", id))
	require.NoError(t, alice.OpenVideo(ctx, ""))
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() {
		for n := uint32(0); ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond): // the pace of the application
			}
			data := vp8InterFrame(n)
			if wanted.Swap(false) {
				data = vp8KeyFrame(n)
			}
			if !assert.NoError(t, q.Write(ctx, crvideo.Sample{Data: data, Duration: 20 * time.Millisecond})) {
				return
			}
			written.Add(1)
		}
	})
	defer writing.Wait()
	defer close(stop)

	for range 2 {
		quiet, before := sendsNothing(t, alice), written.Load()
		eventually(t, "the source is read on", func() bool { return written.Load() > before+20 })
		require.Equal(t, quiet, bytesOf(alice.GetStats().Sending))
		requests := asked.Load()

		v, err := bob.Video("alice", id)
		require.NoError(t, err)
		last := uint32(0)
		for i := range 20 {
			s, err := v.ReadSample(ctx)
			require.NoError(t, err)
			n := binary.BigEndian.Uint32(s.Data[10:])
			if i == 0 {
				require.Equal(t, vp8KeyFrame(n), s.Data)
				require.Less(t, time.Since(s.Captured), 2*time.Second, "the clock of the stream went on")
			} else {
				require.Equal(t, last+1, n)
			}
			last = n
		}
		require.Greater(t, asked.Load(), requests)
		require.NoError(t, v.Close())
	}
}

// A file cannot be asked for a key frame: it goes on at the next one that it has.
func TestFileThatNobodyWatches(t *testing.T) {
	testcodec.NeedH264(t)
	alice, bob := pair(t, newServer(t))
	ctx := testContext(t)
	require.NoError(t, alice.OpenVideo(ctx, ""))
	file := filepath.Join(t.TempDir(), "a.h264")
	captureH264(ctx, t, bob, "alice", file) // 20 pictures, of which the first is a key frame
	require.NoError(t, alice.CloseVideo(ctx, ""))

	cam, err := bob.AddCamera(ctx, "file", crvideo.H264File(file, 15, true))
	require.NoError(t, err)
	require.NoError(t, bob.SetDefaultVideo(ctx, "", cam))
	require.NoError(t, bob.OpenVideo(ctx, ""))
	for range 2 {
		sendsNothing(t, bob)
		v, err := alice.Video("bob", cam)
		require.NoError(t, err)
		counters := map[uint32]bool{}
		for range 15 {
			f, err := v.ReadFrame(ctx)
			require.NoError(t, err)
			member, counter, ok := crvideotest.ReadPattern(f.Image)
			require.True(t, ok)
			require.EqualValues(t, 1, member)
			counters[counter] = true
		}
		require.Greater(t, len(counters), 10, "the picture moves")
		require.NoError(t, v.Close())
	}
}
