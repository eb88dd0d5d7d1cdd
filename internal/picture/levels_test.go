package picture

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/assert"
)

func near(t *testing.T, want, got color.RGBA, what string) {
	t.Helper()
	for i, d := range []int{int(want.R) - int(got.R), int(want.G) - int(got.G), int(want.B) - int(got.B)} {
		assert.InDelta(t, 0, d, 3, "%s: channel %d: want %v, got %v", what, i, want, got)
	}
}

func TestColoursSurvive(t *testing.T) {
	for _, c := range []color.RGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {12, 200, 99, 255}} {
		src := image.NewRGBA(image.Rect(3, 5, 22, 16)) // odd sides, and not at the origin
		draw.Draw(src, src.Rect, image.NewUniform(c), image.Point{}, draw.Src)
		for name, img := range map[string]image.Image{"RGBA": src, "any": image.NewUniform(c), "NRGBA": nrgba(src)} {
			if name == "any" {
				img = crop{img, src.Rect}
			}
			dst := image.NewYCbCr(image.Rect(0, 0, 19, 11), image.YCbCrSubsampleRatio420)
			Stretch(dst, img)
			for _, p := range []image.Point{{0, 0}, {18, 10}, {9, 5}} {
				near(t, c, At(dst, p.X, p.Y), name)
				near(t, c, color.RGBAModel.Convert(Full(dst).At(p.X, p.Y)).(color.RGBA), name+" in full")
			}
			half := image.NewYCbCr(image.Rect(0, 0, 8, 4), image.YCbCrSubsampleRatio420)
			Stretch(half, img)
			near(t, c, At(half, 7, 3), name+" made smaller")
		}
	}
	black := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio420)
	Stretch(black, image.NewRGBA(image.Rect(0, 0, 2, 2)))
	assert.EqualValues(t, 16, black.Y[0], "video level")
}

// crop gives a picture other bounds.
type crop struct {
	image.Image
	r image.Rectangle
}

func (c crop) Bounds() image.Rectangle { return c.r }

func nrgba(src image.Image) image.Image {
	out := image.NewNRGBA(src.Bounds())
	draw.Draw(out, out.Rect, src, src.Bounds().Min, draw.Src)
	return out
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ src, want image.Point }{
		{image.Pt(1920, 1080), image.Pt(640, 360)},
		{image.Pt(1080, 1920), image.Pt(202, 360)},
		{image.Pt(640, 480), image.Pt(480, 360)},
		{image.Pt(320, 180), image.Pt(320, 180)},
		{image.Pt(321, 181), image.Pt(320, 180)},
		{image.Pt(10000, 10), image.Pt(640, 16)},
		{image.Pt(1, 1), image.Pt(16, 16)},
	} {
		assert.Equal(t, c.want, Fit(c.src, 640, 360), "%v", c.src)
	}
}

func BenchmarkFromRGBA640x360(b *testing.B) {
	src := image.NewRGBA(image.Rect(0, 0, 640, 360))
	dst := image.NewYCbCr(src.Rect, image.YCbCrSubsampleRatio420)
	b.ReportAllocs()
	for b.Loop() {
		Stretch(dst, src)
	}
}
