//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

// #include "h264_shim.h"
// #cgo noescape h264_encode
// #cgo nocallback h264_encode
// #cgo noescape h264_take
// #cgo nocallback h264_take
import "C"

import (
	"fmt"
	"image"
	"sync"

	_ "github.com/pion/mediadevices/pkg/codec/openh264" // brings the library to link with
)

// DefaultVideo is what pictures are encoded in unless told otherwise.
const DefaultVideo = H264

type h264Encoder struct {
	mu       sync.Mutex
	engine   *C.h264_encoder // nil after Close
	params   VideoParams
	frames   int64
	forceKey bool
	out      []byte
}

func newH264Encoder(p VideoParams) (VideoEncoder, error) {
	if err := checkOpenH264("H.264 encoder"); err != nil {
		return nil, err
	}
	var status C.int
	engine := C.h264_encoder_new(C.int(p.Width), C.int(p.Height), C.int(p.FPS), C.int(p.Bitrate), C.int(p.KeyFrameInterval), &status)
	if engine == nil {
		return nil, fmt.Errorf("h264 encoder: start %dx%d at %d bit/s: status %d", p.Width, p.Height, p.Bitrate, int(status))
	}
	return &h264Encoder{engine: engine, params: p}, nil
}

// checkOpenH264 refuses a library whose structures may differ from those declared here.
func checkOpenH264(feature string) error {
	var v C.oh_version
	if C.h264_supported(&v) == 0 {
		return &UnavailableError{
			Feature: feature,
			Reason:  fmt.Sprintf("linked with OpenH264 %d.%d, made for 2.1", v.major, v.minor),
			Remedy:  "use the version of mediadevices that go.mod requires",
		}
	}
	return nil
}

func (e *h264Encoder) Encode(img *image.YCbCr) ([]byte, bool, error) {
	if err := e.params.fits(img); err != nil {
		return nil, false, fmt.Errorf("h264 encoder: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return nil, false, ErrClosed
	}
	force := C.int(0)
	if e.forceKey {
		force = 1
	}
	var key C.int
	ms := e.frames * 1000 / int64(e.params.FPS)
	e.frames++
	y, c := img.YOffset(img.Rect.Min.X, img.Rect.Min.Y), img.COffset(img.Rect.Min.X, img.Rect.Min.Y)
	size := C.h264_encode(e.engine, (*C.uchar)(&img.Y[y]), (*C.uchar)(&img.Cb[c]), (*C.uchar)(&img.Cr[c]),
		C.int(img.YStride), C.int(img.CStride), force, C.longlong(ms), &key)
	if size < 0 {
		return nil, false, fmt.Errorf("h264 encoder: encode: status %d", int(size))
	}
	if size == 0 {
		return nil, false, nil
	}
	if key != 0 {
		e.forceKey = false
	}
	if cap(e.out) < int(size) {
		e.out = make([]byte, int(size)*3/2)
	}
	e.out = e.out[:size]
	C.h264_take(e.engine, (*C.uchar)(&e.out[0]))
	return e.out, key != 0, nil
}

func (e *h264Encoder) ForceKeyFrame() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	e.forceKey = true
	return nil
}

func (e *h264Encoder) SetBitrate(bps int) error {
	if bps <= 0 {
		return fmt.Errorf("h264 encoder: bitrate %d bit/s", bps)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	if rv := C.h264_set_bitrate(e.engine, C.int(bps)); rv != 0 {
		return fmt.Errorf("h264 encoder: set bitrate %d bit/s: status %d", bps, int(rv))
	}
	return nil
}

func (e *h264Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine != nil {
		C.h264_encoder_free(e.engine)
		e.engine = nil
	}
	return nil
}
