package signal

import (
	"errors"
	"net"
	"time"
)

// handshakeBytes bounds what a server may send before the WebSocket is up: certificates and an HTTP header.
const handshakeBytes = 1 << 20

// watchedConn finds a dead connection by its silence: every read must bring something in time. It sits below TLS and
// WebSocket, so that a large message that comes slowly is no silence. Only one goroutine at a time reads.
type watchedConn struct {
	net.Conn
	silence time.Duration // 0 during the handshakes, which have their own deadline
	budget  int           // bytes left for the handshakes
}

var errHandshakeSize = errors.New("the server sends too much before the WebSocket is up")

func (c *watchedConn) Read(p []byte) (int, error) {
	if c.silence > 0 {
		if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
			return 0, err
		}
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p)
	if c.budget -= n; c.budget < 0 {
		return 0, errHandshakeSize
	}
	return n, err
}
