//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

// #include "opus_shim.h"
// #cgo noescape opus_decode
// #cgo nocallback opus_decode
// #cgo noescape opus_conceal
// #cgo nocallback opus_conceal
// #cgo noescape opus_recover
// #cgo nocallback opus_recover
import "C"

import (
	"errors"
	"fmt"
	"sync"
)

type opusDecoder struct {
	mu       sync.Mutex
	engine   *C.OpusDecoder // nil after Close
	channels int
}

func newOpusDecoder(rate, channels int) (AudioDecoder, error) {
	var status C.int
	engine := C.opus_decoder_create(C.int32_t(rate), C.int(channels), &status)
	if status != 0 || engine == nil {
		return nil, fmt.Errorf("opus decoder: start: %w", opusError(int(status)))
	}
	return &opusDecoder{engine: engine, channels: channels}, nil
}

func (d *opusDecoder) Decode(packet []byte, pcm []int16) (int, error) {
	if len(packet) == 0 {
		return 0, errors.New("opus decoder: empty packet")
	}
	if len(pcm) < d.channels {
		return 0, errors.New("opus decoder: no room for samples")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine == nil {
		return 0, ErrClosed
	}
	n := C.opus_decode(d.engine, (*C.uchar)(&packet[0]), C.int32_t(len(packet)), (*C.int16_t)(&pcm[0]), C.int(len(pcm)/d.channels), 0)
	if n < 0 {
		return 0, fmt.Errorf("opus decoder: %w", opusError(int(n)))
	}
	return int(n), nil
}

func (d *opusDecoder) Conceal(pcm []int16) (int, error) {
	if len(pcm) < d.channels {
		return 0, errors.New("opus decoder: no room for samples")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine == nil {
		return 0, ErrClosed
	}
	n := C.opus_conceal(d.engine, (*C.int16_t)(&pcm[0]), C.int(len(pcm)/d.channels))
	if n < 0 {
		return 0, fmt.Errorf("opus decoder: conceal: %w", opusError(int(n)))
	}
	return int(n), nil
}

func (d *opusDecoder) Recover(next []byte, pcm []int16) (n int, recovered bool, err error) {
	if !HasRedundancy(next) {
		n, err = d.Conceal(pcm)
		return n, false, err
	}
	if len(pcm) < d.channels {
		return 0, false, errors.New("opus decoder: no room for samples")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine == nil {
		return 0, false, ErrClosed
	}
	status := C.opus_recover(d.engine, (*C.uchar)(&next[0]), C.int32_t(len(next)), (*C.int16_t)(&pcm[0]), C.int(len(pcm)/d.channels))
	if status < 0 {
		return 0, false, fmt.Errorf("opus decoder: recover: %w", opusError(int(status)))
	}
	return int(status), true, nil
}

func (d *opusDecoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine != nil {
		C.opus_decoder_destroy(d.engine)
		d.engine = nil
	}
	return nil
}

func opusError(status int) error { return errors.New(C.GoString(C.opus_strerror(C.int(status)))) }
