package vp8

import (
	"bytes"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	keyframes "golang.org/x/image/vp8"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// scenes are pictures that give the encoder different things to do. They draw the n-th picture.
var scenes = map[string]func(img *image.YCbCr, n int, r *rand.Rand){
	"pattern": func(img *image.YCbCr, n int, _ *rand.Rand) { testpattern.Draw(img, 7, uint32(n)) },
	"noise": func(img *image.YCbCr, _ int, r *rand.Rand) {
		for _, plane := range [][]uint8{img.Y, img.Cb, img.Cr} {
			for i := range plane {
				plane[i] = uint8(r.IntN(256))
			}
		}
	},
	"waves": func(img *image.YCbCr, n int, r *rand.Rand) {
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				v := 126 + 100*math.Sin(float64(x+n)/17)*math.Cos(float64(y+n)/21)
				img.Y[y*img.YStride+x] = uint8(v) + uint8(r.IntN(6))
			}
		}
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = uint8(100+(i+n)%40), uint8(140-n%9)
		}
	},
	"still": func(img *image.YCbCr, _ int, _ *rand.Rand) { testpattern.Draw(img, 7, 1) },
}

func picture(w, h int) *image.YCbCr {
	return image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
}

func TestKeyFramesAreWhatAnotherDecoderReads(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, draw := range scenes {
		for _, size := range []image.Point{{640, 360}, {176, 144}, {50, 34}, {171, 97}, {1, 1}} {
			e := NewEncoder(EncoderParams{Width: size.X, Height: size.Y, FPS: 15, Bitrate: max(size.X*size.Y, 1000)})
			img := picture(size.X, size.Y)
			if min(size.X, size.Y) > 1 {
				draw(img, 3, r)
			}
			frame, key := e.Encode(img)
			require.True(t, key)
			d := keyframes.NewDecoder()
			d.Init(bytes.NewReader(frame), len(frame))
			head, err := d.DecodeFrameHeader()
			require.NoError(t, err, "%s %v", name, size)
			require.Equal(t, size, image.Pt(head.Width, head.Height))
			out, err := d.DecodeFrame()
			require.NoError(t, err)
			agrees(t, e, out)
		}
	}
}

func TestDecoderSeesWhatTheEncoderBelieves(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for name, draw := range scenes {
		for _, size := range []image.Point{{320, 180}, {171, 97}} {
			e, d := NewEncoder(EncoderParams{Width: size.X, Height: size.Y, FPS: 15, Bitrate: size.X * size.Y * 2, KeyFrameInterval: 13}), New()
			img := picture(size.X, size.Y)
			for n := range 40 {
				draw(img, n, r)
				frame, _ := e.Encode(img)
				if len(frame) == 0 {
					continue
				}
				out, err := d.Decode(frame)
				require.NoError(t, err, "%s %v, picture %d", name, size, n)
				require.Equal(t, size, out.Rect.Size())
				agrees(t, e, out)
			}
		}
	}
}

// agrees compares what a decoder made of the last frame with what the encoder believes it made of it.
func agrees(t *testing.T, e *Encoder, out *image.YCbCr) {
	t.Helper()
	w, h := e.params.Width, e.params.Height
	same := func(plane string, a []uint8, aStride int, b []uint8, bStride, w, h int) {
		for y := range h {
			require.True(t, bytes.Equal(a[y*aStride:y*aStride+w], b[y*bStride:y*bStride+w]), "%s, line %d of %d", plane, y, h)
		}
	}
	same("luma", e.ref.y, e.ref.stride, out.Y, out.YStride, w, h)
	same("Cb", e.ref.u, e.ref.uvStride, out.Cb, out.CStride, (w+1)/2, (h+1)/2)
	same("Cr", e.ref.v, e.ref.uvStride, out.Cr, out.CStride, (w+1)/2, (h+1)/2)
}

func TestBitrateIsKept(t *testing.T) {
	const fps, seconds = 15, 6
	r := rand.New(rand.NewPCG(3, 4))
	for name, draw := range scenes {
		for _, bitrate := range []int{150_000, 400_000} {
			e := NewEncoder(EncoderParams{Width: 320, Height: 180, FPS: fps, Bitrate: bitrate})
			img, bits, pictures := picture(320, 180), 0, 0
			for n := range fps * seconds {
				draw(img, n, r)
				frame, _ := e.Encode(img)
				bits += 8 * len(frame)
				if len(frame) > 0 {
					pictures++
				}
			}
			assert.Less(t, bits/seconds, bitrate*125/100, "%s at %d", name, bitrate)
			switch name {
			case "noise": // of which no picture fits
				assert.Less(t, pictures, fps*seconds)
			case "still":
				assert.Equal(t, fps*seconds, pictures)
				assert.Less(t, bits/seconds, 40_000, "what stays costs next to nothing")
			default:
				assert.Equal(t, fps*seconds, pictures, "%s at %d", name, bitrate)
			}
		}
	}
}

func TestBitrateChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	e := NewEncoder(EncoderParams{Width: 320, Height: 180, FPS: 15, Bitrate: 600_000})
	img := picture(320, 180)
	second := func() (bits int) {
		for n := range 15 {
			scenes["waves"](img, n, r)
			frame, _ := e.Encode(img)
			bits += 8 * len(frame)
		}
		return bits
	}
	second()
	assert.InDelta(t, 600_000, second(), 200_000)
	e.SetBitrate(200_000)
	second()
	assert.InDelta(t, 200_000, second(), 70_000)
	e.SetBitrate(600_000)
	second()
	assert.InDelta(t, 600_000, second(), 200_000)
}

func TestKeyFrames(t *testing.T) {
	e := NewEncoder(EncoderParams{Width: 64, Height: 48, FPS: 15, Bitrate: 100_000, KeyFrameInterval: 5})
	img := picture(64, 48)
	var keys []int
	for n := range 20 {
		if n == 7 {
			e.ForceKeyFrame()
		}
		frame, key := e.Encode(img)
		require.NotEmpty(t, frame)
		assert.Equal(t, key, frame[0]&1 == 0)
		if key {
			keys = append(keys, n)
		}
	}
	assert.Equal(t, []int{0, 5, 7, 12, 17}, keys)
}

func TestEncoderDoesNotAllocate(t *testing.T) {
	e := NewEncoder(EncoderParams{Width: 160, Height: 96, FPS: 15, Bitrate: 200_000})
	img, n := picture(160, 96), uint32(0)
	step := func() {
		testpattern.Draw(img, 7, n)
		n++
		e.Encode(img)
	}
	for range 30 {
		step()
	}
	assert.Zero(t, testing.AllocsPerRun(30, step))
}

func BenchmarkEncoder(b *testing.B) {
	for name, draw := range scenes {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(7, 8))
			pictures := make([]*image.YCbCr, 15)
			for n := range pictures {
				pictures[n] = picture(640, 360)
				draw(pictures[n], n, r)
			}
			e := NewEncoder(EncoderParams{Width: 640, Height: 360, FPS: 15, Bitrate: 500_000})
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				e.Encode(pictures[n%len(pictures)])
			}
		})
	}
}
