package crvideo

import (
	"context"
	"iter"
	"sync"

	"github.com/crvideo/crvideo-go/internal/dispatch"
)

// eventQueueLimit is how many events may wait for a slow handler. More end the login: losing some silently would
// leave the application with a wrong picture of the room.
const eventQueueLimit = 65536

// eventHub gives every event to the dispatcher and to the readers of Client.Events, in one order.
type eventHub struct {
	queue *dispatch.Queue

	mu      sync.Mutex
	closed  bool
	readers map[*eventReader]struct{}
}

func newEventHub(onOverflow func()) *eventHub {
	return &eventHub{queue: dispatch.New(eventQueueLimit, onOverflow), readers: map[*eventReader]struct{}{}}
}

// emit queues e for its handler and for all readers. It reports false, and does nothing, after the client's end.
func emit[E Event](c *Client, s *slot[E], e E) bool {
	if _, last := any(e).(LineOff); last {
		return queue(c, s, e, (*dispatch.Queue).Force) // it may be the news of the overflow
	}
	return queue(c, s, e, (*dispatch.Queue).Post)
}

func queue[E Event](c *Client, s *slot[E], e E, put func(*dispatch.Queue, func()) bool) bool {
	h := c.events
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	put(h.queue, func() { s.call(e) })
	for r := range h.readers {
		r.push(e)
	}
	return true
}

// post queues a call of a handler that no reader of Events hears of. It reports false, and does nothing, after the
// client's end.
func (h *eventHub) post(run func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.queue.Post(run)
	return true
}

// isRead tells whether somebody reads Client.Events.
func (h *eventHub) isRead() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.readers) > 0
}

// close lets what is queued be delivered, and takes no more.
func (h *eventHub) close() {
	h.mu.Lock()
	h.closed = true
	for r := range h.readers {
		r.end()
	}
	h.mu.Unlock()
	h.queue.Close()
}

type eventReader struct {
	mu      sync.Mutex
	waiting []Event
	ended   bool
	wake    chan struct{} // capacity 1
}

func (r *eventReader) push(e Event) {
	r.mu.Lock()
	if len(r.waiting) < eventQueueLimit {
		r.waiting = append(r.waiting, e)
	} else {
		r.ended = true // the loop ends after what is waiting: a visible end instead of a silent gap
	}
	r.mu.Unlock()
	r.signal()
}

func (r *eventReader) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.signal()
}

func (r *eventReader) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// next returns what has come, waiting for the first; false after the end.
func (r *eventReader) next(ctx context.Context) ([]Event, bool) {
	for {
		r.mu.Lock()
		batch, ended := r.waiting, r.ended
		r.waiting = nil
		r.mu.Unlock()
		if len(batch) > 0 {
			return batch, true
		}
		if ended {
			return nil, false
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
			return nil, false
		}
	}
}

// Events is every event from this call on, in order, for programs written as a loop:
//
//	for e := range c.Events(ctx) {
//		switch e := e.(type) {
//		case crvideo.UserEnterMeeting:
//			...
//		}
//	}
//
// The loop ends with ctx, with the client, or when it lags 65,536 events behind. It may be used once.
func (c *Client) Events(ctx context.Context) iter.Seq[Event] {
	r := &eventReader{wake: make(chan struct{}, 1)}
	h := c.events
	h.mu.Lock()
	if h.closed {
		r.ended = true
	} else {
		h.readers[r] = struct{}{}
	}
	h.mu.Unlock()
	release := func() {
		h.mu.Lock()
		delete(h.readers, r)
		h.mu.Unlock()
	}
	stop := context.AfterFunc(ctx, release)
	return func(yield func(Event) bool) {
		defer stop()
		defer release()
		for {
			batch, ok := r.next(ctx)
			if !ok {
				return
			}
			for _, e := range batch {
				if !yield(e) {
					return
				}
			}
		}
	}
}
