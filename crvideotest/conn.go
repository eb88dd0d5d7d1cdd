package crvideotest

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"time"
)

// dialTime bounds how long the relay tries to reach its server.
const dialTime = 10 * time.Second

// conn is one relayed TCP connection, of signalling or media.
type conn struct {
	net       *Network
	client    net.Conn // with TLS, if there is
	clientTCP *net.TCPConn
	end       chan struct{} // closed when the connection is over
	endOnce   sync.Once

	// of the goroutine that makes the connection, and constant once the pipes run
	server    net.Conn
	serverTCP *net.TCPConn
	pipes     [2]*pipe

	// guarded by the network
	media    bool
	ready    bool // messages may be injected
	uid      string
	halfOpen bool
	methods  map[uint64]string // of the requests, for their answers
}

// begin registers a connection, or drops it if the network cannot take it.
func (n *Network) begin(tcp *net.TCPConn, media bool) *conn {
	c := &conn{net: n, client: tcp, clientTCP: tcp, media: media, end: make(chan struct{}), methods: map[uint64]string{}}
	n.mu.Lock()
	dead := n.ended() || n.down
	if !dead {
		n.conns[c] = struct{}{}
	}
	n.mu.Unlock()
	if dead {
		c.reset()
		return nil
	}
	return c
}

// reset ends the connection as a crash or a broken path does: both sides get a TCP reset.
func (c *conn) reset() {
	c.endOnce.Do(func() { close(c.end) })
	c.net.mu.Lock()
	server := c.serverTCP
	delete(c.net.conns, c)
	c.net.mu.Unlock()
	for _, tcp := range []*net.TCPConn{c.clientTCP, server} {
		if tcp != nil {
			_ = tcp.SetLinger(0)
			_ = tcp.Close()
		}
	}
}

// finish ends the connection in order.
func (c *conn) finish() {
	c.endOnce.Do(func() { close(c.end) })
	c.net.mu.Lock()
	delete(c.net.conns, c)
	c.net.mu.Unlock()
	_ = c.client.Close()
	if c.server != nil {
		_ = c.server.Close()
	}
}

// sleep waits, and tells whether the connection is still there.
func (c *conn) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.end:
		return false
	}
}

func (c *conn) isHalfOpen() bool {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.halfOpen
}

// context ends with the connection.
func (c *conn) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	c.net.work.Go(func() {
		select {
		case <-c.end:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, cancel
}

// dial connects to the server and starts to write what the pipes are given.
func (c *conn) dial(addr string, config *tls.Config, pipes *sync.WaitGroup) bool {
	ctx, cancel := c.context()
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	tcp := raw.(*net.TCPConn) // of network tcp
	c.net.mu.Lock()
	c.server, c.serverTCP = tcp, tcp
	gone := !c.aliveLocked()
	c.net.mu.Unlock()
	if gone {
		_ = tcp.Close()
		return false
	}
	if config != nil {
		secure := tls.Client(tcp, config)
		if secure.HandshakeContext(ctx) != nil {
			return false
		}
		c.server = secure
	}
	c.pipes = [2]*pipe{newPipe(c, ToServer, c.server), newPipe(c, ToClient, c.client)}
	for _, p := range c.pipes {
		pipes.Go(p.run)
	}
	return true
}

func (c *conn) aliveLocked() bool {
	_, there := c.net.conns[c]
	return there
}

// copy relays bytes that it does not understand, in both directions, until both are closed.
func (c *conn) copy(readers [2]*bufio.Reader) {
	c.both(func(d Direction) error {
		r, p := readers[d.index()], c.pipes[d.index()]
		for {
			chunk := make([]byte, 16<<10)
			n, err := r.Read(chunk)
			if n > 0 {
				p.push(packet{data: chunk[:n]})
			}
			if err != nil {
				return err
			}
		}
	})
}

// both runs the readers of both directions and passes on how they ended.
func (c *conn) both(read func(Direction) error) {
	var readers sync.WaitGroup
	for _, d := range ways {
		readers.Go(func() {
			last := packet{end: closes}
			if err := read(d); err != io.EOF { //nolint:errorlint // only the end of the stream as it is
				last.end = resets
			}
			if !c.isHalfOpen() {
				c.pipes[d.index()].push(last)
			}
		})
	}
	readers.Wait()
}
