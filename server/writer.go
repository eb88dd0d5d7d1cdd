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

	pong  []byte // or this: the answer to a WebSocket ping; not nil, but it may be empty
	frame []byte // or this: a frame of the server's own
}

func (m *outgoing) encode() ([]byte, error) {
	if m.note != nil {
		return wire.Numbered(m.note.head, m.seq), nil
	}
	response, err := wire.Response(m.id, m.result, m.failed)
	if err != nil {
		return nil, err
	}
	return wire.Encode(response)
}

// answerBytes is roughly how many bytes a waiting answer holds. Notifications are not counted: all who get one share it,
// and it is kept for a resume in any case.
func (m *outgoing) answerBytes() int {
	const small = 256
	switch r := m.result.(type) {
	case *wire.EnterMeetingResult:
		n := small + len(r.Answer)
		for i := range r.Messages {
			n += r.Messages[i].Bytes()
		}
		for i := range r.Members {
			n += small + len(r.Members[i].UID) + len(r.Members[i].Nickname)
			for _, v := range r.Members[i].Videos {
				n += small/2 + len(v.Name)
			}
		}
		return n
	case wire.OfferResult:
		return small + len(r.Answer)
	case wire.UserStatusResult:
		return small + len(r.Users)*small/2
	case wire.AttrsResult:
		return small + r.Attrs.Bytes()
	case wire.UserAttrsResult:
		n := small
		for _, attrs := range r.Users {
			n += attrs.Bytes()
		}
		return n
	}
	if m.note != nil {
		return 0
	}
	return small
}

// outbox is the bounded queue between everybody and a connection's writer.
type outbox struct {
	limit, byteLimit, bulkLimit int
	wake                        chan struct{} // one token: something changed

	mu     sync.Mutex
	queue  []*outgoing
	bytes  int // of the answers in the queue
	alone  int // bytes of the notifications in it that nobody else gets
	bulk   []frame
	bulky  int  // bytes of bulk
	late   bool // what waits will be signalled by a timer
	ending bool
	code   int
	reason string
}

func (o *outbox) init(l *Limits) {
	o.limit, o.byteLimit = l.SendQueue, l.SendQueueBytes
	o.bulkLimit = 2 * l.Transfers * l.TransferWindow // what may come of a window that is sent again, and more
	o.wake = make(chan struct{}, 1)
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// push queues a message and returns false if there are too many, or too many bytes. After close it drops the message.
func (o *outbox) push(m *outgoing) bool {
	size := m.answerBytes()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending {
		return true
	}
	if len(o.queue) >= o.limit || o.bytes > 0 && o.bytes+size > o.byteLimit {
		return false
	}
	o.queue = append(o.queue, m)
	o.bytes += size
	if m.note != nil && m.note.alone {
		o.alone += len(m.note.params)
	}
	if m.note != nil && m.note.calm && len(o.queue) < calmQueue {
		o.signalLater()
	} else {
		o.signal()
	}
	return true
}

// pushBulk queues a frame behind all messages, also those that come later, and takes its buffer. It returns false if too
// much waits.
func (o *outbox) pushBulk(f frame) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ending:
		f.free()
		return true
	case o.bulky+f.n > o.bulkLimit:
		f.free()
		return false
	}
	o.bulk = append(o.bulk, f)
	o.bulky += f.n
	o.signal()
	return true
}

// hasRoomAlone tells whether a notification that nobody else gets may be queued.
func (o *outbox) hasRoomAlone(bytes int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.alone+bytes <= maxAlone
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

func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.queue)
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
	o.queue, o.bytes, o.alone = nil, 0, 0
	return batch, o.ending
}

// takeBulk gives one frame, unless something else goes before it.
func (o *outbox) takeBulk() (f frame, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) > 0 || o.ending || len(o.bulk) == 0 {
		return frame{}, false
	}
	f, o.bulk = o.bulk[0], o.bulk[1:]
	o.bulky -= f.n
	return f, true
}

// write is the writer's goroutine. It ends after close, or when the peer cannot be written to.
func (c *conn) write() {
	defer c.startEnd()
	for range c.out.wake {
		for more := true; more; {
			batch, ending := c.out.take()
			for len(batch) > 0 && !c.out.isSlow() {
				n, written := c.writeSome(batch)
				if !written {
					return
				}
				batch = batch[n:]
			}
			if ending {
				c.writeClose()
				return
			}
			var f frame
			if f, more = c.out.takeBulk(); more {
				written := c.writeFrame(f.bytes())
				f.free()
				if !written {
					return
				}
			}
		}
	}
}

func (c *conn) writeMessage(m *outgoing) bool {
	switch {
	case m.frame != nil:
		return c.writeFrame(m.frame)
	case m.pong != nil:
		return c.written(c.ws.WriteControl(websocket.PongMessage, m.pong, time.Now().Add(c.srv.limits.WriteTimeout)))
	}
	data, failed := m.encode()
	if failed != nil {
		c.log.Error("cannot encode a message", "err", failed)
		return true
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.srv.limits.WriteTimeout))
	return c.written(c.ws.WriteMessage(websocket.TextMessage, data))
}

func (c *conn) writeFrame(data []byte) bool {
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.srv.limits.WriteTimeout))
	return c.written(c.ws.WriteMessage(websocket.BinaryMessage, data))
}

// written ends the connection if a write failed.
func (c *conn) written(err error) bool {
	if err != nil {
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
