//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tphakala/go-opus/opus"
)

// goOpusDecoder decodes in Go, all that Opus has: voices and music, concealment and forward error correction.
type goOpusDecoder struct {
	mu       sync.Mutex
	engine   *opus.Decoder // nil after Close
	channels int
}

func newOpusDecoder(rate, channels int) (AudioDecoder, error) {
	engine, err := opus.NewDecoder(rate, channels)
	if err != nil {
		return nil, fmt.Errorf("opus decoder: start: %w", err)
	}
	return &goOpusDecoder{engine: engine, channels: channels}, nil
}

func (d *goOpusDecoder) Decode(packet []byte, pcm []int16) (int, error) {
	if len(packet) == 0 {
		return 0, errors.New("opus decoder: empty packet")
	}
	return d.run(pcm, "", func(engine *opus.Decoder) (int, error) { return engine.Decode(packet, pcm) })
}

func (d *goOpusDecoder) Conceal(pcm []int16) (int, error) {
	return d.run(pcm, "conceal: ", func(engine *opus.Decoder) (int, error) { return engine.Decode(nil, pcm) })
}

func (d *goOpusDecoder) Recover(next []byte, pcm []int16) (n int, recovered bool, err error) {
	if !HasRedundancy(next) {
		n, err = d.Conceal(pcm)
		return n, false, err
	}
	n, err = d.run(pcm, "recover: ", func(engine *opus.Decoder) (int, error) { return engine.DecodeFEC(next, pcm) })
	return n, err == nil, err
}

// run calls the library. A forged packet must not end the program, whatever the library thinks of it.
func (d *goOpusDecoder) run(pcm []int16, what string, decode func(*opus.Decoder) (int, error)) (n int, err error) {
	if len(pcm) < d.channels {
		return 0, errors.New("opus decoder: no room for samples")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine == nil {
		return 0, ErrClosed
	}
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("opus decoder: %sdamaged packet: %v", what, p)
		}
	}()
	if n, err = decode(d.engine); err != nil {
		return 0, fmt.Errorf("opus decoder: %s%w", what, err)
	}
	return n, nil
}

func (d *goOpusDecoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.engine = nil
	return nil
}
