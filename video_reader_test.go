package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func TestFramesAtAWantedRate(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 7, FPS: 30}))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	v, err := bob.Video("alice", crvideo.DefaultCamera, crvideo.WithMaxFPS(5))
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	var last crvideo.Frame
	var lastCounter uint32
	for i := range 6 {
		f, err := v.ReadFrame(testContext(t))
		require.NoError(t, err)
		_, counter, ok := crvideotest.ReadPattern(f.Image)
		require.True(t, ok)
		assert.WithinDuration(t, time.Now(), f.Captured, bound)
		assert.Zero(t, f.Rotation)
		if i > 0 {
			assert.GreaterOrEqual(t, f.PTS-last.PTS, 130*time.Millisecond)
			assert.GreaterOrEqual(t, counter-lastCounter, uint32(4), "every sixth of 30, however it is rounded")
			assert.InDelta(t, (f.PTS - last.PTS).Seconds(), f.Captured.Sub(last.Captured).Seconds(), 0.2)
		}
		last, lastCounter = f, counter
	}
}
