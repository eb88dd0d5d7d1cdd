// Package dispatch runs handlers one after the other, in the order in which they were posted, on a goroutine of
// their own, which is there only while there are any.
package dispatch

import "sync"

// Queue is an ordered, bounded queue of functions, which run one at a time and never on the goroutine that posts them. A function may call anything,
// every method of its own queue included. A panic in it is not swallowed.
type Queue struct {
	limit      int
	onOverflow func()
	done       chan struct{}

	mu         sync.Mutex
	items      []func() // items[head:] wait
	running    bool     // there is a goroutine; it is there while anything waits
	head       int
	closed     bool
	overflowed bool // the owner was told and the queue has not been empty since
}

// keep is how many slots of memory an empty queue holds on to after a burst.
const keep = 1024

// New makes a queue in which at most limit functions wait. When one more is posted onOverflow is called, by the
// poster and with no lock held; then not again before the queue has been empty. It may be nil.
func New(limit int, onOverflow func()) *Queue {
	return &Queue{limit: limit, onOverflow: onOverflow, done: make(chan struct{})}
}

// Post queues fn and never waits. It reports false when fn will not run: the queue is closed or full.
func (q *Queue) Post(fn func()) bool {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	if len(q.items)-q.head < q.limit {
		q.push(fn)
		q.mu.Unlock()
		return true
	}
	tell := !q.overflowed && q.onOverflow != nil
	q.overflowed = true
	q.mu.Unlock()
	if tell {
		q.onOverflow()
	}
	return false
}

// Force queues fn even when the queue is full: for the news of the overflow itself. It reports false when the queue
// is closed.
func (q *Queue) Force(fn func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.push(fn)
	return true
}

// Len tells how many functions wait.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) - q.head
}

// Close takes no more functions; what is queued still runs. It does not wait, so that a function may call it, and may
// be called more than once.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed && !q.running {
		close(q.done)
	}
	q.closed = true
}

// Done is closed when the queue is closed and its last function has returned.
func (q *Queue) Done() <-chan struct{} { return q.done }

func (q *Queue) push(fn func()) {
	q.items = append(q.items, fn)
	if !q.running {
		q.running = true
		go q.run()
	}
}

func (q *Queue) run() {
	finished := false
	defer func() {
		// A function that ends its goroutine (runtime.Goexit, which is what t.FailNow does) must not end all others. A
		// panic passes here as well, and then ends the process as it should.
		if !finished {
			go q.run()
		}
	}()
	for fn := q.next(); fn != nil; fn = q.next() {
		fn()
	}
	finished = true
}

// next takes a function out; nil means that there is none, and that the goroutine is of no use any more.
func (q *Queue) next() func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.head == len(q.items) {
		q.reset()
		q.running = false
		if q.closed {
			close(q.done)
		}
		return nil
	}
	fn := q.items[q.head]
	q.items[q.head] = nil // what it refers to need not live on
	q.head++
	if q.head >= keep && q.head*2 >= len(q.items) { // never empty: the front must not grow for ever
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return fn
}

func (q *Queue) reset() {
	q.head, q.overflowed = 0, false
	if cap(q.items) > keep {
		q.items = nil
	}
	q.items = q.items[:0]
}
