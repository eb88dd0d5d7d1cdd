package source

import (
	"context"
	"fmt"
	"image"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// What a synthetic camera makes when it is not told.
const (
	defaultWidth   = 640
	defaultHeight  = 360
	defaultFPS     = 30
	defaultBitrate = 600_000 // bit/s
)

type syntheticCamera struct {
	closer
	pacer   pacer
	member  uint32
	counter uint32
	fps     int
	img     *image.YCbCr
	LayeredEncoder
}

// NewSyntheticCamera returns a camera that shows the test pattern of a member with a counter that grows by one with each
// frame, as H.264. The zero value of each parameter stands for 640, 360, 30 frames a second, 600 kbit/s, key frames on
// request. Without cgo it returns a codec.UnavailableError.
func NewSyntheticCamera(member uint32, p codec.VideoParams) (Source, error) {
	if p.Width == 0 && p.Height == 0 {
		p.Width, p.Height = defaultWidth, defaultHeight
	}
	if p.FPS == 0 {
		p.FPS = defaultFPS
	}
	if p.Bitrate == 0 {
		p.Bitrate = defaultBitrate
	}
	encoder, err := NewLayeredEncoder(p)
	if err != nil {
		return nil, fmt.Errorf("synthetic camera: %w", err)
	}
	return &syntheticCamera{
		closer: newCloser(encoder.Free),
		member: member,
		fps:    p.FPS,
		img:    image.NewYCbCr(image.Rect(0, 0, p.Width&^1, p.Height&^1), image.YCbCrSubsampleRatio420),

		LayeredEncoder: encoder,
	}, nil
}

func (c *syntheticCamera) Next(ctx context.Context) (Sample, error) {
	var duration time.Duration
	for {
		d := frameDuration(int64(c.counter), c.fps)
		if err := c.pacer.wait(ctx, c.done, d); err != nil {
			return Sample{}, err
		}
		testpattern.Draw(c.img, c.member, c.counter)
		s, ok, err := c.Encode(c.img)
		if err != nil {
			return Sample{}, c.closed(fmt.Errorf("synthetic camera: %w", err))
		}
		c.counter++
		duration += d
		if ok {
			s.Duration = duration
			return s, nil
		}
	}
}
