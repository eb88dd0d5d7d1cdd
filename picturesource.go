package crvideo

import (
	"context"
	"errors"
	"image"
	"io"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/picture"
	"github.com/crvideo/crvideo-go/internal/source"
)

// repeatAfter is how long a picture stands before it is sent again: a receiver that hears nothing for long suspects
// that something is broken.
const repeatAfter = time.Second

// pictureSource is one camera that is open on a PictureQueue.
type pictureSource struct {
	queue  *PictureQueue
	format SourceFormat
	frames chan *image.YCbCr // to be encoded
	spare  chan *image.YCbCr // to be filled; nil ones are to be made
	wanted chan struct{}     // a key frame
	done   chan struct{}
	once   sync.Once

	// Of Next alone.
	current *image.YCbCr
	size    image.Point
	sizes   []codec.VideoParams // as told in the beginning

	out []SampleLayer

	mu sync.Mutex
	source.LayeredEncoder
	closed bool
}

func newPictureSource(q *PictureQueue, f SourceFormat) (*pictureSource, error) {
	const op = "PictureQueue.Open"
	if f.FPS < 1 {
		f.FPS = pictureFPS
	}
	encoder, err := source.NewLayeredEncoder(f.video())
	var missing *codec.UnavailableError
	switch {
	case errors.As(err, &missing):
		return nil, fail(op, CodeNoPlatform, err)
	case err != nil:
		return nil, fail(op, CodeDeviceFailed, err)
	}
	s := &pictureSource{
		queue: q, format: f, LayeredEncoder: encoder, sizes: encoder.Sizes(), size: image.Pt(f.Width&^1, f.Height&^1),
		frames: make(chan *image.YCbCr, 1), spare: make(chan *image.YCbCr, 2), wanted: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.spare <- nil // one is filled while the other one is encoded
	s.spare <- nil
	return s, nil
}

// put converts a picture and queues it. It waits while the one before has not been taken yet.
func (s *pictureSource) put(ctx context.Context, img image.Image) error {
	var buf *image.YCbCr
	select {
	case buf = <-s.spare:
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	size := picture.Fit(img.Bounds().Size(), s.format.Width, s.format.Height)
	if buf == nil || buf.Rect.Size() != size {
		buf = image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	}
	picture.Stretch(buf, img)
	s.frames <- buf // there is room: two buffers, of which this is one and the other is spare or current
	return nil
}

func (s *pictureSource) Next(ctx context.Context) (Sample, error) {
	timer := time.NewTimer(repeatAfter)
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			return Sample{}, io.EOF
		case <-ctx.Done():
			return Sample{}, ctx.Err()
		case <-s.wanted: // in the next picture, or in the last one again if there is none soon
			timer.Reset(2 * time.Second / time.Duration(s.format.FPS))
			continue
		case <-timer.C:
			timer.Reset(repeatAfter)
		case img := <-s.frames:
			if s.current != nil {
				s.spare <- s.current
			}
			s.current = img
		}
		if s.current == nil {
			continue
		}
		sample, ok, err := s.encode()
		if err != nil {
			return Sample{}, err
		}
		if ok { // else left out for the bitrate
			s.out = sampleLayers(s.out[:0], sample.Layers)
			return Sample{Data: sample.Data, Key: sample.Key, Layers: s.out}, nil
		}
	}
}

func (s *pictureSource) encode() (sample source.Sample, ok bool, err error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return source.Sample{}, false, io.EOF
	}
	if size := s.current.Rect.Size(); size != s.size {
		f := s.format
		f.Width, f.Height = size.X, size.Y
		next, err := source.NewLayeredEncoder(f.video())
		if err != nil {
			s.mu.Unlock()
			return source.Sample{}, false, err
		}
		next.Follow(s.LayeredEncoder)
		_ = s.Free() // nothing is lost with it
		s.LayeredEncoder, s.size = next, size
	}
	encoder := s.LayeredEncoder
	s.mu.Unlock()
	if sample, ok, err = encoder.Encode(s.current); errors.Is(err, codec.ErrClosed) {
		err = io.EOF
	}
	return sample, ok, err
}

// Layers are those of the largest picture: smaller ones, which have fewer or smaller layers, take their places.
func (s *pictureSource) Layers() []LayerFormat { return layerFormats(s.sizes) }

// A key frame comes with the next picture, which is the last one again if there is none soon.

func (s *pictureSource) RequestKeyFrame() {
	s.change(source.LayeredEncoder.RequestKeyFrame)
	signalTo(s.wanted)
}

func (s *pictureSource) RequestLayerKeyFrame(layer int) {
	s.change(func(e source.LayeredEncoder) { e.RequestLayerKeyFrame(layer) })
	signalTo(s.wanted)
}

func (s *pictureSource) SetBitrate(bps int) { s.SetLayer(0, bps) }

func (s *pictureSource) SetLayer(layer, bps int) {
	s.change(func(e source.LayeredEncoder) { e.SetLayer(layer, bps) })
}

func (s *pictureSource) change(change func(source.LayeredEncoder)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.LayeredEncoder)
}

func (s *pictureSource) Close() error {
	s.once.Do(func() {
		s.queue.closed(s)
		close(s.done)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed = true
		_ = s.Free() // nothing is lost with it
	})
	return nil
}
