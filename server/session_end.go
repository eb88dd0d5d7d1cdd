package server

import (
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// ending says how a session ends.
type ending struct {
	code  wire.Code // of the lineOff; CodeOK: none is sent
	close int       // close code of its connection
	left  string    // reason for the others in its room
	why   string    // for the log

	renewed bool // the same client has logged in anew
}

// reason is the ending's label in the metrics.
func (e *ending) reason() string {
	switch {
	case e.code == wire.CodeTokenExpired:
		return "token"
	case e.code == wire.CodeKicked:
		return "elsewhere"
	case e.left == wire.LeftExit:
		return "logout"
	}
	return "lost"
}

// end ends the session: tells its client, puts it out of its room and closes its connection. Only the first call
// does something.
func (s *session) end(how ending) { s.endIf(func() bool { return true }, how) }

// endIf ends the session if due, which is called with it locked, says so: what has come to its aid meanwhile counts.
func (s *session) endIf(due func() bool, how ending) {
	s.mu.Lock()
	if s.ended || !due() {
		s.mu.Unlock()
		return
	}
	if how.code != wire.CodeOK {
		s.notifyLocked(newNotification(wire.NotifyLineOff, wire.LineOff{Code: how.code}))
	}
	s.ended, s.left = true, how.left
	c, m := s.conn, s.member
	s.conn, s.member = nil, nil
	s.timers.stop()
	s.mu.Unlock()

	s.cancel()
	s.srv.forget(s, how.code)
	if m != nil {
		m.room.leave(m, how.left)
	}
	s.srv.rings.leave(s)
	s.srv.queues.leave(s)
	s.srv.transfers.leave(s, how.renewed)
	s.srv.presence.watch(s, false)
	s.srv.presence.changed(s.user())
	if c != nil {
		c.close(max(how.close, websocket.CloseNormalClosure), how.why)
	}
	s.srv.metrics.ended.WithLabelValues(how.reason()).Inc()
	s.log.Info("session ended", "why", how.why)
}

// abandon ends the session of a server that shuts down: silently.
func (s *session) abandon() {
	s.mu.Lock()
	s.ended = true
	s.conn, s.member = nil, nil
	s.timers.stop()
	s.mu.Unlock()
	s.cancel()
}

// watchToken starts the timers of a token's life, in place of those of the token before.
func (s *session) watchToken(claims token.Claims) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.claims = claims
	for _, timer := range []*time.Timer{s.timers.warn, s.timers.end} {
		if timer != nil {
			timer.Stop()
		}
	}
	left := time.Until(claims.Expires)
	s.timers.end = time.AfterFunc(left, func() {
		s.endIf(func() bool { return s.claims.Expires.Equal(claims.Expires) }, // else it was replaced at the last moment
			ending{code: wire.CodeTokenExpired, close: wire.CloseExpired, left: wire.LeftTimeout, why: "token expired"})
	})
	s.timers.warn = time.AfterFunc(max(0, left-wire.TokenWarning), func() {
		if s.holds(claims) {
			s.tell(wire.NotifyTokenExpiring, wire.TokenExpiring{ExpiresMS: millisecondsUntil(claims.Expires)})
		}
	})
}

// holds tells whether the claims are still the session's: a timer may have fired while they were replaced.
func (s *session) holds(claims token.Claims) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claims.Expires.Equal(claims.Expires)
}

func millisecondsUntil(t time.Time) int64 { return max(0, time.Until(t).Milliseconds()) }
