package signal

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// UpdateLogin changes what a login that renews the session says: a token or nickname that was replaced meanwhile.
func (s *Session) UpdateLogin(change func(*wire.LoginParams)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.login)
}

// Epoch names the server process that the session is on, as it named itself at the last login.
func (s *Session) Epoch() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch
}

func (s *Session) isLeaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaving
}

// loginAgain opens a new session on a connection whose server does not know the old one.
func (s *Session) loginAgain(ctx context.Context, l *link) error {
	s.mu.Lock()
	params := s.login
	s.mu.Unlock()
	params.Renews, params.AgeMS = s.resume.Session, time.Since(s.since).Milliseconds()
	var result wire.LoginResult
	if err := l.hello(ctx, wire.MethodLogin, params, &result); err != nil {
		return &loginError{err}
	}
	if result.Session == "" || result.Key == "" {
		return wire.Errorf(wire.CodeInvalidData, "%s gave no session", s.cfg.URL)
	}
	s.resume = wire.ResumeParams{Session: result.Session, Key: result.Key}
	s.mu.Lock()
	s.epoch = result.Epoch
	s.mu.Unlock()
	s.log = s.cfg.Logger.With("session", result.Session)
	return nil
}

// renewed makes l the connection of the renewed session. Bound requests fail; the others are held until what the old
// session had is restored.
func (s *Session) renewed(l *link) {
	s.mu.Lock()
	s.renewals++
	s.renewing = true
	number := s.renewals
	var failed []*call
	for _, id := range slices.Sorted(maps.Keys(s.calls)) {
		switch c := s.calls[id]; c.kind {
		case lasting:
			c.held = true
		case bound, renewal:
			if s.takeLocked(c) {
				failed = append(failed, c)
			}
		case leaving:
			l.push(c.data)
		}
	}
	s.link = l
	l.ping.start(s.cfg.PingInterval, func() { s.ping(l) })
	s.mu.Unlock()
	l.flush()
	for _, c := range failed {
		c.done(nil, forgottenSession(c.method))
	}
	s.cfg.OnRenewed(sync.OnceFunc(func() { s.release(number) }))
}

// release sends what was held, in its order, with ids after those that were sent meanwhile. It does nothing if the
// session has been renewed once more.
func (s *Session) release(number int) {
	s.mu.Lock()
	if s.renewals != number || !s.renewing {
		s.mu.Unlock()
		return
	}
	s.renewing = false
	l := s.link
	for _, id := range slices.Sorted(maps.Keys(s.calls)) {
		c := s.calls[id]
		if !c.held {
			continue
		}
		delete(s.calls, id)
		c.held = false
		if failure := s.registerLocked(c); failure != nil { // it was encoded before: only its id is longer now
			c.timer.Stop()
			go c.done(nil, failure)
			continue
		}
		if l != nil {
			l.push(c.data)
		}
	}
	s.mu.Unlock()
	if l != nil {
		l.flush()
	}
}
