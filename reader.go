package crvideo

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/crvideo/crvideo-go/internal/rtc"
)

// readerQueue is how many samples wait for a slow reader before the oldest are dropped: a second or two.
const readerQueue = 64

// sampleFollower reads one member's samples, from one stream after the other as the member closes and opens the
// device, and from one room to the next.
type sampleFollower struct {
	c    *Client
	kind deviceKind
	key  videoKey
	stop chan struct{} // closed by close

	reading sync.Mutex // one read at a time
	inlet   *rtc.Inlet // the last one read from
	fresh   bool       // of its stream no sample has been read

	mu      sync.Mutex // guards what follows
	closed  bool
	samples *rtc.SampleReader
	unturn  func() // ends the watch for another default camera; set with samples
}

func newFollower(c *Client, kind deviceKind, key videoKey) *sampleFollower {
	return &sampleFollower{c: c, kind: kind, key: key, stop: make(chan struct{})}
}

// read waits for the next sample. codec is that of the stream it came from; fresh tells that the stream is a new one.
func (f *sampleFollower) read(ctx context.Context) (s rtc.Sample, codec string, fresh bool, err error) {
	f.reading.Lock()
	defer f.reading.Unlock()
	for {
		samples, isNew, err := f.current(ctx)
		if err != nil {
			return rtc.Sample{}, "", false, err
		}
		f.fresh = f.fresh || isNew // also if this read is given up
		s, err = samples.Read(ctx)
		if err == nil {
			fresh, f.fresh = f.fresh, false
			return s, f.inlet.Codec(), fresh, nil
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
			return rtc.Sample{}, "", false, err
		}
		if errors.Is(err, io.ErrClosedPipe) {
			f.inlet = nil // another camera is the default one, and this one may be it again
		}
		f.replace(nil, nil) // the stream has ended: on to the next one, unless it is the follower that was closed
	}
}

// sampleOf is what the application sees of a sample.
func sampleOf(s rtc.Sample, codec string) Sample {
	return Sample{Codec: codec, Data: s.Data, Duration: s.Duration, Key: s.Key, PTS: s.PTS, Captured: s.Captured, Rotation: s.Rotation}
}

// current is the reader of the stream there is now, waiting for one if need be.
func (f *sampleFollower) current(ctx context.Context) (samples *rtc.SampleReader, fresh bool, err error) {
	f.mu.Lock()
	samples = f.samples
	f.mu.Unlock()
	if samples != nil {
		return samples, false, nil
	}
	inlet, err := f.c.awaitInlet(ctx, f.kind, f.key, f.inlet, f.stop)
	if err != nil {
		return nil, false, err
	}
	f.inlet, samples = inlet, inlet.Samples(readerQueue)
	if !f.replace(samples, f.c.follow(f.kind, f.key, inlet, samples.Close)) {
		return nil, false, io.EOF
	}
	return samples, true, nil
}

func (f *sampleFollower) replace(next *rtc.SampleReader, unturn func()) bool {
	f.mu.Lock()
	refused := f.closed && next != nil
	last, lastUnturn := f.samples, f.unturn
	if refused {
		last, lastUnturn = next, unturn
	} else {
		f.samples, f.unturn = next, unturn
	}
	f.mu.Unlock()
	if last != nil {
		lastUnturn()
		last.Close()
	}
	return !refused
}

// hasStream tells whether there is a stream.
func (f *sampleFollower) hasStream() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.samples != nil
}

// requestKeyFrame asks the sender of the stream there is now.
func (f *sampleFollower) requestKeyFrame() {
	f.c.mu.Lock()
	inlet := f.c.inletOfLocked(f.kind, f.key)
	f.c.mu.Unlock()
	if inlet != nil {
		inlet.RequestKeyFrame()
	}
}

// shown tells the statistics of the stream that was read last how large its pictures are.
func (f *sampleFollower) shown(width, height int) {
	f.reading.Lock()
	defer f.reading.Unlock()
	if f.inlet != nil {
		f.inlet.Shown.Set(width, height)
	}
}

// close ends the follower; a waiting read returns io.EOF.
func (f *sampleFollower) close() {
	f.mu.Lock()
	first := !f.closed
	f.closed = true
	f.mu.Unlock()
	if first {
		close(f.stop)
		f.replace(nil, nil)
	}
}
