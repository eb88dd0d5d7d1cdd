package server

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// outgoing is one message on its way out. It is encoded by the writer, not under anybody's lock; what it refers to
// never changes after it was queued.
type outgoing struct {
	id     uint64 // of the request that is answered
	result any
	failed *wire.Error

	note *notification // or this, with its number
	seq  uint64
}

func (m *outgoing) encode() ([]byte, error) {
	if m.note != nil {
		return wire.Encode(&wire.Message{Seq: m.seq, Method: m.note.method, Params: m.note.params})
	}
	response, err := wire.Response(m.id, m.result, m.failed)
	if err != nil {
		return nil, err
	}
	return wire.Encode(response)
}

// outbox is the bounded queue between everybody and a connection's writer.
type outbox struct {
	limit int
	wake  chan struct{} // one token: something changed

	mu     sync.Mutex
	queue  []*outgoing
	ending bool
	code   int
	reason string
}

func (o *outbox) init(limit int) {
	o.limit = limit
	o.wake = make(chan struct{}, 1)
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// push queues a message and returns false if there are too many. After close it drops the message.
func (o *outbox) push(m *outgoing) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending {
		return true
	}
	if len(o.queue) >= o.limit {
		return false
	}
	o.queue = append(o.queue, m)
	o.signal()
	return true
}

// close makes the writer end after what is queued, and tells whether it was the first call.
func (o *outbox) close(code int, reason string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending {
		return false
	}
	o.ending, o.code, o.reason = true, code, reason
	o.signal()
	return true
}

func (o *outbox) closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ending
}

// isSlow tells whether the rest is not to be written, because the peer does not read.
func (o *outbox) isSlow() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ending && o.code == wire.CloseSlow
}

// take gives what is queued and whether nothing will follow.
func (o *outbox) take() ([]*outgoing, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch := o.queue
	o.queue = nil
	return batch, o.ending
}

// write is the writer's goroutine. It ends after close, or when the peer cannot be written to.
func (c *conn) write() {
	defer c.startEnd()
	for range c.out.wake {
		batch, ending := c.out.take()
		for _, m := range batch {
			if c.out.isSlow() {
				break
			}
			if !c.writeMessage(m) {
				return
			}
		}
		if ending {
			c.writeClose()
			return
		}
	}
}

func (c *conn) writeMessage(m *outgoing) bool {
	data, err := m.encode()
	if err != nil {
		c.log.Error("cannot encode a message", "err", err)
		return true
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.srv.limits.WriteTimeout))
	if err := c.ws.WriteMessage(websocket.TextMessage, data); err != nil {
		if isTimeout(err) {
			c.srv.metrics.slow.Inc()
		}
		c.close(wire.CloseSlow, "messages are not read")
		return false
	}
	return true
}

// writeClose says goodbye.
func (c *conn) writeClose() {
	c.out.mu.Lock()
	code, reason := c.out.code, c.out.reason
	c.out.mu.Unlock()
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(closeLinger))
}
