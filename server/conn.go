package server

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// conn is one WebSocket connection. Its reader handles the messages one after the other; its writer has a goroutine
// of its own, so that nobody ever waits for a peer that does not read.
type conn struct {
	srv  *Server
	addr string // IP address of the peer
	log  *slog.Logger

	ws   *websocket.Conn
	out  outbox
	sess *session // nil before login; only used by the reader

	quota   *quota // its own; after the login its user's. Only used by the reader, like the next ones
	user    *userKey
	hellos  int // logins and resumes that were refused
	tooFast int // refused messages in a row
	address *quota

	deadline sync.Mutex // guards ws until serve, and the read deadline against the end of the connection
	ended    bool       // the reader's deadline belongs to the end now
}

const (
	// readBuffer is of one connection; longer messages are read without it.
	readBuffer = 1024
	// closeLinger is how long a closing connection waits for the peer's close, so that the peer gets to read ours.
	closeLinger = time.Second
	// lingerBytes is how much of what the peer still sends is read and dropped meanwhile.
	lingerBytes = 4 << 20
)

func newConn(s *Server, ip string, address *quota) *conn {
	c := &conn{srv: s, addr: ip, log: s.log.With("addr", ip), quota: s.limits.connectionQuota(), address: address}
	c.out.init(&s.limits)
	return c
}

// serve runs the connection until its end.
func (c *conn) serve(ws *websocket.Conn) {
	c.deadline.Lock()
	c.ws = ws
	c.deadline.Unlock()
	var writer sync.WaitGroup
	writer.Go(c.write)

	ws.SetReadLimit(int64(c.srv.limits.MessageBytes))
	_ = ws.SetReadDeadline(time.Now().Add(c.srv.limits.FirstMessageTimeout))
	ws.SetPingHandler(c.receivePing)
	ws.SetPongHandler(c.receivePong)
	err := c.read()
	waited := isTimeout(err) && c.out.closed() // for the peer's close after ours
	c.close(c.verdict(err))
	if c.sess != nil {
		c.sess.detach(c, errors.Is(err, errIdle))
		c.srv.queues.refresh(c.sess.user())
	}
	if c.user != nil {
		c.srv.userRates.release(*c.user)
	}
	writer.Wait()
	done(c.srv.metrics.closed, c.out.code)
	var goodbye *websocket.CloseError
	if !waited && !errors.As(err, &goodbye) { // else everything was read
		c.linger()
	}
	_ = ws.Close()
}

// errIdle ends the reader of a logged-in connection that was silent for its server timeout.
var errIdle = errors.New("idle")

// read handles messages until the connection breaks or is closed.
func (c *conn) read() error {
	for {
		text, binary, err := c.next()
		ending := c.out.closed()
		switch {
		case err != nil && isTimeout(err) && c.sess != nil && !ending:
			return errIdle
		case err != nil:
			return err
		case ending && binary.mem != nil:
			binary.free()
			continue
		case ending:
			continue // only here to let the peer read our close
		case binary.mem != nil:
			c.receiveFrame(binary)
		default:
			c.receive(text)
		}
		if c.sess != nil {
			c.extend(c.sess.timeout)
		}
	}
}

// next reads one message: a text, or a frame.
func (c *conn) next() (text []byte, binary frame, err error) {
	kind, r, err := c.ws.NextReader()
	switch {
	case err != nil:
		return nil, frame{}, err
	case kind == websocket.TextMessage:
		text, err = io.ReadAll(r)
		return text, frame{}, err
	}
	f := newFrame()
	for err == nil && f.n < len(f.mem) {
		var n int
		n, err = r.Read(f.mem[f.n:])
		f.n += n
	}
	if err == nil { // too long for a frame; perhaps for any message
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // the end of the message as it is, not of the connection
		f.free()
		return nil, frame{}, err
	}
	return nil, f, nil
}

// verdict is the close code for the reason that ended the reader.
func (c *conn) verdict(err error) (int, string) {
	switch {
	case errors.Is(err, errIdle):
		return wire.CloseIdle, "nothing was received for the server timeout"
	case isTimeout(err):
		return wire.CloseNoHello, "neither login nor resume came in time"
	case errors.Is(err, websocket.ErrReadLimit):
		return websocket.CloseMessageTooBig, "message too big"
	}
	return websocket.CloseNormalClosure, ""
}

// extend gives the peer some more time for its next message, unless the connection is being closed.
func (c *conn) extend(d time.Duration) {
	c.deadline.Lock()
	defer c.deadline.Unlock()
	if !c.ended {
		_ = c.ws.SetReadDeadline(time.Now().Add(d))
	}
}

// send queues a message; a peer for which too many wait is dropped.
func (c *conn) send(m *outgoing) {
	if !c.out.push(m) {
		c.srv.metrics.slow.Inc()
		c.close(wire.CloseSlow, "messages are not read")
	}
}

// close ends the connection after what is queued was written. The first call's code counts.
func (c *conn) close(code int, reason string) {
	if !c.out.close(code, reason) {
		return
	}
	if code != websocket.CloseNormalClosure {
		c.log.Debug("closing connection", "code", code, "reason", reason)
	}
	if code == wire.CloseSlow { // the writer may be stuck in a write
		c.deadline.Lock()
		defer c.deadline.Unlock()
		if c.ws != nil {
			_ = c.ws.NetConn().SetWriteDeadline(time.Now().Add(closeLinger))
		}
	}
}

// startEnd is called by the writer after its last message: from now on the reader only waits for the peer's close.
func (c *conn) startEnd() {
	c.deadline.Lock()
	defer c.deadline.Unlock()
	c.ended = true
	_ = c.ws.SetReadDeadline(time.Now().Add(closeLinger))
}

// linger drops what the peer still sends after the reader has ended by itself: closing a socket with unread bytes
// would reset it, and the peer would lose our close code.
func (c *conn) linger() {
	raw := c.ws.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(closeLinger))
	if half, ok := raw.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(raw, lingerBytes))
}

// tear cuts the connection at once.
func (c *conn) tear() {
	c.close(websocket.CloseGoingAway, "")
	c.deadline.Lock()
	ws := c.ws
	c.deadline.Unlock()
	if ws != nil {
		_ = ws.NetConn().Close()
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
