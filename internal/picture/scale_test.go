package picture

import (
	"bytes"
	"image"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func TestPicturesSurviveScaling(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		src := image.NewYCbCr(image.Rect(0, 0, 1280, 720), ratio)
		plain := image.NewYCbCr(src.Rect, image.YCbCrSubsampleRatio420)
		testpattern.Draw(plain, 1, 2)
		copy(src.Y, plain.Y)
		for i := range src.Cb {
			src.Cb[i], src.Cr[i] = 90, 160
		}
		for _, size := range []image.Point{{1280, 720}, {640, 360}, {320, 180}, {1920, 1080}, {170, 96}} {
			dst := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
			Crop(dst, src)
			member, counter, ok := testpattern.Read(dst)
			require.True(t, ok, "%v %v", ratio, size)
			assert.Equal(t, [2]uint32{1, 2}, [2]uint32{member, counter})
			assert.Equal(t, bytes.Repeat([]byte{90}, len(dst.Cb)), dst.Cb, "%v %v", ratio, size)
			assert.Equal(t, bytes.Repeat([]byte{160}, len(dst.Cr)), dst.Cr, "%v %v", ratio, size)
		}
	}
}

func TestOtherPicturesAreConverted(t *testing.T) {
	plain := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	testpattern.Draw(plain, 3, 4)
	rgba := image.NewRGBA(image.Rect(0, 0, 640, 480)) // the pattern in the middle
	draw.Draw(rgba, image.Rect(0, 60, 640, 420), plain, image.Point{}, draw.Src)
	dst := image.NewYCbCr(image.Rect(0, 0, 320, 180), image.YCbCrSubsampleRatio420)
	Crop(dst, rgba)
	member, counter, ok := testpattern.Read(dst)
	require.True(t, ok)
	assert.Equal(t, [2]uint32{3, 4}, [2]uint32{member, counter})
	Crop(dst, image.NewGray(image.Rectangle{})) // nothing to see, nothing to do
}

func TestMiddleHasTheShape(t *testing.T) {
	assert.Equal(t, image.Rect(0, 60, 640, 420), Middle(image.Rect(0, 0, 640, 480), 16, 9))
	assert.Equal(t, image.Rect(160, 0, 1120, 720), Middle(image.Rect(0, 0, 1280, 720), 4, 3))
	assert.Equal(t, image.Rect(10, 20, 330, 200), Middle(image.Rect(10, 20, 330, 200), 320, 180))
}

func BenchmarkCrop(b *testing.B) {
	src := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio422)
	dst := image.NewYCbCr(image.Rect(0, 0, 320, 180), image.YCbCrSubsampleRatio420)
	b.ReportAllocs()
	for range b.N {
		Crop(dst, src)
	}
}
