package signal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// maxInFlight bounds the requests that wait for an answer.
const maxInFlight = 4096

// call is a request in flight. What changes is guarded by Session.mu.
type call struct {
	request
	id    uint64
	data  []byte // as it was sent, to be repeated after a resume
	held  bool   // not sent yet: the session is being renewed
	timer *time.Timer
}

type request struct {
	method  string
	params  any
	kind    kind
	number  int // of the renewal that a renewal request is of
	timeout time.Duration
	done    func(json.RawMessage, *wire.Error)
}

// kind says what becomes of a request when the server has forgotten the session, and it is renewed.
type kind int

const (
	lasting kind = iota // made again on the new session, after what renewal requests restore
	bound               // fails with code 1201
	renewal             // sent before all others, and bound itself
	leaving             // the logout: sent at any time, also after Close
)

// Requests makes requests of one kind.
type Requests struct {
	session *Session
	kind    kind
	number  int
}

// Bound requests are about what the session has on the server, its room or its media. They fail with code 1201 when the
// server has forgotten the session, while those of the Session itself are made again when it has been renewed.
func (s *Session) Bound() Requests { return Requests{session: s, kind: bound} }

// Renewal requests restore what a session had that the server has forgotten: they are sent before all others, from
// Config.OnRenewed until its release is called. They are bound to the session of now: once it has been forgotten in its turn
// they fail with code 1201. To be called by OnRenewed.
func (s *Session) Renewal() Requests {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Requests{s, renewal, s.renewals}
}

// Call sends a request at once and waits for its answer, which is decoded into result (nil: not wanted). It is bounded
// by ctx and by Config.Timeout (code 205), and survives a lost connection. A request given up by ctx may still have
// its effect on the server. Its other errors are an *wire.Error: the server's own, 5 parameters that cannot be sent,
// 6 an answer that cannot be understood, 12 after Close, 1201 for a Bound one, or why the session ended.
func (s *Session) Call(ctx context.Context, method string, params, result any) error {
	return Requests{session: s}.Call(ctx, method, params, result)
}

// Go sends a request at once and returns without waiting. done is called exactly once, with the answer or with why
// there is none (as in Call): on the goroutine that reads, in order with notifications, or on one of its own if the
// request timed out or could not be sent; never from inside Go. It must not wait for the server. Requests reach the
// server in the order of the calls.
func (s *Session) Go(method string, params any, done func(result json.RawMessage, failure *wire.Error)) {
	Requests{session: s}.Go(method, params, done)
}

// Call is Session.Call for this kind of request.
func (r Requests) Call(ctx context.Context, method string, params, result any) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	type outcome struct {
		raw     json.RawMessage
		failure *wire.Error
	}
	ch := make(chan outcome, 1)
	c, refused := r.start(method, params, func(raw json.RawMessage, failure *wire.Error) { ch <- outcome{raw, failure} })
	if refused != nil {
		return refused
	}
	var o outcome
	select {
	case o = <-ch:
	case <-ctx.Done():
		if r.session.take(c) {
			return fmt.Errorf("%s: %w", method, ctx.Err())
		}
		o = <-ch // its answer is being delivered
	}
	if o.failure != nil {
		return o.failure
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(o.raw, result); err != nil {
		return wire.Errorf(wire.CodeInvalidData, "answer to %s: %v", method, err)
	}
	return nil
}

// Go is Session.Go for this kind of request.
func (r Requests) Go(method string, params any, done func(result json.RawMessage, failure *wire.Error)) {
	if _, refused := r.start(method, params, done); refused != nil {
		go done(nil, refused)
	}
}

func (r Requests) start(method string, params any, done func(json.RawMessage, *wire.Error)) (*call, *wire.Error) {
	return r.session.start(request{method: method, params: params, kind: r.kind, number: r.number, timeout: r.session.cfg.Timeout, done: done})
}

// start registers a request and sends it, unless it is refused at once.
func (s *Session) start(r request) (c *call, refused *wire.Error) {
	m, err := wire.Request(0, r.method, r.params)
	if err != nil {
		return nil, wire.Errorf(wire.CodeBadParameter, "%s: %v", r.method, err)
	}
	s.mu.Lock()
	switch {
	case s.ended != nil:
		refused = s.ended
	case s.leaving && r.kind != leaving:
		refused = loggedOut()
	case r.kind == renewal && r.number != s.renewals:
		refused = forgottenSession(r.method)
	case len(s.calls) >= maxInFlight && r.kind != leaving:
		refused = wire.Errorf(wire.CodeTooFast, "%s: %d requests are in flight", r.method, len(s.calls))
	}
	if refused != nil {
		s.mu.Unlock()
		return nil, refused
	}
	r.params = m.Params // encoded once: the caller may change his own
	c = &call{request: r, held: s.renewing && r.kind < renewal}
	if refused = s.registerLocked(c); refused != nil {
		s.mu.Unlock()
		return nil, refused
	}
	c.timer = time.AfterFunc(r.timeout, func() {
		if s.take(c) {
			c.done(nil, wire.Errorf(wire.CodeTimeout, "%s: no answer for %v", r.method, r.timeout))
		}
	})
	l := s.link
	if l != nil && !c.held {
		l.push(c.data)
	}
	s.mu.Unlock()
	if l != nil {
		l.flush()
	}
	return c, nil
}

// registerLocked gives a request the next id and encodes it with it. That it happens under the lock keeps the ids on
// the wire in order.
func (s *Session) registerLocked(c *call) *wire.Error {
	m, err := wire.Request(s.lastID+1, c.method, c.params)
	if err != nil {
		return wire.Errorf(wire.CodeBadParameter, "%s: %v", c.method, err)
	}
	data, err := wire.Encode(m)
	switch {
	case err != nil:
		return wire.Errorf(wire.CodeBadParameter, "%s: %v", c.method, err)
	case len(data) > wire.MaxMessageBytes:
		return wire.Errorf(wire.CodeBadParameter, "%s: message of %d bytes, at most %d are allowed", c.method, len(data), wire.MaxMessageBytes)
	}
	s.lastID = m.ID
	c.id, c.data = m.ID, data
	s.calls[c.id] = c
	return nil
}

// take removes a request; whoever gets it calls done. False: it is done already.
func (s *Session) take(c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeLocked(c)
}

func (s *Session) takeLocked(c *call) bool {
	if s.calls[c.id] != c {
		return false
	}
	delete(s.calls, c.id)
	c.timer.Stop()
	return true
}

// answer removes the request with this id. Nil: there is none, or it was not sent.
func (s *Session) answer(id uint64) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[id]
	if c == nil || c.held || !s.takeLocked(c) {
		return nil
	}
	return c
}

func forgottenSession(method string) *wire.Error {
	return wire.Errorf(wire.CodeNoSession, "%s: the server has forgotten the session", method)
}

func loggedOut() *wire.Error { return wire.Errorf(wire.CodeNotLoggedIn, "logged out") }
