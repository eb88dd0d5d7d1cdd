// Package source makes encoded media at the pace of real time: a synthetic camera and microphone, which say by their content
// who they are, and files.
package source

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// Sample is one access unit or packet.
type Sample struct {
	// Data is what was encoded: Annex B for H.264, a packet for Opus. Valid until the next call of Next.
	Data []byte
	// Duration is how far the stream advances with this sample. The sum of all durations follows the clock exactly; a
	// frame that an encoder left out is in the duration of the next one.
	Duration time.Duration
	// Power is how loud the sound is (mean square, full scale as 1), if Metered is set.
	Power   float64
	Metered bool
	// Key tells that decoding can start here. Always true for sound.
	Key bool
	// Layers are the picture in the sizes of a Layered source, valid as long as Data, which is that of the first one.
	Layers []codec.Layer
}

// Source yields encoded samples of one stream.
type Source interface {
	// Codec is the name as in SDP, for example "video/H264".
	Codec() string
	// Next waits until the next sample is due and returns it. It is paced to real time without drift; after a stall a few
	// samples come late at most, the others are given up or moved. It returns io.EOF at the end, ErrClosed after
	// Close, the context's error when that ends first. One goroutine at a time may call it.
	Next(ctx context.Context) (Sample, error)
	// RequestKeyFrame makes the next picture a key frame, where the source encodes itself. Any goroutine may call it.
	RequestKeyFrame()
	// SetBitrate changes the target, in bit/s, where the source encodes itself. Any goroutine may call it.
	SetBitrate(bps int)
	// Close frees what the source holds and ends a Next that waits. Idempotent.
	Close() error
}

// Protected is a source of sound that protects it against loss.
type Protected interface {
	Source
	// SetLoss tells which part of the packets is lost, 0 to 1. Any goroutine may call it.
	SetLoss(part float64)
}

// ErrClosed is returned by Next after Close.
var ErrClosed = errors.New("source: closed")

// closer is the part of every source that ends a waiting Next.
type closer struct {
	once sync.Once
	done chan struct{}
	free func() error
	err  error
}

func newCloser(free func() error) closer { return closer{done: make(chan struct{}), free: free} }

func (c *closer) Close() error {
	c.once.Do(func() {
		close(c.done)
		c.err = c.free()
	})
	return c.err
}

// closed replaces what fails because of a Close in between.
func (c *closer) closed(err error) error {
	select {
	case <-c.done:
		return ErrClosed
	default:
		return err
	}
}
