package testpattern

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadReturnsWhatWasDrawn(t *testing.T) {
	for _, size := range []image.Point{{640, 360}, {1280, 720}, {171, 96}, {170, 96}, {90, 160}, {120, 72}, {333, 241}} {
		img := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		for _, want := range [][2]uint32{{0, 0}, {1, 2}, {math.MaxUint32, math.MaxUint32}, {7, 123456}, {1 << 31, 1}} {
			Draw(img, want[0], want[1])
			member, counter, ok := Read(img)
			require.True(t, ok, "%v %v", size, want)
			assert.Equal(t, want, [2]uint32{member, counter}, "%v", size)
		}
	}
}

func TestReadWorksOnAnyImageAndOnPartsOfOne(t *testing.T) {
	whole := image.NewYCbCr(image.Rect(0, 0, 800, 600), image.YCbCrSubsampleRatio420)
	part := whole.SubImage(image.Rect(100, 50, 420, 230)).(*image.YCbCr)
	Draw(part, 3, 99)
	rgba := image.NewRGBA(part.Bounds())
	draw.Draw(rgba, rgba.Bounds(), part, part.Bounds().Min, draw.Src)
	for _, img := range []image.Image{part, rgba} {
		member, counter, ok := Read(img)
		require.True(t, ok)
		assert.EqualValues(t, 3, member)
		assert.EqualValues(t, 99, counter)
	}
}

func TestReadRefusesWhatIsNoPattern(t *testing.T) {
	noise := image.NewYCbCr(image.Rect(0, 0, 320, 180), image.YCbCrSubsampleRatio420)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Y {
		noise.Y[i] = uint8(rnd.Uint32())
	}
	for name, img := range map[string]image.Image{
		"black": image.NewGray(image.Rect(0, 0, 320, 180)),
		"white": image.NewUniform(color.White),
		"noise": noise,
		"empty": image.NewGray(image.Rectangle{}),
		"tiny":  image.NewGray(image.Rect(0, 0, 4, 4)),
	} {
		if name == "white" {
			white := image.NewGray(image.Rect(0, 0, 320, 180))
			draw.Draw(white, white.Bounds(), img, image.Point{}, draw.Src)
			img = white
		}
		_, _, ok := Read(img)
		assert.False(t, ok, name)
	}
}

func TestReadNoticesOneWrongCell(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 320, 180), image.YCbCrSubsampleRatio420)
	for i := range codeColumns * codeRows {
		Draw(img, 5, 6)
		c := newCode(5, 6)
		colour := white
		if c.bit(i) {
			colour = black
		}
		fill(img, cell(i, 320, 180), colour)
		_, _, ok := Read(img)
		require.False(t, ok, "cell %d", i)
	}
}

func TestPictureMoves(t *testing.T) {
	a := image.NewYCbCr(image.Rect(0, 0, 320, 180), image.YCbCrSubsampleRatio420)
	b := image.NewYCbCr(image.Rect(0, 0, 320, 180), image.YCbCrSubsampleRatio420)
	Draw(a, 1, 10)
	Draw(b, 1, 11)
	assert.NotEqual(t, a.Y[:90*a.YStride], b.Y[:90*b.YStride], "the ball stands still")
	assert.NotEqual(t, a.Y[90*a.YStride:120*a.YStride], b.Y[90*b.YStride:120*b.YStride], "the digits stand still")
}

func TestDrawDoesNotAllocate(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	assert.Zero(t, testing.AllocsPerRun(10, func() { Draw(img, 1, 2) }))
}

func TestToneIsFoundWithinTwoHertz(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for member := range uint32(toneNumber) {
			want := ToneFrequency(member)
			pcm := make([]int16, rate/10)
			tone := NewTone(want, rate)
			tone.Fill(pcm[:len(pcm)/3])
			tone.Fill(pcm[len(pcm)/3:])
			hz, ok := DetectTone(pcm, rate)
			require.True(t, ok, "%v Hz at %d", want, rate)
			assert.InDelta(t, want, hz, 2, "at %d", rate)
		}
	}
}

func TestTonesOfNeighboursDiffer(t *testing.T) {
	for member := range uint32(toneNumber - 1) {
		assert.Greater(t, ToneFrequency(member+1)-ToneFrequency(member), 10.0)
	}
}

func TestNoToneInSilenceNoiseAndScraps(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]int16, 48000)
	for i := range noise {
		noise[i] = int16(rnd.IntN(20000) - 10000)
	}
	direct := make([]int16, 48000)
	for i := range direct {
		direct[i] = 12000
	}
	scrap := make([]int16, 4000)
	NewTone(997, 48000).Fill(scrap)
	for name, pcm := range map[string][]int16{"silence": make([]int16, 48000), "noise": noise, "direct current": direct, "scrap": scrap, "nothing": nil} {
		_, ok := DetectTone(pcm, 48000)
		assert.False(t, ok, name)
	}
}

func BenchmarkDraw(b *testing.B) {
	img := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	b.ReportAllocs()
	for i := range b.N {
		Draw(img, 1, uint32(i))
	}
}

func BenchmarkRead(b *testing.B) {
	img := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	Draw(img, 1, 2)
	b.ReportAllocs()
	for range b.N {
		Read(img)
	}
}
