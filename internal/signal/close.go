package signal

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

var errLeft = errors.New("logged out")

// Close logs out and ends the session; requests in flight fail with code 12. It waits for the server to confirm, but
// not longer than Config.CloseTimeout. It may be called more than once, and waits each time for the end. Called by one
// of Config's functions it cannot see the end, and takes all of that time.
func (s *Session) Close() {
	s.mu.Lock()
	first := !s.leaving
	s.leaving = true
	s.mu.Unlock()
	wait := s.cfg.CloseTimeout + goodbyeTime
	if first {
		s.logout()
		wait = goodbyeTime // the goroutine ends at once, unless one of Config's functions holds it up
	}
	limit := time.NewTimer(wait)
	defer limit.Stop()
	select {
	case <-s.done:
	case <-limit.C:
	}
}

// logout tells the server, and then ends what is left. A lost connection may come back for it meanwhile.
func (s *Session) logout() {
	confirmed := make(chan struct{})
	_, refused := s.start(request{
		method: wire.MethodLogout, timeout: s.cfg.Timeout, kind: leaving,
		done: func(json.RawMessage, *wire.Error) {
			s.endLife() // the server closes the connection next, which is no reason to come back
			close(confirmed)
		},
	})
	if refused == nil {
		limit := time.NewTimer(s.cfg.CloseTimeout)
		defer limit.Stop()
		select {
		case <-confirmed:
		case <-s.done:
		case <-limit.C:
		}
	}
	s.endLife()
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l != nil {
		l.close(errLeft)
	}
}
