package rtpkit

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVP8Numbers(t *testing.T) {
	for name, c := range map[string]struct {
		payload, shifted []byte
		numbers, by      VP8Numbers
	}{
		"long":          {[]byte{0x90, 0xe0, 0x81, 0x02, 9, 0x20, 1}, []byte{0x90, 0xe0, 0x82, 0x01, 11, 0x20, 1}, VP8Numbers{0x102, 9}, VP8Numbers{255, 2}},
		"long, wraps":   {[]byte{0x90, 0xc0, 0xff, 0xff, 255, 1}, []byte{0x90, 0xc0, 0x80, 0x00, 0, 1}, VP8Numbers{0x7fff, 255}, VP8Numbers{1, 1}},
		"short":         {[]byte{0x90, 0x80, 0x7f, 1}, []byte{0x90, 0x80, 0x02, 1}, VP8Numbers{127, 0}, VP8Numbers{3, 3}},
		"base alone":    {[]byte{0x80, 0x40, 7, 1}, []byte{0x80, 0x40, 6, 1}, VP8Numbers{0, 7}, VP8Numbers{5, 255}},
		"none":          {[]byte{0x10, 0x55, 1}, []byte{0x10, 0x55, 1}, VP8Numbers{}, VP8Numbers{5, 5}},
		"no extension":  {[]byte{0x90, 0x10, 1, 1}, []byte{0x90, 0x10, 1, 1}, VP8Numbers{}, VP8Numbers{5, 5}},
		"empty":         {nil, nil, VP8Numbers{}, VP8Numbers{1, 1}},
		"cut":           {[]byte{0x90}, []byte{0x90}, VP8Numbers{}, VP8Numbers{1, 1}},
		"cut in the id": {[]byte{0x90, 0xc0, 0x81}, []byte{0x90, 0xc0, 0x81}, VP8Numbers{}, VP8Numbers{1, 1}},
		"cut before it": {[]byte{0x90, 0xc0}, []byte{0x90, 0xc0}, VP8Numbers{}, VP8Numbers{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			p := append([]byte(nil), c.payload...)
			assert.Equal(t, c.numbers, ReadVP8Numbers(p))
			ShiftVP8Numbers(p, c.by)
			assert.Equal(t, c.shifted, append([]byte(nil), p...))
			ShiftVP8Numbers(p, VP8Numbers{}.Minus(c.by))
			assert.Equal(t, c.payload, append([]byte(nil), p...))
		})
	}
	assert.Equal(t, VP8Numbers{0x8000, 0}, VP8Numbers{0x7fff, 255}.Next())
	assert.Equal(t, VP8Numbers{12, 3}, VP8Numbers{10, 2}.Plus(VP8Numbers{2, 1}))
}

func FuzzVP8Numbers(f *testing.F) {
	f.Add([]byte{0x90, 0xe0, 0x81, 0x02, 9, 0x20, 1}, uint16(1), uint8(1))
	f.Add([]byte{0x90, 0xc0, 0x81}, uint16(77), uint8(255))
	f.Fuzz(func(t *testing.T, p []byte, picture uint16, base uint8) {
		before := append([]byte(nil), p...)
		by := VP8Numbers{picture, base}
		ShiftVP8Numbers(p, by)
		assert.Equal(t, IsKeyFrame("video/VP8", before), IsKeyFrame("video/VP8", p))
		ShiftVP8Numbers(p, VP8Numbers{}.Minus(by))
		assert.Equal(t, before, append([]byte{}, p...))
	})
}
