//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pion/opus"
)

func newOpusEncoder(int, int, int) (AudioEncoder, error) {
	return nil, &UnavailableError{Feature: "Opus encoder", Reason: noCgo, Remedy: cgoRemedy}
}

// goOpusDecoder decodes in Go. It conceals with silence.
type goOpusDecoder struct {
	mu       sync.Mutex
	closed   bool
	engine   opus.Decoder
	channels int
	samples  []int16
}

func newOpusDecoder(rate, channels int) (AudioDecoder, error) {
	engine, err := opus.NewDecoderWithOutput(rate, channels)
	if err != nil {
		return nil, fmt.Errorf("opus decoder: start: %w", err)
	}
	return &goOpusDecoder{engine: engine, channels: channels, samples: make([]int16, MaxAudioSamples*channels)}, nil
}

func (d *goOpusDecoder) Decode(packet []byte, pcm []int16) (n int, err error) {
	if len(packet) == 0 {
		return 0, errors.New("opus decoder: empty packet")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return 0, ErrClosed
	}
	// A forged packet must not end the program, whatever the decoder thinks of it.
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("opus decoder: damaged packet: %v", p)
		}
	}()
	n, err = d.engine.DecodeToInt16(packet, d.samples)
	if err != nil {
		return 0, fmt.Errorf("opus decoder: %w", err)
	}
	if len(pcm) < n*d.channels {
		return 0, errors.New("opus decoder: no room for samples")
	}
	copy(pcm, d.samples[:n*d.channels])
	return n, nil
}

func (d *goOpusDecoder) Conceal(pcm []int16) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return 0, ErrClosed
	}
	clear(pcm)
	return len(pcm) / d.channels, nil
}

func (d *goOpusDecoder) Recover(_ []byte, pcm []int16) (n int, recovered bool, err error) {
	n, err = d.Conceal(pcm)
	return n, false, err
}

func (d *goOpusDecoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	return nil
}
