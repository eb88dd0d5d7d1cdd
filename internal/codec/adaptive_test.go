//go:build cgo

package codec

import (
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// adaptiveRun encodes and decodes a few seconds of a member's pictures, and tells what came out.
type adaptiveRun struct {
	pictures, bytes int
	size            image.Point
}

func (r *adaptiveRun) encode(t *testing.T, e VideoEncoder, d VideoDecoder, from, n int) {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	for i := range n {
		testpattern.Draw(img, 7, uint32(from+i)) // small
		data, _, err := e.Encode(img)
		require.NoError(t, err)
		if len(data) == 0 {
			continue
		}
		r.pictures++
		r.bytes += len(data)
		out, err := d.Decode(data)
		require.NoError(t, err)
		require.NotNil(t, out)
		r.size = out.Rect.Size()
		member, counter, ok := testpattern.Read(out)
		require.True(t, ok, "picture %d of %v cannot be read", i, r.size)
		require.EqualValues(t, 7, member)
		require.EqualValues(t, from+i, counter)
	}
}

func TestAdaptiveEncoderGivesUpPicturesThenSizeAndComesBack(t *testing.T) {
	e, err := NewAdaptiveVideoEncoder(H264, VideoParams{Width: 640, Height: 360, FPS: 30, Bitrate: 600_000})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	d, err := NewVideoDecoder(H264)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	a := e.(*adaptive)

	var full adaptiveRun
	full.encode(t, e, d, 0, 30)
	require.Equal(t, image.Pt(640, 360), full.size)
	require.Equal(t, 30, full.pictures)

	require.NoError(t, e.SetBitrate(150_000))
	var fewer adaptiveRun
	fewer.encode(t, e, d, 30, 60)
	require.Equal(t, image.Pt(640, 360), fewer.size)
	require.LessOrEqual(t, fewer.pictures, 31)
	require.Greater(t, fewer.pictures, 20)

	require.NoError(t, e.SetBitrate(50_000))
	var smaller adaptiveRun
	smaller.encode(t, e, d, 90, 60)
	require.Equal(t, image.Pt(320, 180), smaller.size)
	require.Less(t, smaller.bytes, 50_000/8*4, "two seconds, and a key frame")

	require.NoError(t, e.SetBitrate(600_000))
	a.resized = time.Now().Add(-time.Minute)
	var again adaptiveRun
	again.encode(t, e, d, 150, 30)
	require.Equal(t, image.Pt(640, 360), again.size)
	require.GreaterOrEqual(t, again.pictures, 28)

	require.NoError(t, e.Close())
	_, _, err = e.Encode(image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420))
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, e.SetBitrate(1), ErrClosed)
	require.ErrorIs(t, e.ForceKeyFrame(), ErrClosed)
}

func TestAdaptiveEncoderKeepsWhatWasChosen(t *testing.T) {
	e, err := NewAdaptiveVideoEncoder(H264, VideoParams{Width: 640, Height: 360, FPS: 30, Bitrate: 60_000})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	a := e.(*adaptive)
	every, scale := a.steps()
	require.Equal(t, [2]int{1, 1}, [2]int{every, scale}, "little from the beginning is no want")
}
