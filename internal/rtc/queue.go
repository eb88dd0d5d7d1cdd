package rtc

import (
	"context"
	"io"
	"slices"
	"sync"
)

// queue hands media from the network to one reader. It is bounded and never makes the network wait: the oldest items
// are dropped, of pictures everything up to a key frame, since what hangs on a dropped picture is worth nothing.
type queue[T any] struct {
	mu      sync.Mutex
	items   []queued[T]
	limit   int
	video   bool
	waitKey bool // nothing is taken before a key frame
	ended   bool // io.EOF after the last item
	closed  bool // by the reader
	dropped uint64
	ready   chan struct{}
}

type queued[T any] struct {
	value T
	key   bool
}

func newQueue[T any](limit int, video bool) *queue[T] {
	return &queue[T]{limit: max(limit, 1), video: video, waitKey: video, ready: make(chan struct{}, 1)}
}

// push adds an item; key marks the beginning of a key frame. It tells true when a key frame is needed to go on.
func (q *queue[T]) push(v T, key bool) (needKey bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended || q.closed {
		return false
	}
	if key {
		q.waitKey = false
	}
	if q.waitKey {
		q.dropped++
		return true
	}
	if len(q.items) >= q.limit {
		n := 1
		if q.video {
			n = len(q.items)
			if i := slices.IndexFunc(q.items[1:], func(it queued[T]) bool { return it.key }); i >= 0 {
				n = i + 1
			}
		}
		q.dropped += uint64(n) // not negative
		q.items = slices.Delete(q.items, 0, n)
		if q.video && len(q.items) == 0 && !key {
			q.waitKey = true
			q.dropped++
			return true
		}
	}
	q.items = append(q.items, queued[T]{v, key})
	q.wake()
	return false
}

func (q *queue[T]) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// read waits for the next item.
func (q *queue[T]) read(ctx context.Context) (v T, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return v, err
		}
		q.mu.Lock()
		switch {
		case q.closed:
			err = io.ErrClosedPipe
		case len(q.items) > 0:
			v = q.items[0].value
			q.items = slices.Delete(q.items, 0, 1)
			if len(q.items) > 0 {
				q.wake() // for another reader
			}
			q.mu.Unlock()
			return v, nil
		case q.ended:
			err = io.EOF
		}
		if err != nil {
			q.wake()
			q.mu.Unlock()
			return v, err
		}
		q.mu.Unlock()
		select {
		case <-q.ready:
		case <-ctx.Done():
			return v, ctx.Err()
		}
	}
}

// end lets the reader read what is there, and then io.EOF.
func (q *queue[T]) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.wake()
}

// close drops everything: the reader has gone.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.items = true, nil
	q.wake()
}

func (q *queue[T]) drops() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}
