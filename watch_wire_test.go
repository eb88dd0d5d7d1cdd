package crvideo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// dialled are the signalling connections of one client.
type dialled struct {
	watch *watch
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)

	mu    sync.Mutex
	conns []*tappedConn
}

func (d *dialled) netDial(ctx context.Context, network, addr string) (net.Conn, error) {
	raw, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	conn := &tappedConn{Conn: raw, lean: &d.watch.lean}
	d.mu.Lock()
	d.conns = append(d.conns, conn)
	d.mu.Unlock()
	d.watch.mu.Lock()
	defer d.watch.mu.Unlock()
	d.watch.wires = append(d.watch.wires, conn)
	return conn, nil
}

// open counts those that are not closed.
func (d *dialled) open() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		if !c.isClosed() {
			n++
		}
	}
	return n
}

// tappedConn keeps what passes.
type tappedConn struct {
	net.Conn
	lean *atomic.Bool

	mu                 sync.Mutex
	toServer, toClient []byte
	closed             bool
}

func (c *tappedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.lean.Load() {
		c.toClient = append(c.toClient, p[:n]...)
	}
	return n, err
}

func (c *tappedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.lean.Load() {
		c.toServer = append(c.toServer, p[:n]...)
	}
	return n, err
}

func (c *tappedConn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	return c.Conn.Close()
}

func (c *tappedConn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// message is one message on its way.
type message struct {
	toServer bool
	method   string // of the request, for its answer, too; empty: what is no message
	text     []byte
}

// messages are those that passed so far; none of a connection with TLS.
func (c *tappedConn) messages() (all []message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	methods := map[uint64]string{}
	for _, toServer := range []bool{true, false} { // requests first
		stream := c.toServer
		if !toServer {
			stream = c.toClient
		}
		head, texts := readFrames(stream)
		all = append(all, message{toServer: toServer, text: head})
		for _, text := range texts {
			m := message{toServer: toServer, text: text}
			if parsed, err := wire.Decode(text); err == nil {
				m.method = parsed.Method
				switch {
				case parsed.IsRequest():
					methods[parsed.ID] = parsed.Method
				case m.method == "":
					m.method = methods[parsed.ID]
				}
			}
			all = append(all, m)
		}
	}
	return all
}

const tlsHandshake = 0x16

// readFrames takes the HTTP head and the messages out of one direction of a WebSocket. The last one may be cut off.
func readFrames(stream []byte) (head []byte, texts [][]byte) {
	if len(stream) == 0 || stream[0] == tlsHandshake {
		return nil, nil
	}
	head, rest, found := bytes.Cut(stream, []byte("\r\n\r\n"))
	if !found || !bytes.Contains(bytes.ToLower(head), []byte("upgrade: websocket")) {
		return stream, nil // a refusal
	}
	var whole []byte
	for {
		final, op, payload, after := readFrame(rest)
		if after == nil {
			return head, texts
		}
		rest = after
		if op >= 8 { // ping, pong, close
			texts = append(texts, payload)
			continue
		}
		if whole = append(whole, payload...); final {
			texts, whole = append(texts, whole), nil
		}
	}
}

// readFrame reads one frame (RFC 6455, 5.2); no rest means that it is not complete.
func readFrame(b []byte) (final bool, op byte, payload, rest []byte) {
	if len(b) < 2 {
		return false, 0, nil, nil
	}
	final, op = b[0]&0x80 != 0, b[0]&0x0f
	masked, size, at := b[1]&0x80 != 0, uint64(b[1]&0x7f), 2
	if size >= 126 {
		wide := 2
		if size == 127 {
			wide = 8
		}
		if len(b) < at+wide {
			return false, 0, nil, nil
		}
		var field [8]byte
		copy(field[8-wide:], b[at:at+wide])
		size, at = binary.BigEndian.Uint64(field[:]), at+wide
	}
	var mask [4]byte
	if masked {
		at += copy(mask[:], b[min(at, len(b)):])
	}
	if at > len(b) || size > uint64(len(b)-at) {
		return false, 0, nil, nil
	}
	payload = slices.Clone(b[at : at+int(size)])
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
	return final, op, payload, b[at+int(size):]
}

// mayHold are the only places in which a secret travels, by direction and method.
var mayHold = map[string][]string{
	"> login":         {"params.secretMD5", "params.token"},
	"> resume":        {"params.key"},
	"> updateToken":   {"params.token"},
	"> createMeeting": {"params.password"},
	"> enterMeeting":  {"params.password", "params.ticket"},
	"> call":          {"params.meet.password"},
	"> acceptCall":    {"params.meet.password"},
	"> rejectCall":    {"params.meet.password"},
	"< login":         {"result.key"},
	"< createMeeting": {"result.password"},
	"< enterMeeting":  {"result.ticket"},
	"< callIn":        {"params.meet.password"},
	"< callAccepted":  {"params.meet.password"},
	"< inviteIn":      {"params.meet.password"},
}

func (m *message) kind() string {
	if m.toServer {
		return "> " + m.method
	}
	return "< " + m.method
}

// learn takes the secrets that a message carries in their own places.
func (s *secrets) learn(m *message) {
	var fields map[string]any
	if mayHold[m.kind()] == nil || json.Unmarshal(m.text, &fields) != nil {
		return
	}
	for _, path := range mayHold[m.kind()] {
		if m.kind() == "> enterMeeting" && path == "params.password" {
			continue // a wrong one may be anything; the right one is known from createMeeting
		}
		if value, ok := at(fields, path, false).(string); ok {
			s.add(m.kind()+" "+path, value)
		}
	}
}

// at gives what a message has in a place, and takes it out if asked to.
func at(fields map[string]any, path string, remove bool) any {
	name, rest, deeper := strings.Cut(path, ".")
	if deeper {
		inner, _ := fields[name].(map[string]any)
		return at(inner, rest, remove)
	}
	value := fields[name]
	if remove {
		delete(fields, name)
	}
	return value
}

// misplaced tells which secret a message has in a place that is not its own; empty: none.
func (s *secrets) misplaced(m *message) string {
	found := s.find(m.text, true)
	if found == "" || mayHold[m.kind()] == nil {
		return found
	}
	var fields map[string]any
	if json.Unmarshal(m.text, &fields) != nil {
		return found
	}
	for _, path := range mayHold[m.kind()] {
		at(fields, path, true)
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	return s.find(rest, true)
}

// relay watches what passes a network, for connections with TLS.
func (w *watch) relay(n *crvideotest.Network) {
	w.mu.Lock()
	known := w.relays[n]
	w.relays[n] = true
	w.mu.Unlock()
	if known {
		return
	}
	n.Tap(func(m crvideotest.Message) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.messages = append(w.messages, message{m.Direction == toServer, m.Method, slices.Clone(m.Text)})
	})
}
