package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// videoOf is a client's stream of pictures that there is only one of.
func videoOf(streams []crvideo.StreamStats) (video crvideo.StreamStats) {
	for _, s := range streams {
		if s.Kind == crvideo.KindVideo {
			video = s
		}
	}
	return video
}

// TestStatsOfJoining: each moment is known when it has come, and not before, and in order.
func TestStatsOfJoining(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, bob.WaitMedia(testContext(t)))
	before := bob.GetStats()
	assert.Positive(t, before.Connected)
	assert.Zero(t, before.FirstAudio)
	assert.Zero(t, before.FirstKeyFrame)
	began := time.Now()
	openBoth(t, alice)
	require.NoError(t, requireSees(testContext(t), bob, "alice"))
	require.NoError(t, requireHears(testContext(t), bob, "alice"))
	s := bob.GetStats()
	assert.Equal(t, before.Connected, s.Connected)
	assert.Greater(t, s.FirstAudio, s.Connected)
	assert.Greater(t, s.FirstKeyFrame, s.Connected)
	assert.GreaterOrEqual(t, s.FirstPicture, s.FirstKeyFrame)
	assert.Less(t, s.FirstPicture, time.Since(began)+bound)
	eventually(t, "a round trip", func() bool { rtt := bob.GetStats().RTT; return rtt > 0 && rtt < time.Second })
}

// TestStatsOfLayers: both ends tell which size is sent, and how much of it.
func TestStatsOfLayers(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 2, FPS: 15}))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	for _, want := range []struct{ wish, layer, width, height int }{{0, 0, 848, 480}, {120, 2, 212, 120}, {240, 1, 424, 240}} {
		v.SetHeight(want.wish)
		eventually(t, "the size", func() bool {
			_, err := v.ReadFrame(testContext(t))
			require.NoError(t, err)
			got, sent := videoOf(bob.GetStats().Receiving), videoOf(alice.GetStats().Sending)
			return got.Width == want.width && got.Height == want.height && len(sent.Layers) == 1 && // the others linger
				sent.Layers[0].Layer == want.layer && sent.Layers[0].Width == want.width && sent.Layers[0].Height == want.height &&
				sent.Layers[0].Bitrate > 0 && sent.Layers[0].Target > 0
		})
	}
	assert.Positive(t, videoOf(alice.GetStats().Sending).Target)
}

// TestWhatWasHiddenDidNotFreeze: nobody saw it stand still.
func TestWhatWasHiddenDidNotFreeze(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	w, stop := watchPictures(t, bob, "alice")
	eventually(t, "pictures", func() bool { return w.count() > 20 })
	stop()
	last := videoOf(bob.GetStats().Receiving)
	eventually(t, "nothing is received", func() bool {
		now := videoOf(bob.GetStats().Receiving)
		return now.Packets > 0 && time.Since(now.LastPacket) > time.Second
	})
	w, stop = watchPictures(t, bob, "alice")
	defer stop()
	eventually(t, "pictures again", func() bool { return w.count() > 5 })
	assert.Less(t, videoOf(bob.GetStats().Receiving).Frozen-last.Frozen, time.Second)
}

// TestStatsOfFreezes: a picture that stood still is counted, with how long that was.
func TestStatsOfFreezes(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	w, stop := watchPictures(t, bob, "alice")
	defer stop()
	eventually(t, "pictures", func() bool { return w.count() > 20 })
	before := videoOf(bob.GetStats().Receiving)
	n.BlackholeUDP(crvideotest.ToClient, "bob")
	eventually(t, "no more pictures", func() bool {
		return time.Since(videoOf(bob.GetStats().Receiving).LastPacket) > 700*time.Millisecond
	})
	n.Heal()
	w.since()
	eventually(t, "pictures again", func() bool { return w.count() > 5 })
	after := videoOf(bob.GetStats().Receiving)
	assert.Greater(t, after.Freezes, before.Freezes)
	assert.GreaterOrEqual(t, after.Frozen-before.Frozen, 700*time.Millisecond)
}
