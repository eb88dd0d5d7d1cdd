package sfu

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"
)

const (
	tcpQueue      = 512 << 10        // bytes that wait for one client
	tcpSound      = 500              // bytes of a frame; sound is not longer, and what is longer is a picture
	tcpSendBuffer = 256 << 10        // bytes the kernel may hold: what is there cannot be dropped any more
	tcpStuck      = 10 * time.Second // without any progress; then the connection is closed
	tcpBatch      = 64               // frames in one system call
)

// tcpConn is a client's connection for media by TCP. Write takes one frame (RFC 4571) and never blocks: a goroutine
// that lives while there is something to write does. When too much waits, pictures are dropped, the waiting ones all
// at once: they are late, and what follows them is of no use without. If there is still too much, or the client takes
// nothing for ten seconds, the connection is closed.
type tcpConn struct {
	net.Conn
	onClose func(*tcpConn)

	mu      sync.Mutex
	frames  [][]byte
	bytes   int
	writing bool
	closed  bool
	dropped uint64
}

func newTCPConn(conn net.Conn, onClose func(*tcpConn)) *tcpConn {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(tcpSendBuffer) // no delay (Nagle) is Go's default
	}
	return &tcpConn{Conn: conn, onClose: onClose}
}

// Write queues one frame.
func (c *tcpConn) Write(frame []byte) (int, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return 0, io.ErrClosedPipe
	}
	if c.bytes+len(frame) > tcpQueue {
		c.dropPictures()
		if isPicture(frame) {
			c.dropped++
			c.mu.Unlock()
			return len(frame), nil
		}
	}
	if c.bytes+len(frame) > tcpQueue {
		c.mu.Unlock()
		_ = c.Close()
		return 0, io.ErrClosedPipe
	}
	c.frames = append(c.frames, bytes.Clone(frame))
	c.bytes += len(frame)
	if !c.writing {
		c.writing = true
		go c.write()
	}
	c.mu.Unlock()
	return len(frame), nil
}

func (c *tcpConn) dropPictures() {
	kept := c.frames[:0]
	for _, f := range c.frames {
		if isPicture(f) {
			c.bytes -= len(f)
			c.dropped++
			continue
		}
		kept = append(kept, f)
	}
	clear(c.frames[len(kept):])
	c.frames = kept
}

// isPicture tells by the first byte after the length (RFC 7983) and the size.
func isPicture(frame []byte) bool {
	return len(frame) > tcpSound && frame[2] >= 128 && frame[2] < 192
}

func (c *tcpConn) write() {
	for {
		c.mu.Lock()
		n := min(len(c.frames), tcpBatch)
		if n == 0 || c.closed {
			c.writing = false
			c.mu.Unlock()
			return
		}
		batch := make(net.Buffers, n)
		copy(batch, c.frames)
		for i, f := range batch {
			c.bytes -= len(f)
			c.frames[i] = nil
		}
		c.frames = c.frames[n:]
		c.mu.Unlock()
		_ = c.SetWriteDeadline(time.Now().Add(tcpStuck))
		if _, err := batch.WriteTo(c.Conn); err != nil {
			_ = c.Close()
		}
	}
}

// SetDeadline leaves writing alone: the goroutine that writes has deadlines of its own.
func (c *tcpConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// Close ends the connection; what waits is lost.
func (c *tcpConn) Close() error {
	c.mu.Lock()
	first := !c.closed
	c.closed, c.frames, c.bytes = true, nil, 0
	c.mu.Unlock()
	if !first {
		return nil
	}
	c.onClose(c)
	return c.Conn.Close()
}
