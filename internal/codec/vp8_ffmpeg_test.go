//go:build ffmpeg

package codec

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// The tag's programs bring libvpx along.

func TestPatternSurvivesVP8(t *testing.T) {
	d, err := NewVideoDecoder(VP8)
	require.NoError(t, err)
	frames := vp8Frames(t)
	_, err = d.Decode(frames[1])
	require.ErrorIs(t, err, ErrKeyFrameNeeded)
	for i, f := range frames {
		img, err := d.Decode(f)
		require.NoError(t, err)
		require.NotNil(t, img)
		require.Equal(t, image.Rect(0, 0, 170, 96), img.Rect)
		member, counter, ok := testpattern.Read(img)
		require.True(t, ok, "frame %d", i)
		require.Equal(t, [2]uint32{7, uint32(i)}, [2]uint32{member, counter})
	}
	require.NoError(t, d.Close())
	require.NoError(t, d.Close())
	_, err = d.Decode(frames[0])
	assert.ErrorIs(t, err, ErrClosed)
}

func TestDamagedVP8(t *testing.T) {
	d, err := NewVideoDecoder(VP8)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	frames := vp8Frames(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		for i, f := range frames[:5] {
			bad := append([]byte(nil), f[:1+r.IntN(len(f))]...)
			for range r.IntN(20) {
				bad[r.IntN(len(bad))] = byte(r.IntN(256))
			}
			if i == r.IntN(5) {
				bad = f
			}
			_, _ = d.Decode(bad) // what comes of it does not matter, as long as it comes back
		}
	}
	img, err := d.Decode(frames[15])
	require.NoError(t, err, "a whole key frame mends all")
	_, counter, ok := testpattern.Read(img)
	require.True(t, ok)
	assert.EqualValues(t, 15, counter)
}
