package codec

import (
	"errors"
	"fmt"
	"image"
	"strings"
)

const (
	minSide   = 16
	maxWidth  = 4096
	maxHeight = 2304
	maxFPS    = 60
)

// NewVideoEncoder returns an encoder for mime, which must be H264 or VP8: other codecs are forwarded and recorded, but
// neither encoded nor decoded, and give an UnavailableError.
func NewVideoEncoder(mime string, p VideoParams) (VideoEncoder, error) {
	isVP8 := strings.EqualFold(mime, VP8)
	if !isVP8 && !strings.EqualFold(mime, H264) {
		return nil, unknown(mime, "encoder")
	}
	p, err := p.check()
	if err != nil {
		return nil, err
	}
	if isVP8 {
		return newVP8Encoder(p), nil
	}
	return newH264Encoder(p)
}

// NewVideoDecoder returns a decoder for mime, which must be H264 or VP8; see NewVideoEncoder.
func NewVideoDecoder(mime string) (VideoDecoder, error) {
	switch {
	case strings.EqualFold(mime, H264):
		return newH264Decoder()
	case strings.EqualFold(mime, VP8):
		return newVP8Decoder(), nil
	}
	return nil, unknown(mime, "decoder")
}

// NewAudioEncoder returns an encoder for mime, which must be Opus, at a rate of 8000, 12000, 16000, 24000 or 48000 Hz, with 1 or 2
// channels and a bitrate in bit/s (0: 32,000 per channel). With cgo forward error correction is in the packets.
func NewAudioEncoder(mime string, rate, channels, bitrate int) (AudioEncoder, error) {
	if err := checkAudio(mime, "encoder", rate, channels); err != nil {
		return nil, err
	}
	if bitrate == 0 {
		bitrate = 32000 * channels
	}
	return newOpusEncoder(rate, channels, bitrate)
}

// NewAudioDecoder returns a decoder for mime, which must be Opus, to a rate of 8000, 12000, 16000, 24000 or 48000 Hz and 1 or 2
// channels, whatever was encoded.
func NewAudioDecoder(mime string, rate, channels int) (AudioDecoder, error) {
	if err := checkAudio(mime, "decoder", rate, channels); err != nil {
		return nil, err
	}
	return newOpusDecoder(rate, channels)
}

func checkAudio(mime, what string, rate, channels int) error {
	if !strings.EqualFold(mime, Opus) {
		return unknown(mime, what)
	}
	switch rate {
	case 8000, 12000, 16000, 24000, 48000:
	default:
		return fmt.Errorf("opus %s: sample rate %d Hz is none of 8000, 12000, 16000, 24000, 48000", what, rate)
	}
	if channels != 1 && channels != 2 {
		return fmt.Errorf("opus %s: %d channels, want 1 or 2", what, channels)
	}
	return nil
}

// checkFrame refuses what no Opus encoder can make a packet of.
func checkFrame(pcm []int16, channels int, out []byte) error {
	if len(pcm) == 0 || len(pcm)%channels != 0 {
		return fmt.Errorf("opus encoder: %d samples for %d channels", len(pcm), channels)
	}
	if len(out) == 0 {
		return errors.New("opus encoder: no room for the packet")
	}
	return nil
}

// check returns p with defaults filled in and sizes made even.
func (p VideoParams) check() (VideoParams, error) {
	p.Width, p.Height = p.Width&^1, p.Height&^1
	if p.Width < minSide || p.Height < minSide || p.Width > maxWidth || p.Height > maxHeight {
		return p, fmt.Errorf("video encoder: size %dx%d is not within %dx%d and %dx%d", p.Width, p.Height, minSide, minSide, maxWidth, maxHeight)
	}
	if p.FPS == 0 {
		p.FPS = 30
	}
	if p.FPS < 1 || p.FPS > maxFPS {
		return p, fmt.Errorf("video encoder: %d pictures a second, want 1 to %d", p.FPS, maxFPS)
	}
	if p.Bitrate == 0 {
		p.Bitrate = p.Width * p.Height * p.FPS / 10
	}
	if p.Bitrate < 0 {
		return p, fmt.Errorf("video encoder: bitrate %d bit/s", p.Bitrate)
	}
	if p.KeyFrameInterval < 0 {
		return p, fmt.Errorf("video encoder: key frame interval %d", p.KeyFrameInterval)
	}
	return p, nil
}

// fits makes sure that an encoder reads inside the planes only.
func (p VideoParams) fits(img *image.YCbCr) error {
	w, h := p.Width, p.Height
	if img.Rect.Dx()&^1 != w || img.Rect.Dy()&^1 != h {
		return fmt.Errorf("picture is %dx%d, encoder %dx%d", img.Rect.Dx(), img.Rect.Dy(), w, h)
	}
	if img.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return fmt.Errorf("picture is %v, want 4:2:0", img.SubsampleRatio)
	}
	y, c := img.YOffset(img.Rect.Min.X, img.Rect.Min.Y), img.COffset(img.Rect.Min.X, img.Rect.Min.Y)
	yEnd, cEnd := y+(h-1)*img.YStride+w, c+(h/2-1)*img.CStride+w/2
	if y < 0 || c < 0 || img.YStride < w || img.CStride < w/2 || len(img.Y) < yEnd || len(img.Cb) < cEnd || len(img.Cr) < cEnd {
		return fmt.Errorf("planes are too short for %dx%d", w, h)
	}
	return nil
}

func unknown(mime, what string) error {
	_, name, _ := strings.Cut(mime, "/")
	if name == "" {
		name = mime
	}
	return &UnavailableError{Feature: name + " " + what, Reason: "not part of this build", Remedy: "use H264 and opus, or forward encoded samples"}
}
