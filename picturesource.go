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

	mu      sync.Mutex
	encoder codec.VideoEncoder
	bitrate int
	key     bool
}

func newPictureSource(q *PictureQueue, f SourceFormat) (*pictureSource, error) {
	const op = "PictureQueue.Open"
	if f.FPS < 1 {
		f.FPS = pictureFPS
	}
	encoder, err := codec.NewAdaptiveVideoEncoder(codec.H264, f.video())
	var missing *codec.UnavailableError
	switch {
	case errors.As(err, &missing):
		return nil, fail(op, CodeNoPlatform, err)
	case err != nil:
		return nil, fail(op, CodeDeviceFailed, err)
	}
	s := &pictureSource{
		queue: q, format: f, encoder: encoder, bitrate: f.Bitrate, size: image.Pt(f.Width&^1, f.Height&^1),
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

func (*pictureSource) Codec() string { return codec.H264 }

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
		data, key, err := s.encode()
		if err != nil {
			return Sample{}, err
		}
		if len(data) > 0 { // else left out for the bitrate
			return Sample{Data: data, Key: key}, nil
		}
	}
}

func (s *pictureSource) encode() (data []byte, key bool, err error) {
	s.mu.Lock()
	if s.encoder == nil {
		s.mu.Unlock()
		return nil, false, io.EOF
	}
	if size := s.current.Rect.Size(); size != s.size {
		_ = s.encoder.Close()
		f := s.format
		f.Width, f.Height, f.Bitrate = size.X, size.Y, s.bitrate
		if s.encoder, err = codec.NewAdaptiveVideoEncoder(codec.H264, f.video()); err != nil {
			s.encoder = nil
			s.mu.Unlock()
			return nil, false, err
		}
		s.size = size
	}
	encoder := s.encoder
	if s.key {
		err = encoder.ForceKeyFrame()
	}
	s.key = false
	s.mu.Unlock()
	if err == nil {
		data, key, err = encoder.Encode(s.current)
	}
	if errors.Is(err, codec.ErrClosed) {
		err = io.EOF
	}
	return data, key, err
}

func (s *pictureSource) RequestKeyFrame() {
	s.mu.Lock()
	s.key = true
	s.mu.Unlock()
	select {
	case s.wanted <- struct{}{}:
	default:
	}
}

func (s *pictureSource) SetBitrate(bps int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.encoder != nil && s.encoder.SetBitrate(bps) == nil {
		s.bitrate = bps
	}
}

func (s *pictureSource) Close() error {
	s.once.Do(func() {
		s.queue.closed(s)
		close(s.done)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.encoder != nil {
			_ = s.encoder.Close() // nothing is lost with it
			s.encoder = nil
		}
	})
	return nil
}
