package codec

import (
	"encoding/binary"
	"image"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// vp8Frames are 30 frames of the test picture of member 7, 170x96, with a key frame every 15, made by libvpx.
func vp8Frames(t testing.TB) (frames [][]byte) {
	t.Helper()
	ivf, err := os.ReadFile("testdata/pattern_vp8.ivf")
	require.NoError(t, err)
	for rest := ivf[32:]; len(rest) > 12; {
		n := binary.LittleEndian.Uint32(rest)
		frames = append(frames, rest[12:12+n])
		rest = rest[12+n:]
	}
	require.Len(t, frames, 30)
	return frames
}

// eachVP8Decoder runs a test with the decoder in Go, and with the one that is used here, which is libvpx where that is installed.
func eachVP8Decoder(t *testing.T, test func(t *testing.T, d VideoDecoder)) {
	preferred, err := NewVideoDecoder("video/vp8")
	require.NoError(t, err)
	for name, d := range map[string]VideoDecoder{"go": newGoVP8Decoder(), "preferred": preferred} {
		t.Run(name, func(t *testing.T) { test(t, d) })
		require.NoError(t, d.Close())
		require.NoError(t, d.Close())
		_, err = d.Decode(vp8Frames(t)[0])
		require.ErrorIs(t, err, ErrClosed)
	}
}

func TestVP8OfLibvpxIsDecoded(t *testing.T) {
	eachVP8Decoder(t, func(t *testing.T, d VideoDecoder) {
		frames := vp8Frames(t)
		_, err := d.Decode(frames[1])
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
	})
}

func TestDamagedVP8(t *testing.T) {
	eachVP8Decoder(t, func(t *testing.T, d VideoDecoder) {
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
	})
}

func TestCheckVP8(t *testing.T) {
	frames := vp8Frames(t)
	for i, f := range frames {
		key, err := checkVP8(f)
		require.NoError(t, err)
		assert.Equal(t, i%15 == 0, key, "frame %d", i)
	}
	huge := append([]byte(nil), frames[0]...)
	huge[6], huge[7] = 0xff, 0x3f
	for name, f := range map[string][]byte{
		"nothing": nil, "short": {0, 0, 0}, "no start code": make([]byte, 20), "huge": huge, "long": make([]byte, maxAccessUnit+1),
	} {
		_, err := checkVP8(f)
		assert.Error(t, err, name)
	}
}
