package vp8

import (
	"encoding/binary"
	"image"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// readIVF reads the frames of an IVF file.
func readIVF(t testing.TB, name string) (frames [][]byte) {
	t.Helper()
	ivf, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "DKIFVP80", string(ivf[:4])+string(ivf[8:12]))
	for rest := ivf[binary.LittleEndian.Uint16(ivf[6:]):]; len(rest) >= 12; {
		n := binary.LittleEndian.Uint32(rest)
		frames = append(frames, rest[12:12+n])
		rest = rest[12+n:]
	}
	return frames
}

// raw appends the visible pixels of a picture, plane by plane.
func raw(b []byte, img *image.YCbCr) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		b = append(b, img.Y[y*img.YStride:][:w]...)
	}
	for _, plane := range [][]byte{img.Cb, img.Cr} {
		for y := range (h + 1) / 2 {
			b = append(b, plane[y*img.CStride:][:(w+1)/2]...)
		}
	}
	return b
}
