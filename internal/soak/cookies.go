package soak

import (
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
)

// cookie is what a call of the mirror is given, and its end must bring back once.
type cookie struct {
	name  string
	begun time.Time
	done  chan struct{} // closed by its end
	err   error
	event crvideo.Event
	ended bool // guarded by cookies
}

// cookies are those that the mirror was given.
type cookies struct {
	s    *soak
	d    *diary
	mu   sync.Mutex
	open map[*cookie]bool
}

func (j *cookies) give(name string) *cookie {
	c := &cookie{name: name, begun: time.Now(), done: make(chan struct{})}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open[c] = true
	return c
}

// back takes a cookie that came back with a result.
func (j *cookies) back(got any, e crvideo.Event, err error) {
	c, ok := got.(*cookie)
	if !ok {
		j.s.fail(j.d, "%T%+v brought a cookie that nobody gave: %v", e, e, got)
		return
	}
	code := crvideo.CodeOf(err)
	j.d.add("%s: %v (%v)", c.name, err, time.Since(c.begun).Round(time.Millisecond))
	j.s.called("mirror "+c.name, code)
	if !normal[code] && !(code == crvideo.CodeServiceFailure && c.name == "Login") { // which may be refused with HTTP 503
		j.s.fail(j.d, "%s ended with %v", c.name, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if c.ended {
		j.s.fail(j.d, "%s has ended twice: %T%+v", c.name, e, e)
		return
	}
	c.ended, c.err, c.event = true, err, e
	delete(j.open, c)
	close(c.done)
}

// wait waits for the end of a call.
func (j *cookies) wait(c *cookie) (crvideo.Event, error) {
	select {
	case <-c.done:
		return c.event, c.err
	case <-time.After(callTime + overtime):
		j.s.fail(j.d, "%s has not ended after %v", c.name, callTime+overtime)
		return nil, crvideo.CodeTimeout
	}
}

// all waits for the end of every call.
func (j *cookies) all() {
	j.mu.Lock()
	open := make([]*cookie, 0, len(j.open))
	for c := range j.open {
		open = append(open, c)
	}
	j.mu.Unlock()
	for _, c := range open {
		_, _ = j.wait(c)
	}
}
