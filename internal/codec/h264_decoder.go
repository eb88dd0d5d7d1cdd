//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

// #include "h264_shim.h"
// #cgo noescape h264_decode
// #cgo nocallback h264_decode
// #cgo noescape h264_picture
// #cgo nocallback h264_picture
import "C"

import (
	"fmt"
	"image"
	"sync"
)

// h264Decoder wraps the library's decoder, which trusts its input more than a network allows. It is therefore shown slices
// and checked parameter sets only, always starts at a key frame, and is replaced by a new one when parameter sets change
// and after every error.
type h264Decoder struct {
	mu     sync.Mutex
	closed bool
	engine *C.h264_decoder // nil until the first key frame and after an error
	filter h264Filter
	img    *image.YCbCr
}

func newH264Decoder() (VideoDecoder, error) {
	if err := checkOpenH264("H.264 decoder"); err != nil {
		return nil, err
	}
	return &h264Decoder{}, nil
}

func (d *h264Decoder) Decode(au []byte) (*image.YCbCr, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	in, fresh, err := d.filter.next(au)
	if err != nil {
		d.drop()
		return nil, err
	}
	if len(in) == 0 {
		return nil, nil
	}
	if fresh {
		d.drop()
	}
	if d.engine == nil {
		var status C.int
		if d.engine = C.h264_decoder_new(&status); d.engine == nil {
			d.filter.lost()
			return nil, fmt.Errorf("h264 decoder: start: status %d", int(status))
		}
	}
	var size [2]C.int
	if state := C.h264_decode(d.engine, (*C.uchar)(&in[0]), C.int(len(in)), &size[0]); state != 0 {
		d.drop()
		d.filter.lost()
		return nil, fmt.Errorf("h264 decoder: damaged access unit: state %#x", int(state))
	}
	if size[0] <= 0 || size[1] <= 0 {
		return nil, nil
	}
	d.resize(int(size[0]), int(size[1]))
	C.h264_picture(d.engine, (*C.uchar)(&d.img.Y[0]), (*C.uchar)(&d.img.Cb[0]), (*C.uchar)(&d.img.Cr[0]),
		C.int(d.img.YStride), C.int(d.img.CStride))
	return d.img, nil
}

func (d *h264Decoder) resize(w, h int) {
	if d.img == nil || d.img.Rect.Dx() != w || d.img.Rect.Dy() != h {
		d.img = image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	}
}

// drop frees the library's decoder; the next key frame starts a new one.
func (d *h264Decoder) drop() {
	if d.engine != nil {
		C.h264_decoder_free(d.engine)
		d.engine = nil
	}
}

func (d *h264Decoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.drop()
	return nil
}
