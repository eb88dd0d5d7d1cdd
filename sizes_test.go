package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// Another size, up and down, while the camera is open: the receiver's pictures follow, whole and without negotiation, on the
// same stream; another camera is another stream, and no negotiation either.
func TestSizesAndCamerasWhileOpen(t *testing.T) {
	n, alice, bob := hurtPair(t)
	ids := addCameras(t, alice, 2)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 2}))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	require.NoError(t, showsCamera(testContext(t), v, ids[0]))
	var asked []*crvideotest.Rule
	for _, method := range []string{"offer", "closeVideo", "setDevices"} {
		asked = append(asked, n.WatchMessage(crvideotest.Method(toServer, method).Of("alice")))
	}
	follows := func(height int) (after time.Duration) {
		t.Helper()
		for begun := time.Now(); ; {
			f, err := v.ReadFrame(testContext(t))
			require.NoError(t, err)
			_, _, ok := crvideotest.ReadPattern(f.Image)
			require.True(t, ok, "a picture that is not whole")
			if f.Image.Rect.Dy() == height {
				return time.Since(begun)
			}
		}
	}
	for _, step := range []struct{ size, height int }{{3, 720}, {1, 360}, {2, 480}} {
		require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: step.size}))
		t.Logf("%d lines after %v", step.height, follows(step.height))
	}
	for _, rule := range asked {
		assert.Zero(t, rule.Count(), "nothing of this is needed")
	}
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", ids[1]))
	begun := time.Now()
	require.NoError(t, becomes(testContext(t), v, ids[1]))
	t.Logf("the other camera after %v", time.Since(begun))
	assert.Zero(t, asked[0].Count(), "no negotiation")
	assert.Equal(t, 1, asked[1].Count())
	assert.Zero(t, bob.GetStats().Receiving[0].Lost)
}
