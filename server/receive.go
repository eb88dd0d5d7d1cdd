package server

import (
	"context"
	"errors"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// receive handles one text of the peer.
func (c *conn) receive(data []byte) {
	m, err := decodeRequest(data)
	if tooFast := c.allow(len(data)); tooFast != nil {
		refusal := &outgoing{failed: tooFast}
		if m != nil {
			refusal.id = m.ID
		}
		c.send(refusal)
		return
	}
	if err != nil {
		c.srv.metrics.request("invalid", err.Code, 0)
		c.send(&outgoing{failed: err})
		if c.sess == nil {
			c.close(wire.CloseNoHello, "the first message was not login or resume")
		}
		return
	}
	started := time.Now()
	var failed *wire.Error
	if c.sess == nil {
		failed = c.hello(m)
	} else {
		failed = c.request(m)
	}
	code := wire.CodeOK
	if failed != nil {
		code = failed.Code
	}
	method := m.Method
	if code == wire.CodeNoMethod || c.srv.verbs[method].run == nil && !isHello(method) {
		method = "unknown" // whatever a peer writes there must not become a metric's label
	}
	c.srv.metrics.request(method, code, time.Since(started))
}

// decodeRequest reads a message that must be a request.
func decodeRequest(data []byte) (*wire.Message, *wire.Error) {
	m, err := wire.Decode(data)
	if err != nil {
		var failed *wire.Error
		if !errors.As(err, &failed) {
			failed = wire.Errorf(wire.CodeParse, "%v", err)
		}
		return nil, failed
	}
	if !m.IsRequest() {
		return nil, wire.Errorf(wire.CodeInvalidRequest, "clients send requests only")
	}
	return m, nil
}

// receivePing answers a WebSocket ping, through the queue: the reader waits for no peer.
func (c *conn) receivePing(data string) error {
	if c.alive(data) {
		c.send(&outgoing{pong: []byte(data)})
	}
	return nil
}

// receivePong takes a pong that nobody asked for.
func (c *conn) receivePong(data string) error {
	c.alive(data)
	return nil
}

// alive takes a control frame for a sign of life, unless there are too many of them.
func (c *conn) alive(data string) bool {
	if c.out.closed() || c.allow(len(data)) != nil {
		return false
	}
	if c.sess != nil {
		c.extend(c.sess.timeout)
	}
	return true
}

// allow counts a message or control frame, and refuses it if it is beyond a rate. Whoever goes on all the same is thrown
// out.
func (c *conn) allow(bytes int) *wire.Error {
	c.srv.metrics.messages.Inc()
	c.srv.metrics.bytes.Add(float64(bytes))
	for _, q := range []*quota{c.quota, c.address} { // what is beyond the first is no burden for the neighbours
		if what := q.take(bytes); what != "" {
			c.tooFast++
			if c.tooFast > c.srv.limits.TooFastTolerated {
				c.close(wire.CloseTooFast, "too many "+what)
			}
			return c.srv.tooMany(q, what)
		}
	}
	c.tooFast = 0
	return nil
}

// tooMany counts and makes a refusal because of a quota.
func (s *Server) tooMany(q *quota, what string) *wire.Error {
	s.metrics.tooFast.WithLabelValues(q.scope, what).Inc()
	return wire.Errorf(wire.CodeTooFast, "too many %s of this %s, wait a while", what, q.scope)
}

func isHello(method string) bool { return method == wire.MethodLogin || method == wire.MethodResume }

// hello handles a message of a connection that has no session yet.
func (c *conn) hello(m *wire.Message) *wire.Error {
	failed := c.tryHello(m)
	if failed == nil {
		return nil
	}
	c.send(&outgoing{id: m.ID, failed: failed})
	c.hellos++
	switch {
	case !isHello(m.Method):
		c.close(wire.CloseNoHello, "the first message was not login or resume")
	case c.hellos >= c.srv.limits.LoginTries:
		c.close(wire.CloseTooFast, "too many refused logins")
	}
	return failed
}

func (c *conn) tryHello(m *wire.Message) *wire.Error {
	switch {
	case c.srv.now() != serving:
		return goingAway()
	case !isHello(m.Method):
		return wire.Errorf(wire.CodeNotLoggedIn, "the first message must be login or resume")
	case !c.address.logins.Allow():
		return c.srv.tooMany(c.address, "logins")
	case m.Method == wire.MethodResume:
		return c.resume(m)
	}
	return c.login(m)
}

// request handles a message of a logged-in connection: once, also if the client repeats it after a resume.
func (c *conn) request(m *wire.Message) *wire.Error {
	s := c.sess
	if m.Method == wire.MethodPing { // harmless to repeat, and too frequent to be kept
		c.send(&outgoing{id: m.ID})
		return nil
	}
	s.requests.Lock()
	defer s.requests.Unlock()
	if s.ctx.Err() != nil { // it ended while the request waited for the one before it
		return wire.Errorf(wire.CodeNotLoggedIn, "the login has ended")
	}
	kept, failed := s.answers.find(m.ID)
	if kept != nil {
		answer := &outgoing{id: m.ID}
		answer.result, answer.failed = kept()
		c.send(answer)
		return nil
	}
	if failed != nil {
		c.send(&outgoing{id: m.ID, failed: failed})
		return failed
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	return c.srv.handle(&call{ctx: ctx, conn: c, sess: s, id: m.ID, method: m.Method, params: m.Params})
}
