package crvideotest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// maxHead bounds the head of an HTTP request or answer.
const maxHead = 64 << 10

// relay takes one connection of a client from its first to its last byte.
func (n *Network) relay(tcp *net.TCPConn) { n.serve(tcp, false) }

func (n *Network) relayTLS(tcp *net.TCPConn) { n.serve(tcp, true) }

func (n *Network) serve(tcp *net.TCPConn, secure bool) {
	c := n.begin(tcp, false)
	if c == nil {
		return
	}
	defer c.finish()
	if !n.hold(c, BeforeTLS) || secure && !c.handshake() {
		return
	}
	fromClient := bufio.NewReader(c.client)
	request, err := readHead(fromClient)
	if err != nil || !n.hold(c, AfterTLS) || !n.pass(c, ToServer) {
		return
	}
	if status := n.upgradeStatus(); status != 0 {
		c.refuse(status)
		return
	}
	var pipes sync.WaitGroup
	defer pipes.Wait()
	defer c.drain(&pipes)
	if !c.dial(n.upstream, n.toServer, &pipes) {
		c.reset()
		return
	}
	fromServer := bufio.NewReader(c.server)
	c.pipes[0].push(packet{data: request})
	answer, err := readHead(fromServer)
	if err != nil {
		c.reset()
		return
	}
	c.pipes[1].push(packet{data: answer})
	readers := [2]*bufio.Reader{fromClient, fromServer}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 101 ")) {
		c.copy(readers) // health, metrics, or a refusal of the server's own
		return
	}
	if !n.hold(c, AfterUpgrade) {
		return
	}
	c.messages(readers)
}

// drain lets the pipes write what they still have, unless the connection is over.
func (c *conn) drain(pipes *sync.WaitGroup) {
	if !c.isHalfOpen() {
		pipes.Wait()
	}
	c.endOnce.Do(func() { close(c.end) })
}

func (c *conn) handshake() bool {
	ctx, cancel := c.context()
	defer cancel()
	secure := tls.Server(c.clientTCP, &tls.Config{Certificates: []tls.Certificate{c.net.cert}, MinVersion: tls.VersionTLS12})
	if secure.HandshakeContext(ctx) != nil {
		return false
	}
	c.client = secure
	return true
}

// readHead reads up to the empty line that ends the head of an HTTP message.
func readHead(r *bufio.Reader) ([]byte, error) {
	var head []byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		line, err := r.ReadSlice('\n')
		if head = append(head, line...); err != nil {
			return nil, err
		}
		if len(head) > maxHead {
			return nil, errors.New("head too long")
		}
	}
	return head, nil
}

// refuse answers the upgrade with an HTTP status.
func (c *conn) refuse(status int) {
	text := "refused by the test"
	_, _ = fmt.Fprintf(c.client, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(text), text)
}

// messages relays a WebSocket message by message.
func (c *conn) messages(readers [2]*bufio.Reader) {
	c.net.change(func() { c.ready = true })
	c.both(func(d Direction) error {
		r, p := readers[d.index()], c.pipes[d.index()]
		var part frame
		for {
			f, err := nextMessage(r, &part)
			switch {
			case err != nil:
				return err
			case f.op == opBinary:
				c.binary(p, f.payload)
			case f.op != opText:
				p.push(packet{data: f.bytes(d)})
			default:
				c.message(p, f.payload)
			}
		}
	})
}
