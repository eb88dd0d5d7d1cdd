// Package codec encodes and decodes pictures and sound: H.264 (constrained baseline), VP8 and Opus. For H.264 and Opus it uses,
// with cgo, the static libraries that mediadevices brings along, so that a C and a C++ compiler are all a machine needs.
// Without cgo Opus is encoded and decoded in Go, H.264 answers with an UnavailableError, and pictures are VP8, which is encoded
// in Go everywhere, and decoded so where libvpx is not installed.
package codec

import (
	"errors"
	"image"
)

// The codecs of this package, named as in SDP. Names are compared without regard to case.
const (
	H264 = "video/H264"
	VP8  = "video/VP8"
	Opus = "audio/opus"
)

// VideoParams says what a video encoder should produce.
type VideoParams struct {
	// Width and Height are the size of the picture, 16 to 4096 and 16 to 2304. H.264 in 4:2:0 has even sizes only: an odd
	// one is rounded down.
	Width, Height int
	// FPS is the number of pictures per second that rate control expects, 1 to 60. Default 30.
	FPS int
	// Bitrate is the target in bit/s. Default: 0.1 bit per pixel.
	Bitrate int
	// KeyFrameInterval is the number of frames from one key frame to the next. 0: only the first, and those asked for.
	KeyFrameInterval int
}

// VideoEncoder turns pictures into access units. All methods may be called from any goroutine.
type VideoEncoder interface {
	// Encode encodes one picture of the encoder's size in 4:2:0. Data is an Annex B access unit and valid until the next
	// Encode; it is empty when rate control left the picture out to stay within the bitrate (never a key frame).
	Encode(img *image.YCbCr) (data []byte, key bool, err error)
	// ForceKeyFrame makes the next picture a key frame.
	ForceKeyFrame() error
	// SetBitrate changes the target, in bit/s, from the next picture on.
	SetBitrate(bps int) error
	// Close frees the encoder. Further calls of the other methods return ErrClosed.
	Close() error
}

// VideoDecoder turns access units into pictures. All methods may be called from any goroutine.
type VideoDecoder interface {
	// Decode decodes one access unit, of H.264 as Annex B. A nil picture without an error means that there is none yet. The picture is
	// valid until the next Decode. After an error nothing is decoded until a key frame comes: until then Decode
	// returns ErrKeyFrameNeeded.
	Decode(au []byte) (*image.YCbCr, error)
	// Close frees the decoder. Further calls of Decode return ErrClosed.
	Close() error
}

// AudioEncoder turns PCM into packets. All methods may be called from any goroutine.
type AudioEncoder interface {
	// Encode encodes one frame of interleaved samples (2.5, 5, 10, 20, 40 or 60 ms) into out, and returns the packet's
	// size. MaxAudioPacket bytes are always enough.
	Encode(pcm []int16, out []byte) (int, error)
	// SetBitrate changes the target, in bit/s (6,000 to 510,000).
	SetBitrate(bps int) error
	// SetLoss tells which part of the packets is lost (0 to 1), which decides how much of the bitrate goes into forward error
	// correction. Below 0.1, where it begins, and above 0.4 there is no difference; without cgo there is none at all.
	SetLoss(part float64) error
	// SetDTX turns discontinuous transmission on or off (off in the beginning): of a pause that lasts for 200 ms or more nothing
	// is encoded but one packet every 400 ms, and everything else IsPause.
	SetDTX(on bool) error
	// Close frees the encoder. Further calls of the other methods return ErrClosed.
	Close() error
}

// AudioDecoder turns packets into PCM. All methods may be called from any goroutine.
type AudioDecoder interface {
	// Decode decodes one packet into interleaved samples and returns their number per channel. MaxAudioSamples per channel
	// are always enough.
	Decode(packet []byte, pcm []int16) (samplesPerChannel int, err error)
	// Conceal fills pcm with what a lost packet may have sounded like, and returns the number of samples per channel.
	Conceal(pcm []int16) (int, error)
	// Recover fills pcm, which is as long as the lost packet was, from the redundancy in the packet after it. Where that has
	// none (HasRedundancy) it conceals, and says so.
	Recover(next []byte, pcm []int16) (n int, recovered bool, err error)
	// Close frees the decoder. Further calls of the other methods return ErrClosed.
	Close() error
}

// MaxAudioPacket is the size in bytes of the largest Opus packet with one frame, which is what encoders produce.
const MaxAudioPacket = 1275 * 3

// MaxAudioSamples is the number of samples per channel in the longest Opus packet, 120 ms, at 48 kHz.
const MaxAudioSamples = 5760

// ErrClosed is returned by encoders and decoders after their Close.
var ErrClosed = errors.New("codec: closed")

// ErrKeyFrameNeeded is returned by a VideoDecoder for everything that comes between a damage (or the start) and the next
// key frame. The caller should ask the sender for one.
var ErrKeyFrameNeeded = errors.New("codec: key frame needed")

// UnavailableError says by name what this build or this machine cannot do, and what helps.
type UnavailableError struct {
	// Feature is what is missing, for example "H.264 encoder".
	Feature string
	// Reason says why, for example "built without cgo".
	Reason string
	// Remedy says what helps, for example "build with CGO_ENABLED=1 and a C compiler". May be empty.
	Remedy string
}

func (e *UnavailableError) Error() string {
	s := e.Feature + " unavailable: " + e.Reason
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}
