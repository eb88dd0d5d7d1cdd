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

// call is a request in flight.
type call struct {
	method string
	data   []byte // as it was sent, to be repeated after a resume
	timer  *time.Timer
	done   func(json.RawMessage, *wire.Error)
}

type request struct {
	method  string
	params  any
	timeout time.Duration
	leaving bool // allowed after Close: the logout
	done    func(json.RawMessage, *wire.Error)
}

// Call sends a request at once and waits for its answer, which is decoded into result (nil: not wanted). It is bounded
// by ctx and by Config.Timeout (code 205), and survives a lost connection. A request given up by ctx may still have
// its effect on the server. Its other errors are an *wire.Error: the server's own, 5 parameters that cannot be sent,
// 6 an answer that cannot be understood, 12 after Close, or why the session ended.
func (s *Session) Call(ctx context.Context, method string, params, result any) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	type outcome struct {
		raw     json.RawMessage
		failure *wire.Error
	}
	ch := make(chan outcome, 1)
	id, refused := s.start(request{method: method, params: params, timeout: s.cfg.Timeout,
		done: func(raw json.RawMessage, failure *wire.Error) { ch <- outcome{raw, failure} }})
	if refused != nil {
		return refused
	}
	var o outcome
	select {
	case o = <-ch:
	case <-ctx.Done():
		if s.take(id) != nil {
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

// Go sends a request at once and returns without waiting. done is called exactly once, with the answer or with why
// there is none (as in Call): on the goroutine that reads, in order with notifications, or on one of its own if the
// request timed out or could not be sent; never from inside Go. It must not wait for the server. Requests reach the
// server in the order of the calls.
func (s *Session) Go(method string, params any, done func(result json.RawMessage, failure *wire.Error)) {
	_, refused := s.start(request{method: method, params: params, timeout: s.cfg.Timeout, done: done})
	if refused != nil {
		go done(nil, refused)
	}
}

// start registers a request and sends it, unless it is refused at once.
func (s *Session) start(r request) (id uint64, refused *wire.Error) {
	m, err := wire.Request(0, r.method, r.params)
	if err != nil {
		return 0, wire.Errorf(wire.CodeBadParameter, "%s: %v", r.method, err)
	}
	s.mu.Lock()
	switch {
	case s.ended != nil:
		refused = s.ended
	case s.leaving && !r.leaving:
		refused = loggedOut()
	case len(s.calls) >= maxInFlight && !r.leaving:
		refused = wire.Errorf(wire.CodeTooFast, "%s: %d requests are in flight", r.method, len(s.calls))
	}
	if refused != nil {
		s.mu.Unlock()
		return 0, refused
	}
	// Encoding under the lock keeps the ids on the wire in order.
	id = s.lastID + 1
	m.ID = id
	data, err := wire.Encode(m)
	switch {
	case err != nil:
		refused = wire.Errorf(wire.CodeBadParameter, "%s: %v", r.method, err)
	case len(data) > wire.MaxMessageBytes:
		refused = wire.Errorf(wire.CodeBadParameter, "%s: message of %d bytes, at most %d are allowed", r.method, len(data), wire.MaxMessageBytes)
	}
	if refused != nil {
		s.mu.Unlock()
		return 0, refused
	}
	s.lastID = id
	s.calls[id] = &call{method: r.method, data: data, done: r.done, timer: time.AfterFunc(r.timeout, func() {
		if c := s.take(id); c != nil {
			c.done(nil, wire.Errorf(wire.CodeTimeout, "%s: no answer for %v", r.method, r.timeout))
		}
	})}
	l := s.link
	if l != nil {
		l.push(data)
	}
	s.mu.Unlock()
	if l != nil {
		l.flush()
	}
	return id, nil
}

// take removes a request; whoever gets it calls done. Nil: it is done already, or never was.
func (s *Session) take(id uint64) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[id]
	if c != nil {
		delete(s.calls, id)
		c.timer.Stop()
	}
	return c
}

func loggedOut() *wire.Error { return wire.Errorf(wire.CodeNotLoggedIn, "logged out") }
