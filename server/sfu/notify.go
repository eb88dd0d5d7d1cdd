package sfu

import "sync"

// notifier runs callbacks in order and one at a time, on a goroutine that lives while there are any. A callback may
// wait for anything, also for another callback of another notifier.
type notifier struct {
	mu      sync.Mutex
	queue   []func()
	running bool
	closed  bool
}

// post queues a callback; after close it is dropped.
func (n *notifier) post(fn func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	n.queue = append(n.queue, fn)
	if !n.running {
		n.running = true
		go n.run()
	}
}

// close drops what is queued. A callback that runs is not waited for, since it may be the one that closes.
func (n *notifier) close() {
	n.mu.Lock()
	n.queue, n.closed = nil, true
	n.mu.Unlock()
}

func (n *notifier) run() {
	for {
		n.mu.Lock()
		if len(n.queue) == 0 {
			n.running = false
			n.mu.Unlock()
			return
		}
		fn := n.queue[0]
		n.queue = n.queue[1:]
		n.mu.Unlock()
		fn()
	}
}
