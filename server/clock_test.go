package server

import (
	"sync"
	"time"
)

// handClock goes only when the test says so.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*handTimer]struct{}
}

type handTimer struct {
	clock *handClock
	at    time.Time
	fn    func()
}

func newHandClock() *handClock {
	return &handClock{now: time.Now(), timers: map[*handTimer]struct{}{}}
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) AfterFunc(d time.Duration, fn func()) timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &handTimer{c, c.now.Add(d), fn}
	c.timers[t] = struct{}{}
	return t
}

func (t *handTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	_, was := t.clock.timers[t]
	delete(t.clock.timers, t)
	return was
}

// first is the next timer, if it is due then.
func (c *handClock) first(until time.Time) *handTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	var next *handTimer
	for t := range c.timers {
		if !t.at.After(until) && (next == nil || t.at.Before(next.at)) {
			next = t
		}
	}
	if next == nil {
		c.now = until
		return nil
	}
	if c.now = next.at; next.at.Before(c.now) {
		c.now = next.at
	}
	delete(c.timers, next)
	return next
}

// advance lets time pass, and everything happen that is due meanwhile.
func (c *handClock) advance(d time.Duration) {
	until := c.Now().Add(d)
	for t := c.first(until); t != nil; t = c.first(until) {
		t.fn()
	}
}
