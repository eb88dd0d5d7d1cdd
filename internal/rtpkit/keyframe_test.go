package rtpkit

import (
	"testing"

	"github.com/pion/rtp/codecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsKeyFrame(t *testing.T) {
	for _, c := range []struct {
		name, mime string
		payload    []byte
		want       bool
	}{
		{"h264 sps", "video/H264", []byte{0x67, 0x42}, true},
		{"h264 pps", "video/H264", []byte{0x68, 0x42}, false},
		{"h264 idr, first slice", "video/H264", []byte{0x65, 0x88}, true},
		{"h264 idr, second slice", "video/H264", []byte{0x65, 0x40}, false},
		{"h264 slice", "video/H264", []byte{0x41, 0x88}, false},
		{"h264 stap-a with sps", "video/H264", []byte{0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68}, true},
		{"h264 stap-a, sps second", "video/H264", []byte{0x78, 0, 1, 0x09, 0, 2, 0x67, 0x42}, true},
		{"h264 stap-a without", "video/H264", []byte{0x78, 0, 1, 0x06, 0, 1, 0x41}, false},
		{"h264 stap-a cut", "video/H264", []byte{0x78, 0, 9, 0x67}, false},
		{"h264 stap-a empty unit", "video/H264", []byte{0x78, 0, 0, 0x67, 0x67}, false},
		{"h264 fu-a idr start", "video/h264", []byte{0x7c, 0x85, 0x88}, true},
		{"h264 fu-a idr middle", "video/h264", []byte{0x7c, 0x05, 0x88}, false},
		{"h264 fu-a slice start", "video/h264", []byte{0x7c, 0x81, 0x88}, false},
		{"h264 short", "video/H264", []byte{0x67}, false},
		{"vp8 key", "video/VP8", []byte{0x10, 0x10, 0, 0}, true},
		{"vp8 inter", "video/VP8", []byte{0x10, 0x11, 0, 0}, false},
		{"vp8 continuation", "video/VP8", []byte{0x00, 0x10}, false},
		{"vp8 other partition", "video/VP8", []byte{0x11, 0x10}, false},
		{"vp8 long picture id", "video/VP8", []byte{0x90, 0xf0, 0x81, 0x23, 1, 1, 0x10}, true},
		{"vp8 short picture id", "video/VP8", []byte{0x90, 0x80, 0x23, 0x11}, false},
		{"vp8 cut", "video/VP8", []byte{0x90, 0x80}, false},
		{"vp9 key", "video/VP9", []byte{0x88, 0x12, 0x82}, true},
		{"vp9 inter", "video/VP9", []byte{0xc8, 0x12, 0x82}, false},
		{"vp9 middle", "video/VP9", []byte{0x80, 0x12, 0x82}, false},
		{"vp9 upper layer", "video/VP9", []byte{0xa8, 0x12, 0x02}, false},
		{"vp9 base layer", "video/VP9", []byte{0xa8, 0x92, 0x34, 0x00}, true},
		{"av1 new sequence", "video/AV1", []byte{0x18, 0x0a}, true},
		{"av1 continued", "video/AV1", []byte{0x98, 0x0a}, false},
		{"av1 inter", "video/AV1", []byte{0x10, 0x32}, false},
		{"opus", "audio/opus", []byte{0x67, 0x42}, false},
		{"empty", "video/H264", nil, false},
	} {
		assert.Equal(t, c.want, IsKeyFrame(c.mime, c.payload), c.name)
	}
}

func TestIsKeyFrameOnPayloaders(t *testing.T) {
	big := make([]byte, 3000)
	idr := append(append([]byte{0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65, 0x88}, big...), 0x80)
	packets := (&codecs.H264Payloader{}).Payload(1200, idr)
	require.Greater(t, len(packets), 2)
	assert.True(t, IsKeyFrame("video/H264", packets[0]), "the parameter sets")
	assert.True(t, IsKeyFrame("video/H264", packets[1]), "the first slice")
	assert.False(t, IsKeyFrame("video/H264", packets[2]))

	packets = (&codecs.VP8Payloader{EnablePictureID: true}).Payload(1200, append([]byte{0x10}, big...))
	assert.True(t, IsKeyFrame("video/VP8", packets[0]))
	assert.False(t, IsKeyFrame("video/VP8", packets[1]))
}

func FuzzIsKeyFrame(f *testing.F) {
	f.Add([]byte{0x78, 0, 2, 0x67, 0x42})
	f.Fuzz(func(_ *testing.T, p []byte) {
		for _, mime := range []string{"video/H264", "video/VP8", "video/VP9", "video/AV1"} {
			IsKeyFrame(mime, p)
		}
	})
}
