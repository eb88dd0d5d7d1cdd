package crvideo_test

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func TestRemoveCamera(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	synthetic := alice.GetDefaultVideo("")
	var q crvideo.PictureQueue
	id, err := alice.AddCanvasVCam(testContext(t), &q, "canvas", crvideo.CanvasVCamOptions{FPS: 10})
	require.NoError(t, err)
	require.GreaterOrEqual(t, id, 50)
	other, err := alice.AddCamera(testContext(t), "other", q.Open)
	require.NoError(t, err)
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", id))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	stop := write(t, &q, func(n uint32) image.Image { return pattern(128, 96, n) })
	defer stop()
	v, err := bob.Video("alice", id)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	f, err := v.ReadFrame(testContext(t))
	require.NoError(t, err)
	member, _, _ := crvideotest.ReadPattern(f.Image)
	assert.EqualValues(t, 77, member)

	require.NoError(t, alice.RemoveCamera(testContext(t), id))
	assert.Equal(t, crvideo.StatusClosed, alice.GetVideoStatus(""))
	assert.Equal(t, other, alice.GetDefaultVideo(""), "the application's come before the synthetic one")
	eventually(t, "bob hears of it", func() bool {
		return bob.GetVideoStatus("alice") == crvideo.StatusClosed && bob.GetDefaultVideo("alice") == other && len(bob.GetAllVideoInfo("alice")) == 1
	})
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	assert.Equal(t, []int{other}, alice.GetOpenedVideoIDs(""))
	require.NoError(t, alice.RemoveCamera(testContext(t), other))
	assert.Equal(t, synthetic, alice.GetDefaultVideo(""))

	for name, err := range map[string]error{
		"again": alice.RemoveCamera(testContext(t), id), "a real one": alice.RemoveCamera(testContext(t), synthetic), "none": alice.RemoveCamera(testContext(t), 99),
	} {
		assert.ErrorIs(t, err, crvideo.CodeNoDevice, name)
	}
	_, err = alice.AddCanvasVCam(testContext(t), nil, "canvas", crvideo.CanvasVCamOptions{})
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	_, err = alice.AddCanvasVCam(testContext(t), &q, "", crvideo.CanvasVCamOptions{})
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
}

func TestMirrorOfCustomCameras(t *testing.T) {
	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: "127.0.0.1:1"}))
	defer crvideo.Uninit()
	var q crvideo.PictureQueue
	a, err := crvideo.AddStreamCam(q.Open, "stream")
	require.NoError(t, err)
	b, err := crvideo.AddCanvasVCam(&q, "canvas", crvideo.CanvasVCamOptions{})
	require.NoError(t, err)
	assert.Equal(t, []int{50, 51}, []int{a, b})
	assert.Equal(t, a, crvideo.GetDefaultVideo(""))
	require.NoError(t, crvideo.RemoveStreamVideo(a))
	assert.Equal(t, b, crvideo.GetDefaultVideo(""))
	require.NoError(t, crvideo.RemoveCanvasVCam(b))
	assert.ErrorIs(t, crvideo.RemoveCanvasVCam(b), crvideo.CodeNoDevice)
}
