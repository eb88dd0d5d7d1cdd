package crvideo

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/source"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// Sample is one encoded frame of video (H.264: an access unit in Annex B) or one packet of Opus.
type Sample struct {
	Data     []byte
	Duration time.Duration // how long it lasts; 0 for received video
	Key      bool          // video: decodable without what came before
	PTS      time.Duration // received samples: time since the first one of the stream, by the sender's clock
	Codec    string        // received samples: as Source.Codec
	Captured time.Time     // received samples: when it was captured, by this machine's clock; see Frame
	Rotation int           // received video: see Frame
	Layers   []SampleLayer // of a LayeredSource: the picture in its sizes; Data and Key, which may be those of the first one, are not used then

	power   float64 // of sound that this package encoded: mean square, full scale as 1
	metered bool    // power is known
}

// Source delivers encoded samples, for a camera or microphone of the application's own. A camera that nobody watches is read on
// and not sent; for who comes then it goes on with the next key frame, which it is asked for. A LayeredSource is told, and need
// not encode for nobody. Its methods and the function
// that opens it run on goroutines of their own. They may call anything but what waits for themselves: closing the
// device, leaving the room and logging out wait until Next and Close have returned. The client's Close does not.
type Source interface {
	// Codec is "video/H264", "video/VP8", "video/VP9", "video/AV1" or "audio/opus".
	Codec() string
	// Next waits for the next sample. Its data may be used until the call after it. io.EOF closes the device.
	Next(ctx context.Context) (Sample, error)
	// RequestKeyFrame asks for a key frame soon: somebody begins to watch, or has lost something. It, SetBitrate and
	// Close run one at a time, and may run at the same time as Next.
	RequestKeyFrame()
	// SetBitrate tells how many bit/s the network carries now. A source that cannot change ignores it.
	SetBitrate(bitsPerSecond int)
	// Close ends the source; a waiting Next returns.
	Close() error
}

// SourceFormat is what a source is asked for when it is opened. Microphones only look at MemberNum.
type SourceFormat struct {
	MemberNum     uint32 // our number in the room
	Width, Height int    // pixels
	FPS           int    // frames a second
	Bitrate       int    // bit/s

	chain *audio.Chain // what sound goes through before it is encoded
}

// SourceFunc opens a source, each time that its device is opened. It runs on a goroutine of its own; ctx ends when the
// device is closed before it is open.
type SourceFunc func(ctx context.Context, format SourceFormat) (Source, error)

// H264File plays an H.264 Annex B file as a camera, at fps frames a second, again and again if loop is set.
func H264File(path string, fps int, loop bool) SourceFunc {
	return fileSource(path, func(f *os.File) (source.Source, error) { return source.NewH264File(f, fps, loop) })
}

// OggOpusFile plays an Ogg file with Opus as a microphone.
func OggOpusFile(path string, loop bool) SourceFunc {
	return fileSource(path, func(f *os.File) (source.Source, error) { return source.NewOggOpusFile(f, loop) })
}

func fileSource(path string, open func(*os.File) (source.Source, error)) SourceFunc {
	return func(context.Context, SourceFormat) (Source, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		s, err := open(f)
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return &adapted{s}, nil // which closes the file
	}
}

// adapted makes a Source of an internal one.
type adapted struct{ source.Source }

func internalSource(s source.Source, err error) (Source, error) {
	if err != nil {
		return nil, err
	}
	if l, ok := s.(source.Layered); ok {
		return &adaptedLayers{adapted: adapted{s}, Layered: l}, nil
	}
	return &adapted{s}, nil
}

// protect tells a source of ours that protects its sound which part of the packets is lost.
func (a *adapted) protect(loss float64) {
	if p, ok := a.Source.(source.Protected); ok {
		p.SetLoss(loss)
	}
}

func (a *adapted) Next(ctx context.Context) (Sample, error) {
	s, err := a.Source.Next(ctx)
	return Sample{Data: s.Data, Duration: s.Duration, Key: s.Key, power: s.Power, metered: s.Metered}, err
}

// SampleQueue is a camera or microphone that is written to: encoded samples in, one after the other, at the pace at
// which they are to be sent. While the device is closed, what is written is discarded.
type SampleQueue struct {
	codec string
	// OnKeyFrameRequest and OnBitrate, if set before the device is opened, hear what the receivers need.
	OnKeyFrameRequest func()
	OnBitrate         func(bitsPerSecond int)

	mu   sync.Mutex
	open *queueSource
}

// NewSampleQueue makes a queue for a codec that Source names. Give its Open to AddCamera or AddMic.
func NewSampleQueue(codec string) (*SampleQueue, error) {
	if wire.CodecKind(codec) == "" {
		return nil, failf("NewSampleQueue", CodeBadParameter, "codec %q", codec)
	}
	return &SampleQueue{codec: codec}, nil
}

// Open is the SourceFunc of the queue. One device at a time can be open on it.
func (q *SampleQueue) Open(context.Context, SourceFormat) (Source, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open != nil {
		return nil, failf("SampleQueue.Open", CodeDeviceFailed, "the queue is open already")
	}
	q.open = &queueSource{queue: q, samples: make(chan Sample), closed: make(chan struct{})}
	return q.open, nil
}

// Write hands over one sample, and waits until it has been taken, so its data may be used again afterwards.
func (q *SampleQueue) Write(ctx context.Context, s Sample) error {
	q.mu.Lock()
	open := q.open
	q.mu.Unlock()
	if open == nil {
		return ctx.Err()
	}
	s.Data = append([]byte(nil), s.Data...) // it is sent after Write has returned
	select {
	case open.samples <- s:
		return nil
	case <-open.closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type queueSource struct {
	queue   *SampleQueue
	samples chan Sample
	closed  chan struct{}
	once    sync.Once
}

func (s *queueSource) Codec() string { return s.queue.codec }

func (s *queueSource) Next(ctx context.Context) (Sample, error) {
	select {
	case sample := <-s.samples:
		return sample, nil
	case <-s.closed:
		return Sample{}, io.EOF
	case <-ctx.Done():
		return Sample{}, ctx.Err()
	}
}

func (s *queueSource) RequestKeyFrame() {
	if fn := s.queue.OnKeyFrameRequest; fn != nil {
		fn()
	}
}

func (s *queueSource) SetBitrate(bps int) {
	if fn := s.queue.OnBitrate; fn != nil {
		fn(bps)
	}
}

func (s *queueSource) Close() error {
	s.once.Do(func() {
		s.queue.mu.Lock()
		s.queue.open = nil
		s.queue.mu.Unlock()
		close(s.closed)
	})
	return nil
}
