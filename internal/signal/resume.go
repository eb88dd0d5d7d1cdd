package signal

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const (
	firstDelay  = 100 * time.Millisecond
	maxDelay    = time.Second     // in the first minute
	lateDelay   = 5 * time.Second // after it
	lateAfter   = time.Minute
	stableAfter = time.Second // a connection that lived so long was a good one
	maxStrikes  = 5           // protocol errors without a step forward between them

	forgivenAfter = time.Minute // a connection that lived so long makes up for earlier protocol errors
)

// backoff spaces the attempts to come back: the first at once, unless the last connection was no good.
type backoff struct {
	delay   time.Duration
	strikes int
}

// progress is called when something came that moves the session on.
func (b *backoff) progress() { b.strikes = 0 }

// lost starts a new series of attempts for a connection that lived so long. It tells whether there may be one.
func (b *backoff) lost(err error, lived time.Duration) bool {
	if lived >= stableAfter {
		b.delay = 0
	}
	if lived >= forgivenAfter {
		b.strikes = 0
	}
	var broken *protocolError
	if errors.As(err, &broken) {
		b.strikes++
	}
	return b.strikes < maxStrikes
}

// next is how long to wait before the next attempt, away being how long the connection is gone.
func (b *backoff) next(away time.Duration) time.Duration {
	wait := b.delay
	limit := maxDelay
	if away > lateAfter {
		limit = lateDelay
	}
	b.delay = min(max(2*b.delay, firstDelay), limit)
	if wait == 0 {
		return 0
	}
	// Many clients of a server that restarts shall not come all at once.
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // need not be secret
}

// comeBack replaces a lost connection. It returns no link and no error if Close ended the session meanwhile.
func (s *Session) comeBack(cause error, lost *link, back *backoff) (*link, *wire.Error) {
	away := time.Now()
	s.log.Info("connection lost", "error", cause)
	if !back.lost(cause, away.Sub(lost.since)) {
		return nil, wire.Errorf(wire.CodeSocket, "the server keeps breaking the protocol: %v", cause)
	}
	ctx, cancel := context.WithTimeout(s.life, s.cfg.Timeout)
	defer cancel()
	for attempt := 0; ; attempt++ {
		wait := back.next(time.Since(away))
		if s.cfg.Backoff != nil {
			wait = s.cfg.Backoff(attempt, time.Since(away))
		}
		if wait < 0 {
			return nil, wire.Errorf(wire.CodeSocket, "the connection was lost: %v", cause)
		}
		if !sleep(ctx, wait) {
			break
		}
		l, err := s.attempt(ctx)
		if err == nil {
			s.log.Info("connection restored", "after", time.Since(away))
			return l, nil
		}
		if end := resumeVerdict(err); end != nil {
			return nil, end
		}
		s.log.Debug("resume failed", "error", err)
		cause = err
	}
	if s.life.Err() != nil {
		return nil, nil
	}
	return nil, wire.Errorf(wire.CodeTimeout, "the connection did not come back for %v: %v", s.cfg.Timeout, cause)
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// attempt dials and resumes once. A server that takes the connection and says nothing must not use up all the time:
// the next attempt may meet another process.
func (s *Session) attempt(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.PeerSilence)
	defer cancel()
	l, err := dial(ctx, &s.cfg)
	if err != nil {
		return nil, err
	}
	err = l.hello(ctx, wire.MethodResume, s.resume, nil)
	adopt := s.adopt
	if forgotten(err) && s.cfg.OnRenewed != nil && !s.isLeaving() {
		err = s.loginAgain(ctx, l)
		adopt = s.renewed
	}
	if err != nil {
		l.close(err)
		return nil, err
	}
	l.since = time.Now()
	adopt(l)
	return l, nil
}

// adopt makes l the session's connection and repeats what is in flight.
func (s *Session) adopt(l *link) {
	s.cfg.OnResumed()
	s.mu.Lock()
	for _, id := range slices.Sorted(maps.Keys(s.calls)) {
		if c := s.calls[id]; !c.held {
			l.push(c.data)
		}
	}
	s.link = l
	l.ping.start(s.cfg.PingInterval, func() { s.ping(l) })
	s.mu.Unlock()
	l.flush()
	s.cfg.OnBack()
}
