package crvideo_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/server"
)

// cycle enters, sends, and leaves once.
func cycle(ctx context.Context, c *crvideo.Client, room int64) error {
	if err := c.EnterMeeting(ctx, room); err != nil {
		return err
	}
	if err := c.WaitMedia(ctx); err != nil {
		return err
	}
	if err := c.OpenMic(ctx, ""); err != nil {
		return err
	}
	return c.ExitMeeting(ctx)
}

// What a cycle may leave behind: nothing that grows. A few goroutines are on their way out at any moment.
func TestEnteringAndLeavingLeavesNothing(t *testing.T) {
	srv := newServer(t)
	watching(t).measure()
	alice, bob := pair(t, srv)
	openBoth(t, alice)
	room := alice.GetMeetInfo().ID
	require.NoError(t, bob.ExitMeeting(testContext(t)))
	const warm, n = 40, 40 // the server keeps its last answers to a session, and is to be full of them
	for range warm {
		require.NoError(t, cycle(testContext(t), bob, room))
	}
	before := settled(t, 0)
	for range n {
		require.NoError(t, cycle(testContext(t), bob, room))
	}
	after := settled(t, before.goroutines+3)
	assert.LessOrEqual(t, after.goroutines, before.goroutines+3)
	assert.Less(t, after.heap, before.heap+n*32<<10, "bytes of heap: %d before, %d after %d cycles", before.heap, after.heap, n)
}

type usage struct {
	goroutines int
	heap       int
}

// settled waits until at most so many goroutines are left (0: until their number stands still), and measures.
func settled(t testing.TB, goroutines int) usage {
	last := 0
	require.Eventually(t, func() bool {
		now := runtime.NumGoroutine()
		done := now <= goroutines || (goroutines == 0 && now == last)
		last = now
		return done
	}, bound, 200*time.Millisecond, "goroutines do not end")
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{runtime.NumGoroutine(), int(m.HeapAlloc)}
}

// BenchmarkEnterMeeting is the time from the call of EnterMeeting to connected media, beside that of two bare pion
// peers with equal settings: the ratio of the two is what matters.
func BenchmarkEnterMeeting(b *testing.B) {
	b.Run("crvideo", func(b *testing.B) {
		srv := newServer(b)
		c := loggedIn(b, srv, "bench")
		room := newRoom(b, c)
		ctx := context.Background()
		for b.Loop() {
			if err := c.EnterMeeting(ctx, room.ID); err != nil {
				b.Fatal(err)
			}
			if err := c.WaitMedia(ctx); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := c.ExitMeeting(ctx); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	b.Run("bare pion pair", func(b *testing.B) {
		for b.Loop() {
			if err := connectBarePair(b); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// connectBarePair connects two bare peers with the settings that client and server use, one audio and one video track.
func connectBarePair(b *testing.B) error {
	newPeer := func() (*webrtc.PeerConnection, error) {
		media, err := rtpkit.NewMediaEngine()
		if err != nil {
			return nil, err
		}
		settings := rtpkit.NewSettingEngine(true, nil)
		return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	}
	offerer, err := newPeer()
	if err != nil {
		return err
	}
	answerer, err := newPeer()
	if err != nil {
		return err
	}
	connected := make(chan struct{}, 1)
	offerer.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			connected <- struct{}{}
		}
	})
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := offerer.AddTransceiverFromKind(kind); err != nil {
			return err
		}
	}
	offer, err := offerer.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(offerer)
	if err := offerer.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	if err := answerer.SetRemoteDescription(*offerer.LocalDescription()); err != nil {
		return err
	}
	answer, err := answerer.CreateAnswer(nil)
	if err != nil {
		return err
	}
	gathered = webrtc.GatheringCompletePromise(answerer)
	if err := answerer.SetLocalDescription(answer); err != nil {
		return err
	}
	<-gathered
	if err := offerer.SetRemoteDescription(*answerer.LocalDescription()); err != nil {
		return err
	}
	select {
	case <-connected:
	case <-time.After(bound):
		return fmt.Errorf("the bare pair did not connect")
	}
	b.StopTimer()
	defer b.StartTimer()
	if err := offerer.Close(); err != nil {
		return err
	}
	return answerer.Close()
}

// BenchmarkThousandCycles enters and leaves 1,000 times an iteration (run it with -benchtime 1x) and reports what is
// left of goroutines and memory.
func BenchmarkThousandCycles(b *testing.B) {
	srv := newServer(b, func(cfg *server.Config) {
		cfg.Limits.BytesPerSecond, cfg.Limits.ByteBurst = 1<<30, 1<<30 // one user sends a thousand offers within seconds
	})
	c := loggedIn(b, srv, "bench")
	room := newRoom(b, c)
	ctx := context.Background()
	for range 40 {
		require.NoError(b, cycle(ctx, c, room.ID))
	}
	before := settled(b, 0)
	for b.Loop() {
		for range 1000 {
			require.NoError(b, cycle(ctx, c, room.ID))
		}
	}
	after := settled(b, before.goroutines+3)
	b.ReportMetric(float64(after.goroutines-before.goroutines), "goroutines-left")
	b.ReportMetric(float64(after.heap-before.heap)/1024, "KB-left")
}
