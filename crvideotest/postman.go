package crvideotest

import (
	"container/heap"
	"sync"
	"time"
)

// postman delivers datagrams when they are due.
type postman struct {
	mu   sync.Mutex
	bag  letters
	sent uint64
	wake chan struct{} // holds one
}

type letter struct {
	due     time.Time
	n       uint64 // keeps what is due at once in order
	deliver func()
}

func (p *postman) start(n *Network) {
	p.wake = make(chan struct{}, 1)
	n.work.Go(func() { p.run(n.end) })
}

// post delivers at once what is due, on the caller's goroutine.
func (p *postman) post(due time.Time, deliver func()) {
	if !due.After(time.Now()) {
		deliver()
		return
	}
	p.mu.Lock()
	p.sent++
	heap.Push(&p.bag, letter{due, p.sent, deliver})
	first := p.bag[0].n == p.sent
	p.mu.Unlock()
	if first {
		select {
		case p.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

func (p *postman) run(end <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(p.deliver())
		select {
		case <-timer.C:
		case <-p.wake:
		case <-end:
			return
		}
	}
}

// deliver delivers what is due and tells how long it is until there is more.
func (p *postman) deliver() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.bag) > 0 {
		if wait := time.Until(p.bag[0].due); wait > 0 {
			return wait
		}
		next := heap.Pop(&p.bag).(letter) // nothing else is in it
		p.mu.Unlock()
		next.deliver()
		p.mu.Lock()
	}
	return time.Hour
}

type letters []letter

func (l letters) Len() int { return len(l) }
func (l letters) Less(i, j int) bool {
	if l[i].due.Equal(l[j].due) {
		return l[i].n < l[j].n
	}
	return l[i].due.Before(l[j].due)
}
func (l letters) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *letters) Push(x any)   { *l = append(*l, x.(letter)) } // by heap.Push only
func (l *letters) Pop() any {
	old := *l
	last := old[len(old)-1]
	old[len(old)-1] = letter{}
	*l = old[:len(old)-1]
	return last
}
