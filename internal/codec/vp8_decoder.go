package codec

import (
	"errors"
	"image"
	"sync"

	"github.com/crvideo/crvideo-go/internal/vp8"
)

// goVP8Decoder decodes in Go, on every platform.
type goVP8Decoder struct {
	mu     sync.Mutex
	engine *vp8.Decoder // nil after Close
}

func newGoVP8Decoder() VideoDecoder { return &goVP8Decoder{engine: vp8.New()} }

func (d *goVP8Decoder) Decode(frame []byte) (*image.YCbCr, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engine == nil {
		return nil, ErrClosed
	}
	if _, err := checkVP8(frame); err != nil {
		d.engine = vp8.New()
		return nil, err
	}
	img, err := d.engine.Decode(frame)
	if errors.Is(err, vp8.ErrKeyFrameNeeded) {
		return nil, ErrKeyFrameNeeded
	}
	return img, err
}

func (d *goVP8Decoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.engine = nil
	return nil
}
