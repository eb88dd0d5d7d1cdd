//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

// #include "opus_shim.h"
// #cgo noescape opus_encode
// #cgo nocallback opus_encode
import "C"

import (
	"fmt"
	"sync"

	_ "github.com/pion/mediadevices/pkg/codec/opus" // brings the library to link with
)

// The share of lost packets, in percent, that encoders prepare for: it decides how much of the bitrate goes into forward
// error correction. It is never less than what any network may lose at any time.
const (
	expectedLoss = 10
	mostLoss     = 40
)

// Below 16 kHz the library takes whatever is steady for noise, a tone that is held for a second as well. So there only what is
// hardly to be heard may be a pause, 60 decibels below the loudest.
const soundRate = 16000

type opusEncoder struct {
	mu       sync.Mutex
	engine   *C.OpusEncoder // nil after Close
	channels int
	rate     int
	dtx      bool // is wanted
	dozing   bool // the engine does it
}

func newOpusEncoder(rate, channels, bitrate int) (AudioEncoder, error) {
	var status C.int
	engine := C.opus_encoder_create(C.int32_t(rate), C.int(channels), C.OPUS_VOIP, &status)
	if status != 0 || engine == nil {
		return nil, fmt.Errorf("opus encoder: start: %w", opusError(int(status)))
	}
	e := &opusEncoder{engine: engine, channels: channels, rate: rate}
	C.opus_set(engine, C.OPUS_INBAND_FEC, 1)
	C.opus_set(engine, C.OPUS_PACKET_LOSS, expectedLoss)
	if err := e.SetBitrate(bitrate); err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

func (e *opusEncoder) Encode(pcm []int16, out []byte) (int, error) {
	if err := checkFrame(pcm, e.channels, out); err != nil {
		return 0, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return 0, ErrClosed
	}
	if e.dtx && e.rate < soundRate {
		if now := quiet(pcm); now != e.dozing {
			if err := e.doze(now); err != nil {
				return 0, err
			}
		}
	}
	n := C.opus_encode(e.engine, (*C.int16_t)(&pcm[0]), C.int(len(pcm)/e.channels), (*C.uchar)(&out[0]), C.int32_t(len(out)))
	if n < 0 {
		return 0, fmt.Errorf("opus encoder: frame of %d samples: %w", len(pcm)/e.channels, opusError(int(n)))
	}
	return int(n), nil
}

func (e *opusEncoder) SetBitrate(bps int) error {
	const lowest, highest = 6000, 510000
	if bps < lowest || bps > highest {
		return fmt.Errorf("opus encoder: bitrate %d bit/s, want %d to %d", bps, lowest, highest)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	if rv := C.opus_set(e.engine, C.OPUS_BITRATE, C.int32_t(bps)); rv != 0 {
		return fmt.Errorf("opus encoder: set bitrate %d bit/s: %w", bps, opusError(int(rv)))
	}
	return nil
}

func (e *opusEncoder) SetLoss(part float64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	percent := min(max(int(100*part+0.5), expectedLoss), mostLoss)
	if rv := C.opus_set(e.engine, C.OPUS_PACKET_LOSS, C.int32_t(percent)); rv != 0 {
		return fmt.Errorf("opus encoder: set loss %d %%: %w", percent, opusError(int(rv)))
	}
	return nil
}

func (e *opusEncoder) SetDTX(on bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	if e.dtx = on; e.dozing == on || on && e.rate < soundRate {
		return nil
	}
	return e.doze(on)
}

// doze lets the engine leave out what it finds to be a pause, or not. mu is held.
func (e *opusEncoder) doze(on bool) error {
	value := C.int32_t(0)
	if on {
		value = 1
	}
	if rv := C.opus_set(e.engine, C.OPUS_DTX, value); rv != 0 {
		return fmt.Errorf("opus encoder: set DTX: %w", opusError(int(rv)))
	}
	e.dozing = on
	return nil
}

func (e *opusEncoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine != nil {
		C.opus_encoder_destroy(e.engine)
		e.engine = nil
	}
	return nil
}
