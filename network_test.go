package crvideo_test

import (
	"context"
	"image"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// TestPathFallsAndReturns takes the watcher's path from 2 Mbit/s to 300 kbit/s and back: the picture moves on, stands still
// for no second once it has adapted, and is whole again within five.
func TestPathFallsAndReturns(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 3, FPS: 30, MaxKbps: 1200}))
	n.Media(crvideotest.ToClient, crvideotest.MediaFaults{Rate: 2_000_000}, "bob")
	openBoth(t, alice)
	var w watched
	ctx, stop := context.WithCancel(testContext(t))
	var reading sync.WaitGroup
	reading.Go(func() { w.watch(ctx, t, bob, "alice") })
	defer reading.Wait()
	defer stop()
	eventually(t, "pictures at 2 Mbit/s", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.moved > 90 && w.size == image.Pt(1280, 720)
	})
	full := cameraRate(alice)

	n.Media(crvideotest.ToClient, crvideotest.MediaFaults{Rate: 300_000}, "bob")
	eventually(t, "the camera follows", func() bool { return cameraRate(alice) < 300_000 })
	eventually(t, "a picture as it is made for so little", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.size.X < 1280
	})
	_, longest, _ := w.since()
	t.Log("until it had adapted the longest gap was", longest)
	begin := time.Now()
	eventually(t, "eight seconds", func() bool { return time.Since(begin) > 8*time.Second })
	moved, longest, size := w.since()
	t.Logf("at 300 kbit/s: %.1f pictures a second of %v, the longest gap %v", float64(moved)/8, size, longest)
	require.Less(t, longest, time.Second)
	require.Greater(t, moved, 40)

	n.Media(crvideotest.ToClient, crvideotest.MediaFaults{Rate: 2_000_000}, "bob")
	begin = time.Now()
	eventually(t, "full quality", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.size == image.Pt(1280, 720) && cameraRate(alice) >= full*95/100
	})
	back := time.Since(begin)
	_, longest, _ = w.since()
	t.Logf("full quality %v after the return, the longest gap %v", back, longest)
	require.Less(t, back, 5*time.Second)
}

// TestPicturesMoveAtLossOfTenPercent loses one datagram of ten each way, and counts the pictures that are decoded.
func TestPicturesMoveAtLossOfTenPercent(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: 30}))
	n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{Loss: 0.1})
	openBoth(t, alice)
	var w watched
	ctx, stop := context.WithCancel(testContext(t))
	var reading sync.WaitGroup
	reading.Go(func() { w.watch(ctx, t, bob, "alice") })
	defer reading.Wait()
	defer stop()
	eventually(t, "pictures", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.moved > 60
	})
	w.since()
	begin := time.Now()
	eventually(t, "ten seconds", func() bool { return time.Since(begin) > 10*time.Second })
	passed := time.Since(begin)
	moved, longest, _ := w.since()
	rate := float64(moved) / passed.Seconds()
	t.Logf("%.1f of 30 pictures a second, the longest gap %v", rate, longest)
	require.Greater(t, rate, 0.8*30)
}

// TestToneAtLossOfThirtyPercent loses three datagrams of ten on the way to who listens, and back, and looks in the mix for how long the tone is
// missing.
func TestToneAtLossOfThirtyPercent(t *testing.T) {
	n, alice, bob := hurtPair(t)
	n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{Loss: 0.3}, "bob")
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	info, ok := bob.GetMemberInfo("alice")
	require.True(t, ok)
	m, err := bob.Mix()
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	const window = crvideo.PCMRate / 50
	pcm := make([]int16, window)
	heard := func() bool {
		for filled := 0; filled < len(pcm); {
			k, err := m.ReadPCM(testContext(t), pcm[filled:])
			require.NoError(t, err)
			filled += k
		}
		return crvideotest.ToneShare(pcm, crvideo.PCMRate, crvideotest.ToneFrequency(info.Num)) > 0.5
	}
	for in := 0; in < 50; { // until it has begun, and the jitter buffer knows the network
		if heard() {
			in++
		}
	}
	gaps := 0
	const windows = 15 * 50
	for range windows {
		if !heard() {
			gaps++
		}
	}
	stats := bob.GetStats()
	for _, s := range stats.Receiving {
		t.Logf("rebuilt %v, guessed %v, held back %v, repaired %d, lost %d", s.Recovered, s.Concealed, s.Delay, s.Repaired, s.Lost)
	}
	t.Logf("the tone was missing for %.2f %% of the time", 100*float64(gaps)/windows)
	require.Less(t, float64(gaps), 0.05*windows)
}
