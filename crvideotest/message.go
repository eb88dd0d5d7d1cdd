package crvideotest

import (
	"encoding/json"
	"strings"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Message is one signalling message on its way; see PROTOCOL.md.
type Message struct {
	Direction Direction
	UID       string // whose connection it is; empty before login
	ID        uint64 // of a request and its answer
	Seq       uint64 // of a notification
	Method    string // of a request, a notification, or the request that an answer is to
	Answer    bool   // a result or an error
	Text      []byte // the JSON text, not to be changed; of a binary message (Binary) its bytes
	Binary    bool   // a frame of a transfer; what is above but Direction and UID is zero
}

// Match tells whether a rule concerns a message. It is called for one message at a time.
type Match func(Message) bool

// Method matches requests (ToServer), answers and notifications (ToClient) of a method, in the directions given.
func Method(d Direction, method string) Match {
	return func(m Message) bool { return m.Direction&d != 0 && m.Method == method }
}

// Frames matches binary messages in the directions given: the chunks of buffers and files, and what is said of them.
func Frames(d Direction) Match {
	return func(m Message) bool { return m.Direction&d != 0 && m.Binary }
}

// Of narrows a match to the connections of one user.
func (match Match) Of(uid string) Match {
	return func(m Message) bool { return m.UID == uid && match(m) }
}

// Nth narrows a match to the n-th message that fits, counted from 1 and from when the rule was made.
func (match Match) Nth(n int) Match {
	seen := 0
	return func(m Message) bool {
		if !match(m) {
			return false
		}
		seen++
		return seen == n
	}
}

// describe tells what a text is, and remembers what later ones need.
func (c *conn) describe(d Direction, text []byte) (Message, *wire.Message) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	parsed, err := wire.Decode(text)
	if err != nil {
		return Message{Direction: d, UID: c.uid, Text: text}, nil
	}
	method := parsed.Method
	switch {
	case d == ToServer && parsed.IsRequest():
		c.methods[parsed.ID] = method
		c.identifyLocked(parsed)
	case d == ToClient && parsed.IsResponse():
		method = c.methods[parsed.ID]
		var login wire.LoginResult
		if method == wire.MethodLogin && json.Unmarshal(parsed.Result, &login) == nil && login.Session != "" {
			c.net.sessions[login.Session] = c.uid
		}
	}
	return Message{
		Direction: d, UID: c.uid, ID: parsed.ID, Seq: parsed.Seq, Method: method,
		Answer: parsed.IsResponse() || parsed.Error != nil, Text: text,
	}, parsed
}

// identifyLocked learns whose connection it is.
func (c *conn) identifyLocked(m *wire.Message) {
	switch m.Method {
	case wire.MethodLogin:
		var p wire.LoginParams
		if json.Unmarshal(m.Params, &p) == nil {
			c.uid = p.UID
		}
	case wire.MethodResume:
		var p wire.ResumeParams
		if json.Unmarshal(m.Params, &p) == nil {
			c.uid = c.net.sessions[p.Session]
		}
	}
}

// message takes a text from where it was read through the rules into its pipe.
func (c *conn) message(p *pipe, text []byte) {
	m, parsed := c.describe(p.dir, text)
	if parsed != nil {
		m.Text = c.net.media.redirect(m, parsed)
	}
	c.net.apply(p, m)
}

// binary takes a binary message through the rules into its pipe.
func (c *conn) binary(p *pipe, data []byte) {
	c.net.mu.Lock()
	m := Message{Direction: p.dir, UID: c.uid, Text: data, Binary: true}
	c.net.mu.Unlock()
	c.net.apply(p, m)
}

// bytes is the message as it travels, with another text perhaps.
func (m *Message) bytes(text []byte) []byte {
	op := byte(opText)
	if m.Binary {
		op = opBinary
	}
	return frame{final: true, op: op, payload: text}.bytes(m.Direction)
}

// Inject sends a message to a user's client, or to the server in its name, that nobody sent. It tells whether there is
// a connection for it. It need not be JSON. With an empty uid it goes to a connection that is not logged in.
func (n *Network) Inject(d Direction, uid, text string) bool {
	return n.inject(d, uid, frame{final: true, op: opText, payload: []byte(text)})
}

// InjectBinary is Inject with a binary message.
func (n *Network) InjectBinary(d Direction, uid string, data []byte) bool {
	return n.inject(d, uid, frame{final: true, op: opBinary, payload: data})
}

func (n *Network) inject(d Direction, uid string, f frame) bool {
	n.mu.Lock()
	var to *conn
	for c := range n.conns {
		if c.ready && c.uid == uid && !c.halfOpen {
			to = c
		}
	}
	n.mu.Unlock()
	if to == nil {
		return false
	}
	for i, way := range ways {
		if d&way != 0 {
			to.pipes[i].inject(f.bytes(way))
		}
	}
	return true
}

// editSDP replaces the session description in a field of the message's parameters or result, if there is one.
func editSDP(raw json.RawMessage, field string, edit func(string) string) (json.RawMessage, bool) {
	if !strings.Contains(string(raw), `"`+field+`"`) {
		return raw, false
	}
	var fields map[string]json.RawMessage
	var sdp string
	if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields[field], &sdp) != nil {
		return raw, false
	}
	edited, err := json.Marshal(edit(sdp))
	if err != nil {
		return raw, false
	}
	fields[field] = edited
	out, err := json.Marshal(fields)
	return out, err == nil
}
