package vp8

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The streams in testdata were made by libvpx: in a call (segments, still pictures), with hidden frames and several references
// (altref), several partitions, odd sizes, and of every version of the format. sums.txt has the SHA-256 of the pictures that
// libvpx decodes.
func TestStreamsDecodeAsInLibvpx(t *testing.T) {
	sums, err := os.ReadFile("testdata/sums.txt")
	require.NoError(t, err)
	files, err := filepath.Glob("testdata/*.ivf")
	require.NoError(t, err)
	require.Len(t, files, 7)
	d, got := New(), ""
	for _, file := range files { // with one decoder, which changes its size at each
		for i, frame := range readIVF(t, file) {
			img, err := d.Decode(frame)
			require.NoError(t, err, "%s, frame %d", file, i)
			sum := "hidden"
			if img != nil {
				s := sha256.Sum256(raw(nil, img))
				sum = hex.EncodeToString(s[:])
			}
			got += fmt.Sprintf("%s %d %s\n", filepath.Base(file), i, sum)
		}
	}
	require.Equal(t, strings.Split(string(sums), "\n"), strings.Split(got, "\n"))
}

func TestDecoderWaitsForKeyFrame(t *testing.T) {
	frames := readIVF(t, "testdata/call.ivf")
	d := New()
	for _, f := range [][]byte{nil, {}, frames[1]} {
		_, err := d.Decode(f)
		require.ErrorIs(t, err, ErrKeyFrameNeeded)
	}
	img, err := d.Decode(frames[0])
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 640, 360), img.Rect)
	again, err := d.Decode(nil)
	require.NoError(t, err)
	require.Equal(t, img, again, "nothing came: the last picture stays")
	_, err = d.Decode(frames[1][:len(frames[1])/3])
	require.Error(t, err)
	for _, f := range [][]byte{nil, frames[1]} {
		_, err = d.Decode(f)
		require.ErrorIs(t, err, ErrKeyFrameNeeded)
	}
	_, err = d.Decode(frames[0])
	require.NoError(t, err)
	_, err = d.Decode(frames[1])
	require.NoError(t, err)
}

func TestBadFrames(t *testing.T) {
	key := readIVF(t, "testdata/version1.ivf")[0]
	change := func(change func(f []byte) []byte) []byte { return change(append([]byte(nil), key...)) }
	for name, f := range map[string][]byte{
		"short":               key[:2],
		"no size":             key[:9],
		"no start code":       change(func(f []byte) []byte { f[4]++; return f }),
		"no width":            change(func(f []byte) []byte { f[6], f[7] = 0, 0; return f }),
		"no height":           change(func(f []byte) []byte { f[8], f[9] = 0, 0; return f }),
		"too wide":            change(func(f []byte) []byte { f[7] = 0x3f; return f }),
		"too high":            change(func(f []byte) []byte { f[9] = 0x3f; return f }),
		"too large":           change(func(f []byte) []byte { f[7], f[9] = 0x0f, 0x0f; return f }),
		"no first partition":  change(func(f []byte) []byte { f[0] &= 0x1f; f[1], f[2] = 0, 0; return f }),
		"first one cut short": key[:11],
		"cut short":           key[:len(key)/2],
	} {
		img, err := New().Decode(f)
		require.Error(t, err, name)
		require.Nil(t, img, name)
	}
}

func TestDecoderDoesNotAllocate(t *testing.T) {
	for _, file := range []string{"altref", "segments", "version2"} {
		frames := readIVF(t, "testdata/"+file+".ivf")
		d := New()
		all := func() {
			for _, f := range frames {
				_, err := d.Decode(f)
				require.NoError(t, err)
			}
		}
		assert.Zero(t, testing.AllocsPerRun(5, all), file)
	}
}

func BenchmarkDecoder(b *testing.B) {
	frames := readIVF(b, "testdata/call.ivf") // 640x360
	d := New()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := d.Decode(frames[n%len(frames)]); err != nil {
			b.Fatal(err)
		}
	}
}
