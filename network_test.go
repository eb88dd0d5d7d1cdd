package crvideo_test

import (
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// badPath is a network of two members, alice who sends and bob, that can be made worse.
type badPath interface {
	limit(bps int)                    // to bob
	lose(part float64, toServer bool) // to bob, and on the way to the server if that is wanted
}

// kitPath is made worse by crvideotest.
type kitPath struct{ n *crvideotest.Network }

func (p kitPath) limit(bps int) {
	p.n.Media(crvideotest.ToClient, crvideotest.MediaFaults{Rate: bps}, "bob")
}

func (p kitPath) lose(part float64, toServer bool) {
	if toServer {
		p.n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{Loss: part})
		return
	}
	p.n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{Loss: part}, "bob")
}

func TestPathFallsAndReturns(t *testing.T) {
	n, alice, bob := hurtPair(t)
	pathFallsAndReturns(t, kitPath{n}, alice, bob)
}

func TestPicturesMoveAtLossOfTenPercent(t *testing.T) {
	n, alice, bob := hurtPair(t)
	picturesMoveAtLoss(t, kitPath{n}, alice, bob)
}

func TestToneAtLossOfThirtyPercent(t *testing.T) {
	n, alice, bob := hurtPair(t)
	toneAtLoss(t, kitPath{n}, alice, bob)
}

func TestToneAtLossOfThirtyPercentAtBoth(t *testing.T) {
	n, alice, bob := hurtPair(t)
	kitPath{n}.lose(0.3, true)
	toneGoesOn(t, alice, bob, 0.1) // beside other tests; the one on the kernel's network is alone, and stricter
}

// pathFallsAndReturns takes the watcher's path from 2 Mbit/s to 300 kbit/s and back: the picture moves on, stands still
// for no second once it has adapted, and is whole again within five; or more, on a long way.
func pathFallsAndReturns(t *testing.T, path badPath, alice, bob *crvideo.Client) {
	pathFallsAndReturnsWithin(t, path, alice, bob, 5*time.Second)
}

func pathFallsAndReturnsWithin(t *testing.T, path badPath, alice, bob *crvideo.Client, whole time.Duration) {
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 3, FPS: 30, MaxKbps: 1200}))
	path.limit(2_000_000)
	openBoth(t, alice)
	w, stop := watchPictures(t, bob, "alice")
	defer stop()
	eventually(t, "pictures at 2 Mbit/s", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.moved > 90 && w.size == image.Pt(1280, 720)
	})
	full := cameraRate(alice)

	path.limit(300_000)
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

	path.limit(2_000_000)
	begin = time.Now()
	eventually(t, "full quality", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.size == image.Pt(1280, 720) && cameraRate(alice) >= full*95/100
	})
	back := time.Since(begin)
	_, longest, _ = w.since()
	t.Logf("full quality %v after the return, the longest gap %v", back, longest)
	require.Less(t, back, whole)
}

// picturesMoveAtLoss loses one datagram of ten each way, and counts the pictures that are decoded.
func picturesMoveAtLoss(t *testing.T, path badPath, alice, bob *crvideo.Client) {
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: 30}))
	path.lose(0.1, true)
	openBoth(t, alice)
	w, stop := watchPictures(t, bob, "alice")
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

// toneAtLoss loses three datagrams of ten on the way to who listens, and back.
func toneAtLoss(t *testing.T, path badPath, alice, bob *crvideo.Client) {
	path.lose(0.3, false)
	toneGoesOn(t, alice, bob, 0.05)
}

// toneGoesOn looks in the mix for how long the tone is missing, which is to be a smaller part of the time than most.
func toneGoesOn(t *testing.T, alice, bob *crvideo.Client, most float64) {
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
	require.Less(t, float64(gaps), most*windows)
}
