package soak

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
)

// overtime is how much longer than its context a call may take, on a machine that is busy.
const overtime = 15 * time.Second

// ledger is the calls that are under way.
type ledger struct {
	mu   sync.Mutex
	next int
	open map[int]openCall
}

type openCall struct {
	d    *diary
	name string
	due  time.Time
}

func (l *ledger) begin(d *diary, name string, limit time.Duration) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[int]openCall{}
	}
	n := l.next
	l.next++
	l.open[n] = openCall{d, name, time.Now().Add(limit + overtime)}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, n)
	}
}

// overdue reports calls that do not end, once each.
func (l *ledger) overdue(s *soak) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, c := range l.open {
		if time.Now().After(c.due) {
			delete(l.open, n)
			s.fail(c.d, "%s has not ended %v after its context", c.name, overtime)
		}
	}
}

// left are the calls that are under way, or lost.
func (l *ledger) left() (names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		names = append(names, c.d.name+" "+c.name)
	}
	return names
}

// normal are the codes with which any call may end while others act and the network is hurt.
var normal = map[crvideo.Code]bool{
	crvideo.CodeOK: true, crvideo.CodeLoginState: true, crvideo.CodeKicked: true, crvideo.CodeNotInit: true,
	crvideo.CodeNotLoggedIn: true, crvideo.CodeNoAnswer: true, crvideo.CodeConnectFailed: true, crvideo.CodeSocket: true,
	crvideo.CodeTimeout: true, crvideo.CodeConnectionLost: true, crvideo.CodeNoRoom: true, crvideo.CodeInvalidUser: true,
	crvideo.CodeInRoom: true, crvideo.CodeMicLimit: true, crvideo.CodeSessionUnknown: true, crvideo.CodeGoingAway: true,
}

// call makes one call and holds that it ends in time, with an error of the kind that calls return and a code that
// makes sense. Codes in also are good for this call.
func (s *soak) call(ctx context.Context, d *diary, name string, fn func(context.Context) error, also ...crvideo.Code) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	end := s.calls.begin(d, name, callTime)
	start := time.Now()
	err := fn(ctx)
	took := time.Since(start)
	end()
	code := crvideo.CodeOf(err)
	s.called(name, code)
	d.add("%s: %v (%v)", name, err, took.Round(time.Millisecond))
	var own *crvideo.Error
	if err != nil && !errors.As(err, &own) {
		s.fail(d, "%s returned a foreign error: %v", name, err)
		return err
	}
	good := normal[code]
	for _, c := range also {
		good = good || code == c
	}
	if !good {
		s.fail(d, "%s ended with %v", name, err)
	}
	return err
}
