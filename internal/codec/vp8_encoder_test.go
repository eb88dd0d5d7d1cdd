package codec

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func TestPatternSurvivesVP8(t *testing.T) {
	for _, p := range []VideoParams{
		{Width: 640, Height: 360, FPS: 30, Bitrate: 400_000},
		{Width: 171, Height: 96, FPS: 15, Bitrate: 100_000},
		{Width: 320, Height: 180, FPS: 15, Bitrate: 150_000},
		{Width: 360, Height: 640, FPS: 30, Bitrate: 400_000},
		{Width: 1280, Height: 720, FPS: 30, Bitrate: 1_500_000},
	} {
		e, err := NewVideoEncoder("video/vp8", p)
		require.NoError(t, err)
		d, err := NewVideoDecoder(VP8)
		require.NoError(t, err)
		img, bits := image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420), 0
		for i := range 2 * p.FPS {
			testpattern.Draw(img, 7, uint32(i))
			data, key, err := e.Encode(img)
			require.NoError(t, err)
			require.Equal(t, i == 0, key)
			if len(data) == 0 {
				continue
			}
			bits += 8 * len(data)
			out, err := d.Decode(data)
			require.NoError(t, err)
			require.Equal(t, image.Pt(p.Width&^1, p.Height&^1), out.Rect.Size())
			member, counter, ok := testpattern.Read(out)
			require.True(t, ok, "picture %d of %dx%d", i, p.Width, p.Height)
			require.EqualValues(t, 7, member)
			require.EqualValues(t, i, counter)
		}
		assert.Less(t, bits/2, p.Bitrate*5/4)
		require.NoError(t, d.Close())
		require.NoError(t, e.Close())
	}
}

func TestVP8EncoderRefusals(t *testing.T) {
	_, err := NewVideoEncoder(VP8, VideoParams{Width: 8, Height: 8})
	require.Error(t, err)
	e, err := NewVideoEncoder(VP8, VideoParams{Width: 64, Height: 48})
	require.NoError(t, err)
	_, _, err = e.Encode(image.NewYCbCr(image.Rect(0, 0, 32, 48), image.YCbCrSubsampleRatio420))
	require.ErrorContains(t, err, "picture is 32x48, encoder 64x48")
	_, _, err = e.Encode(image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio444))
	require.ErrorContains(t, err, "want 4:2:0")
	_, _, err = e.Encode(&image.YCbCr{Rect: image.Rect(0, 0, 64, 48), SubsampleRatio: image.YCbCrSubsampleRatio420, YStride: 64, CStride: 32})
	require.ErrorContains(t, err, "too short")
	require.Error(t, e.SetBitrate(0))
	for range 2 {
		require.NoError(t, e.Close())
	}
	require.ErrorIs(t, e.SetBitrate(1000), ErrClosed)
	require.ErrorIs(t, e.ForceKeyFrame(), ErrClosed)
	_, _, err = e.Encode(image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420))
	require.ErrorIs(t, err, ErrClosed)
}
