package signal

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// run reads until the session ends. It is the session's only goroutine.
func (s *Session) run(l *link) {
	defer close(s.done)
	defer s.endLife()
	back := backoff{}
	for {
		err := s.serve(l, &back)
		s.mu.Lock()
		s.link = nil
		s.mu.Unlock()
		l.close(err)
		end := verdict(err)
		if end == nil && s.life.Err() == nil {
			l, end = s.comeBack(err, l, &back)
		}
		if end != nil || l == nil || s.life.Err() != nil {
			if l != nil {
				l.close(errLeft)
			}
			s.finish(end)
			return
		}
	}
}

// serve handles messages until the connection is of no use any more, and returns why.
func (s *Session) serve(l *link, back *backoff) error {
	for {
		m, err := l.read(s.cfg.OnFrame)
		if err != nil {
			return err
		}
		if err := s.handle(l, m, back); err != nil {
			return err
		}
	}
}

func (s *Session) handle(l *link, m *wire.Message, back *backoff) error {
	switch {
	case m.IsNotification():
		return s.notified(m, back)
	case m.IsResponse():
		return s.answered(l, m)
	case m.IsRequest():
		s.log.Warn("the server sent a request, which this protocol does not have", "method", m.Method)
	default:
		s.log.Error("the server could not read a message", "error", m.Error)
	}
	return nil
}

// notified delivers a notification once and in order. After a resume some may come again; one that is missing can only
// be had by another resume.
func (s *Session) notified(m *wire.Message, back *backoff) error {
	switch want := s.resume.LastSeq + 1; {
	case m.Seq < want:
		s.log.Debug("notification came again", "seq", m.Seq, "method", m.Method)
		return nil
	case m.Seq > want:
		return violation(websocket.CloseProtocolError, "notification %d came instead of %d", m.Seq, want)
	}
	s.resume.LastSeq = m.Seq
	back.progress()
	if m.Method != wire.NotifyLineOff {
		s.cfg.OnNotify(m.Method, m.Params)
		return nil
	}
	var off wire.LineOff
	if err := json.Unmarshal(m.Params, &off); err != nil || off.Code == wire.CodeOK {
		off.Code = wire.CodeSocket
	}
	return &lineOff{off.Code}
}

func (s *Session) answered(l *link, m *wire.Message) error {
	if rtt, ok := l.ping.answered(m.ID); ok {
		s.rtt.Store(int64(rtt))
		return nil
	}
	if c := s.answer(m.ID); c != nil {
		c.done(m.Result, m.Error)
		return nil
	}
	s.mu.Lock()
	last := s.lastID
	s.mu.Unlock()
	if m.ID > last {
		return violation(websocket.CloseProtocolError, "an answer to request %d, which was never made", m.ID)
	}
	// The answer came twice, or to a ping, or to a request that was given up.
	s.log.Debug("answer that nobody waits for", "id", m.ID)
	return nil
}

// finish ends the session: end is why, nil if it was Close.
func (s *Session) finish(end *wire.Error) {
	s.mu.Lock()
	tell := !s.leaving
	s.ended = end
	if end == nil || s.leaving {
		s.ended = loggedOut()
	}
	end = s.ended
	calls := s.calls
	s.calls, s.link = nil, nil
	s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(calls)) {
		calls[id].timer.Stop()
		calls[id].done(nil, end)
	}
	if tell {
		s.cfg.OnEnd(end)
	}
}
