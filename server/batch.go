package server

import (
	"encoding/binary"
	"time"
)

const (
	// calmDelay is how long a notification for which nobody waits may be kept for others to come along.
	calmDelay = 100 * time.Millisecond
	// calmQueue is how many may be kept.
	calmQueue = 64
	// batchBytes is when a batch of messages is long enough for one write.
	batchBytes = 16 << 10
)

// signalLater wakes the writer in a while, unless something wakes it before, which then takes all that waits, in order.
// The outbox must be locked.
func (o *outbox) signalLater() {
	if o.late {
		return
	}
	o.late = true
	time.AfterFunc(calmDelay, func() {
		o.mu.Lock()
		o.late = false
		o.mu.Unlock()
		o.signal()
	})
}

// writeSome writes the first message of a batch; a notification together with those behind it, in one write, since in a
// large room calls of the kernel, and waking peers, cost more than the messages. It tells how many it wrote.
func (c *conn) writeSome(batch []*outgoing) (n int, written bool) {
	var text []byte
	for n < len(batch) && batch[n].note != nil && len(text) < batchBytes {
		data, failed := batch[n].encode()
		if failed != nil {
			c.log.Error("cannot encode a message", "err", failed)
		} else {
			text = append(appendTextHeader(text, len(data)), data...)
		}
		n++
	}
	switch {
	case n == 0:
		return 1, c.writeMessage(batch[0])
	case len(text) == 0:
		return n, true
	}
	raw := c.ws.NetConn() // nobody else writes
	_ = raw.SetWriteDeadline(time.Now().Add(c.srv.limits.WriteTimeout))
	_, err := raw.Write(text)
	return n, c.written(err)
}

// appendTextHeader begins a text message of one frame (RFC 6455, 5.2); a server does not mask.
func appendTextHeader(b []byte, size int) []byte {
	const final, text = 0x80, 0x01
	switch {
	case size < 126:
		return append(b, final|text, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, final|text, 126), uint16(size))
	}
	return binary.BigEndian.AppendUint64(append(b, final|text, 127), uint64(size)) // positive
}
