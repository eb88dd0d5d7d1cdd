package server

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// frames are reused: each is read, written to another connection as it is, and of no use then.
var framePool = sync.Pool{New: func() any { return new([wire.MaxFrameBytes + 1]byte) }}

// frame is a binary message in a buffer of the pool.
type frame struct {
	mem *[wire.MaxFrameBytes + 1]byte // one more byte shows that one is too long
	n   int
}

func newFrame() frame { return frame{mem: framePool.Get().(*[wire.MaxFrameBytes + 1]byte)} } // nothing else is in it

func (f frame) bytes() []byte { return f.mem[:f.n] }

func (f frame) free() { framePool.Put(f.mem) }

// receiveFrame handles one binary message of the peer, and takes its buffer.
func (c *conn) receiveFrame(raw frame) {
	f, failed := wire.DecodeFrame(raw.bytes())
	switch {
	case c.sess == nil || !c.sess.frames:
		c.close(websocket.CloseUnsupportedData, "only text messages are spoken here")
	case failed != nil:
		c.close(websocket.CloseUnsupportedData, failed.Message)
	case c.srv.transfers.relay(c.sess, &f, raw):
		return
	default: // late, or sent again: harmless, but not as many as one likes
		if tooFast := c.allow(wire.FrameHeader); tooFast != nil {
			c.send(&outgoing{failed: tooFast})
		}
	}
	raw.free()
}

// relay passes a frame on to the other side, and tells whether it was of any use; then raw is not the caller's any more. A
// data frame that begins elsewhere than is expected was sent before its sender heard of a lost connection.
func (g *transfers) relay(s *session, f *wire.Frame, raw frame) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.byKey[transferKey{s.appID, f.ID}]
	if t == nil || !t.accepted || (t.from == s) != (f.Kind == wire.FrameData || f.Kind == wire.FrameEnd) || t.other(s) == nil {
		return false
	}
	switch f.Kind {
	case wire.FrameData:
		return g.relayData(t, f, raw)
	case wire.FrameEnd:
		if f.Offset != t.expect || f.Offset != t.Size {
			return false
		}
		t.to.forward(raw)
		return true
	case wire.FrameAck:
		return g.relayAck(t, f, raw)
	default:
		return g.rewind(t, f, raw)
	}
}

func (g *transfers) relayData(t *transfer, f *wire.Frame, raw frame) bool {
	end := f.Offset + int64(len(f.Payload))
	switch {
	case f.Offset != t.expect:
		return false
	case end > t.Size, end < t.Size && len(f.Payload) != wire.ChunkBytes, end > t.credited+t.window:
		g.end(t, wire.CodeInvalidData, t.from, t.to)
		return false
	}
	t.expect, t.high = end, max(t.high, end)
	g.srv.metrics.transferred.Add(float64(len(f.Payload)))
	t.to.forward(raw)
	return true
}

// relayAck gives the sender room for more: at once, or when it may send so much.
func (g *transfers) relayAck(t *transfer, f *wire.Frame, raw frame) bool {
	more := f.Offset - t.acked
	if more <= 0 || f.Offset > t.high {
		return false
	}
	counts := more < t.window/8 && f.Offset != t.Size // small steps are paid for as messages
	t.acked, t.expect = f.Offset, max(t.expect, f.Offset)
	if delay := t.from.pace.ReserveN(time.Now(), int(more)).Delay(); delay > 0 {
		offset := f.Offset
		time.AfterFunc(delay, func() { g.credit(t, offset) })
	} else {
		g.creditLocked(t, f.Offset)
	}
	if counts {
		return false
	}
	raw.free()
	return true
}

func (g *transfers) credit(t *transfer, offset int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.creditLocked(t, offset)
}

func (g *transfers) creditLocked(t *transfer, offset int64) {
	if t.ended || offset <= t.credited {
		return
	}
	t.credited = offset
	t.sayToSender(wire.FrameAck, offset)
}

// sayToSender sends a frame of the server's own, with what comes before everything else.
func (t *transfer) sayToSender(kind wire.FrameKind, offset int64) {
	f := wire.Frame{Kind: kind, ID: t.key.id, Offset: offset}
	t.from.sendNow(&outgoing{frame: f.Append(nil)})
}

// rewind is a receiver that has lost what was on its way to it.
func (g *transfers) rewind(t *transfer, f *wire.Frame, _ frame) bool {
	if f.Offset < t.acked || f.Offset > t.high || f.Offset%wire.ChunkBytes != 0 && f.Offset != t.Size {
		g.end(t, wire.CodeInvalidData, t.from, t.to)
		return false
	}
	t.expect = f.Offset
	t.sayToSender(wire.FrameFrom, f.Offset)
	return false // each counts as a message
}

// resumed tells a session that has come back on another connection where to go on with what it sends. It must not be
// sending yet.
func (g *transfers) resumed(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for t := range g.of[s] {
		if t.from != s || !t.accepted {
			continue
		}
		t.sayToSender(wire.FrameAck, t.credited)
		t.sayToSender(wire.FrameFrom, t.expect)
	}
}
