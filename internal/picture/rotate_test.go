package picture

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUpright(t *testing.T) {
	src := image.NewYCbCr(image.Rect(0, 0, 5, 3), image.YCbCrSubsampleRatio420)
	for i := range src.Y {
		src.Y[i] = uint8(i)
	}
	for i := range src.Cb {
		src.Cb[i], src.Cr[i] = uint8(100+i), uint8(200+i)
	}
	// where the point at the upper left is to be found
	for degrees, want := range map[int]image.Point{0: {0, 0}, 90: {2, 0}, 180: {4, 2}, 270: {0, 4}, 45: {0, 0}} {
		dst := Upright(src, degrees)
		assert.Equal(t, src.YCbCrAt(0, 0), dst.YCbCrAt(want.X, want.Y), "%d", degrees)
		back := Upright(dst, (360-degrees)%360)
		if degrees != 45 {
			assert.Equal(t, src, back, "%d and back", degrees)
		}
	}
	assert.EqualValues(t, 10, Upright(src, 90).Y[0], "the lower left comes to the upper left")
}
