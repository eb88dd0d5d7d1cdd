package mocksignal

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Conn is one connection of a client.
type Conn struct {
	Upgrade *http.Request // what the client asked with

	t        testing.TB
	ws       *websocket.Conn
	requests chan *Request
	ended    chan struct{}
	stopped  chan struct{}
	stop     func()

	mu        sync.Mutex // guards writing and everything below
	stall     chan struct{}
	holdPings bool
	pings     int
	readErr   error
}

func newConn(t testing.TB, ws *websocket.Conn, r *http.Request) *Conn {
	c := &Conn{
		Upgrade: r, t: t, ws: ws, requests: make(chan *Request, 8192), ended: make(chan struct{}), stopped: make(chan struct{}),
	}
	c.stop = sync.OnceFunc(func() { close(c.stopped) })
	go c.read()
	return c
}

func (c *Conn) read() {
	defer close(c.ended)
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			c.mu.Lock()
			c.readErr = err
			c.mu.Unlock()
			_ = c.ws.Close()
			return
		}
		c.mu.Lock()
		stall := c.stall
		c.mu.Unlock()
		if stall != nil {
			select {
			case <-stall:
			case <-c.stopped:
			}
		}
		m, err := wire.Decode(data)
		if err != nil {
			c.t.Errorf("mocksignal: the client sent %.200q: %v", data, err)
			continue
		}
		r := &Request{Message: m, conn: c}
		if m.Method == wire.MethodPing && c.pinged() {
			r.Reply(nil)
			continue
		}
		c.requests <- r
	}
}

// pinged counts a ping and tells whether it is to be answered at once.
func (c *Conn) pinged() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pings++
	return !c.holdPings
}

// Pings tells how many pings came.
func (c *Conn) Pings() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pings
}

// HoldPings gives pings to Expect like any other request instead of answering them.
func (c *Conn) HoldPings(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holdPings = on
}

// Expect waits for the next request, which must be of this method.
func (c *Conn) Expect(ctx context.Context, method string) *Request {
	c.t.Helper()
	r := c.Next(ctx)
	if r.Method != method {
		c.t.Fatalf("mocksignal: the client sent %q (id %d), not %q", r.Method, r.ID, method)
	}
	return r
}

// Next waits for the next request of any method.
func (c *Conn) Next(ctx context.Context) *Request {
	c.t.Helper()
	select {
	case r := <-c.requests:
		return r
	default:
	}
	select {
	case r := <-c.requests:
		return r
	case <-c.ended:
		select {
		case r := <-c.requests:
			return r
		default:
		}
		c.t.Fatalf("mocksignal: the connection ended instead of bringing a request: %v", c.readErr)
	case <-ctx.Done():
		c.t.Fatalf("mocksignal: no request came: %v", ctx.Err())
	}
	return nil
}

// NextOrEnd waits for the next request; nil at the end of the connection.
func (c *Conn) NextOrEnd() *Request {
	select {
	case r := <-c.requests:
		return r
	case <-c.ended:
		return nil
	}
}

// Serve gives every further request to handle, on a goroutine of its own that ends with the connection.
func (c *Conn) Serve(handle func(*Request)) {
	go func() {
		for {
			select {
			case r := <-c.requests:
				handle(r)
			case <-c.ended:
				return
			}
		}
	}()
}

// Quiet fails the test if a request came that nobody expected.
func (c *Conn) Quiet() {
	c.t.Helper()
	select {
	case r := <-c.requests:
		c.t.Fatalf("mocksignal: unexpected request %q (id %d)", r.Method, r.ID)
	default:
	}
}

// Ended waits for the end of the connection and returns what the reader saw: a *websocket.CloseError if the client
// said why.
func (c *Conn) Ended(ctx context.Context) error {
	c.t.Helper()
	select {
	case <-c.ended:
		return c.readErr
	case <-ctx.Done():
		c.t.Fatalf("mocksignal: the connection did not end: %v", ctx.Err())
		return nil
	}
}

// Login answers the login that must come next, as a server would.
func (c *Conn) Login(ctx context.Context) wire.LoginParams {
	c.t.Helper()
	var p wire.LoginParams
	r := c.Expect(ctx, wire.MethodLogin)
	r.Params(&p)
	r.Reply(wire.LoginResult{Session: "session", Key: "key", UID: p.UID, TimeoutMS: 60000})
	return p
}

// Resume answers the resume that must come next with success.
func (c *Conn) Resume(ctx context.Context) wire.ResumeParams {
	c.t.Helper()
	var p wire.ResumeParams
	r := c.Expect(ctx, wire.MethodResume)
	r.Params(&p)
	r.Reply(nil)
	return p
}

// Notify sends a numbered notification.
func (c *Conn) Notify(seq uint64, method string, params any) {
	c.t.Helper()
	m, err := wire.Notification(seq, method, params)
	if err != nil {
		c.t.Fatalf("mocksignal: %v", err)
	}
	c.send(m)
}

func (c *Conn) send(m *wire.Message) {
	data, err := wire.Encode(m)
	if err != nil {
		c.t.Errorf("mocksignal: %v", err)
		return
	}
	c.write(websocket.TextMessage, data)
}

// WriteRaw sends a text frame with anything in it.
func (c *Conn) WriteRaw(data string) { c.write(websocket.TextMessage, []byte(data)) }

// WriteBinary sends a binary frame.
func (c *Conn) WriteBinary(data []byte) { c.write(websocket.BinaryMessage, data) }

// write leaves errors to the client, who sees the end of the connection.
func (c *Conn) write(kind int, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_ = c.ws.WriteMessage(kind, data)
}

// WriteBytes sends bytes below WebSocket: broken frames.
func (c *Conn) WriteBytes(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.ws.NetConn().Write(data)
}

// CloseWith sends a close frame; the client ends the connection then.
func (c *Conn) CloseWith(code int, reason string) {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(10*time.Second))
}

// Reset cuts the TCP connection without a word.
func (c *Conn) Reset() {
	c.stop()
	raw := c.ws.NetConn()
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}

// Stall stops handling what comes: the connection stays up and nothing is answered.
func (c *Conn) Stall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stall == nil {
		c.stall = make(chan struct{})
	}
}

// Unstall goes on where Stall stopped.
func (c *Conn) Unstall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stall != nil {
		close(c.stall)
		c.stall = nil
	}
}
