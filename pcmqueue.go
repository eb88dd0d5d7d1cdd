package crvideo

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/source"
)

// pcmQueueLength is how much sound a PCMQueue holds before Write waits.
const pcmQueueLength = time.Second

// ErrFlushed is returned by PCMQueue.Write when Flush dropped what was being written.
var ErrFlushed = errors.New("crvideo: flushed")

// PCMQueue is a microphone that is written to: PCM in, at whatever pace it comes, sent at the pace of real time. What
// comes faster waits, nothing is dropped; silence is sent while there is nothing. It is what a voice agent speaks with:
// Flush stops it in the middle of a word, and Played tells how far it got. While the microphone is closed, what is written
// is discarded.
type PCMQueue struct {
	format audio.Format

	mu      sync.Mutex // guards what follows
	open    source.Source
	held    []int16
	partly  bool          // less than a frame was held when the last frame was due
	played  int64         // values of what was written that were sent
	flushes int           // how often Flush was called
	changed chan struct{} // closed and replaced whenever there is more room, or the queue opens, closes or is flushed
}

// NewPCMQueue makes a queue for sound of a form: 48 kHz mono, sent in packets of 20 ms, unless options say otherwise. Give
// its Open to AddMic. Errors: 5 impossible form.
func NewPCMQueue(options ...PCMOption) (*PCMQueue, error) {
	const op = "NewPCMQueue"
	o, err := pcmOptionsOf(op, options)
	if err == nil && o.chosen {
		err = failf(op, CodeBadParameter, "WithMembers is for Mix")
	}
	if err != nil {
		return nil, err
	}
	return &PCMQueue{format: o.format, changed: make(chan struct{})}, nil
}

// Open is the SourceFunc of the queue. One microphone at a time can be open on it. A build that cannot encode sound is
// code 8005.
func (q *PCMQueue) Open(_ context.Context, format SourceFormat) (Source, error) {
	const op = "PCMQueue.Open"
	s, err := source.NewPCM(q.format, format.chain, q.take)
	if err != nil {
		return nil, fail(op, CodeNoPlatform, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open != nil {
		_ = s.Close()
		return nil, failf(op, CodeDeviceFailed, "the queue is open already")
	}
	q.open = s
	q.broadcastLocked()
	return &pcmQueueSource{adapted{s}, q}, nil
}

// take gives the frame that is due. Less than a frame waits for its end until the next one is due, lest a writer who is
// a moment late is torn in the middle of a sound.
func (q *PCMQueue) take(frame []int16) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	if len(q.held) >= len(frame) || q.partly {
		n = copy(frame, q.held)
		q.held = q.held[:copy(q.held, q.held[n:])]
		q.played += int64(n)
	}
	clear(frame[n:])
	q.partly = n == 0 && len(q.held) > 0
	if n > 0 {
		q.broadcastLocked()
	}
}

func (q *PCMQueue) broadcastLocked() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// Write hands over sound, whole samples of all channels. It returns when the last of it is in the queue, which holds one
// second, so that whoever writes faster than real time is paced. pcm may be used again afterwards. Errors: ErrFlushed if
// Flush dropped it, the context's, 5 a part of a sample.
func (q *PCMQueue) Write(ctx context.Context, pcm []int16) error {
	if len(pcm)%q.format.Channels != 0 {
		return failf("PCMQueue.Write", CodeBadParameter, "%d values for %d channels", len(pcm), q.format.Channels)
	}
	limit := q.format.Samples(pcmQueueLength)
	q.mu.Lock()
	defer q.mu.Unlock()
	flushes := q.flushes
	for {
		switch {
		case flushes != q.flushes:
			return ErrFlushed
		case q.open == nil || len(pcm) == 0:
			return ctx.Err()
		}
		n := min(len(pcm), limit-len(q.held))
		q.held, pcm = append(q.held, pcm[:n]...), pcm[n:]
		if len(pcm) == 0 {
			return ctx.Err()
		}
		if err := q.waitLocked(ctx); err != nil {
			return err
		}
	}
}

// waitLocked waits for a change, without the lock.
func (q *PCMQueue) waitLocked(ctx context.Context) error {
	changed := q.changed
	q.mu.Unlock()
	defer q.mu.Lock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wait returns when everything that was written has been sent, flushed or discarded.
func (q *PCMQueue) Wait(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.held) > 0 {
		if err := q.waitLocked(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Flush drops what was written and not sent yet, in a Write that waits too, and tells how much of the queue that was. What
// the others hear stops with the packet that is being sent, at most 20 ms later.
func (q *PCMQueue) Flush() (dropped time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	dropped = q.format.Duration(len(q.held))
	q.held, q.partly = q.held[:0], false
	q.flushes++
	q.broadcastLocked()
	return dropped
}

// Played tells how much of what was written has been sent, since the queue was made. The difference of two readings is
// how much of a sentence the others have got.
func (q *PCMQueue) Played() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return time.Duration(q.played/int64(q.format.Channels)) * time.Second / time.Duration(q.format.Rate)
}

// Queued tells how much waits to be sent.
func (q *PCMQueue) Queued() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.format.Duration(len(q.held))
}

type pcmQueueSource struct {
	adapted
	queue *PCMQueue
}

func (s *pcmQueueSource) Close() error {
	q := s.queue
	q.mu.Lock()
	if q.open == s.Source {
		q.open, q.held, q.partly = nil, nil, false
		q.broadcastLocked()
	}
	q.mu.Unlock()
	return s.adapted.Close()
}
