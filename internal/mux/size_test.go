package mux

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPictureSize(t *testing.T) {
	for _, c := range []struct {
		codec, key string
		w, h       int
	}{
		{H264, string(keyFrame), 640, 360},
		{H264, string(delta), nominalWidth, nominalHeight},
		{"video/vp8", "\x10\x02\x00\x9d\x01\x2a\x40\x01\xb4\x40", 320, 180},
		{VP8, "\x10\x02", nominalWidth, nominalHeight},
		{VP9, "\x82\x49\x83\x42\x00\x13\xf0\x0b\x36", 320, 180},
		{VP9, "\x86\x49\x83\x42\x00\x13\xf0\x0b\x36", nominalWidth, nominalHeight},
		{VP9, "\x82\x49\x83\x42\x00\x13", nominalWidth, nominalHeight},
		{VP9, "", nominalWidth, nominalHeight},
	} {
		w, h := pictureSize(c.codec, []byte(c.key))
		assert.Equal(t, [2]int{c.w, c.h}, [2]int{w, h}, "%s %x", c.codec, c.key)
	}
}
