package codec

import (
	"encoding/binary"
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

// Without libvpx the error says what is missing; with it, see the tests with the tag ffmpeg.
func TestVP8OrWhatIsMissing(t *testing.T) {
	d, err := NewVideoDecoder("video/vp8")
	if err == nil {
		defer func() { require.NoError(t, d.Close()) }()
		img, err := d.Decode(vp8Frames(t)[0])
		require.NoError(t, err)
		_, _, ok := testpattern.Read(img)
		assert.True(t, ok)
		return
	}
	var missing *UnavailableError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "VP8 decoder", missing.Feature)
	assert.Contains(t, missing.Error(), "libvpx")
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
