//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)))

package codec

// #cgo linux LDFLAGS: -ldl
// #include "vpx_shim.h"
// #include <stdlib.h>
// #cgo noescape vp8_decode
// #cgo nocallback vp8_decode
// #cgo noescape vp8_picture
// #cgo nocallback vp8_picture
import "C"

import (
	"errors"
	"fmt"
	"image"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// libvpx is loaded when the first decoder is wanted, and looked for again as long as it was not found.
var libvpx struct {
	sync.Mutex
	loaded bool
	names  []string // instead of vpxNames, if a test says so
}

// vpxNames are the names under which the library may be installed, newest first.
func vpxNames() (names []string) {
	if runtime.GOOS == "darwin" {
		return []string{"libvpx.dylib", "/opt/homebrew/lib/libvpx.dylib", "/usr/local/lib/libvpx.dylib"}
	}
	for version := 16; version >= 6; version-- { // libvpx 1.8 was the first with this interface
		names = append(names, fmt.Sprintf("libvpx.so.%d", version))
	}
	return append(names, "libvpx.so")
}

// loadVPX says whether the library is there.
func loadVPX() bool {
	libvpx.Lock()
	defer libvpx.Unlock()
	if libvpx.loaded {
		return true
	}
	list := libvpx.names
	if list == nil {
		list = vpxNames()
	}
	names := C.CString(strings.Join(list, "\x00") + "\x00")
	defer C.free(unsafe.Pointer(names))
	libvpx.loaded = C.vpx_load(names) == 0
	return libvpx.loaded
}

// vp8Decoder wraps libvpx. It always starts at a key frame, and is replaced by a new one after every error.
type vp8Decoder struct {
	mu     sync.Mutex
	closed bool
	engine *C.vp8_decoder // nil until the first key frame and after an error
	img    *image.YCbCr
}

// newVP8Decoder returns a decoder of libvpx where that is installed, since it is several times as fast as the one in Go.
func newVP8Decoder() VideoDecoder {
	if !loadVPX() {
		return newGoVP8Decoder()
	}
	var status C.int
	engine := C.vp8_decoder_new(&status)
	if engine == nil { // a library of another kind
		return newGoVP8Decoder()
	}
	C.vp8_decoder_free(engine) // it works; the first key frame starts another
	return &vp8Decoder{}
}

func (d *vp8Decoder) Decode(frame []byte) (*image.YCbCr, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	key, err := checkVP8(frame)
	if err != nil {
		d.drop()
		return nil, err
	}
	if d.engine == nil {
		if !key {
			return nil, ErrKeyFrameNeeded
		}
		var status C.int
		if d.engine = C.vp8_decoder_new(&status); d.engine == nil {
			return nil, fmt.Errorf("vp8 decoder: start: status %d", int(status))
		}
	}
	var size [2]C.int
	if status := C.vp8_decode(d.engine, (*C.uchar)(&frame[0]), C.int(len(frame)), &size[0]); status != 0 {
		d.drop()
		return nil, fmt.Errorf("vp8 decoder: damaged frame: status %d", int(status))
	}
	if size[0] <= 0 || size[1] <= 0 {
		return nil, nil
	}
	if int(size[0]) > maxWidth || int(size[1]) > maxWidth {
		d.drop()
		return nil, errors.New("vp8 decoder: the picture is larger than its key frame said")
	}
	if want := image.Rect(0, 0, int(size[0]), int(size[1])); d.img == nil || d.img.Rect != want {
		d.img = image.NewYCbCr(want, image.YCbCrSubsampleRatio420)
	}
	C.vp8_picture(d.engine, (*C.uchar)(&d.img.Y[0]), (*C.uchar)(&d.img.Cb[0]), (*C.uchar)(&d.img.Cr[0]),
		C.int(d.img.YStride), C.int(d.img.CStride))
	return d.img, nil
}

// drop frees the library's decoder; the next key frame starts a new one.
func (d *vp8Decoder) drop() {
	if d.engine != nil {
		C.vp8_decoder_free(d.engine)
		d.engine = nil
	}
}

func (d *vp8Decoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.drop()
	return nil
}
