package codec

import (
	"fmt"
	"image"
	"sync"

	"github.com/crvideo/crvideo-go/internal/vp8"
)

// vp8Encoder encodes in Go, on every platform.
type vp8Encoder struct {
	mu     sync.Mutex
	engine *vp8.Encoder // nil after Close
	params VideoParams
}

func newVP8Encoder(p VideoParams) VideoEncoder {
	return &vp8Encoder{params: p, engine: vp8.NewEncoder(vp8.EncoderParams{
		Width: p.Width, Height: p.Height, FPS: p.FPS, Bitrate: p.Bitrate, KeyFrameInterval: p.KeyFrameInterval,
	})}
}

func (e *vp8Encoder) Encode(img *image.YCbCr) ([]byte, bool, error) {
	if err := e.params.fits(img); err != nil {
		return nil, false, fmt.Errorf("vp8 encoder: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return nil, false, ErrClosed
	}
	data, key := e.engine.Encode(img)
	return data, key, nil
}

func (e *vp8Encoder) ForceKeyFrame() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	e.engine.ForceKeyFrame()
	return nil
}

func (e *vp8Encoder) SetBitrate(bps int) error {
	if bps <= 0 {
		return fmt.Errorf("vp8 encoder: bitrate %d bit/s", bps)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	e.engine.SetBitrate(bps)
	return nil
}

func (e *vp8Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.engine = nil
	return nil
}
