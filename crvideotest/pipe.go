package crvideotest

import (
	"io"
	"sync"
	"time"
)

// pipeBytes may wait in a pipe before its reader has to: about a window of TCP. So a stalled direction is felt by who
// sends, as it is on a network.
const pipeBytes = 256 << 10

// packet is something on its way through a pipe.
type packet struct {
	data []byte
	due  time.Time
	end  ending
}

// ending is what happens to the connection after a packet.
type ending int

const (
	goesOn ending = iota
	closes        // the sender has closed its side in order
	resets        // TCP reset
)

// pipe takes one direction of a connection from who reads it to a goroutine that writes it.
type pipe struct {
	c   *conn
	dir Direction
	dst io.Writer

	mu    sync.Mutex
	queue []packet
	bytes int
	wake  chan struct{} // closed and replaced when the queue changes
}

func newPipe(c *conn, dir Direction, dst io.Writer) *pipe {
	return &pipe{c: c, dir: dir, dst: dst, wake: make(chan struct{})}
}

// push queues a packet and waits while the pipe is full.
func (p *pipe) push(pk packet) {
	pk.due = time.Now().Add(p.c.net.delay(p.dir))
	for {
		p.mu.Lock()
		if p.bytes == 0 || p.bytes+len(pk.data) <= pipeBytes {
			p.queue = append(p.queue, pk)
			p.bytes += len(pk.data)
			p.notifyLocked()
			p.mu.Unlock()
			return
		}
		wake := p.wake
		p.mu.Unlock()
		select {
		case <-wake:
		case <-p.c.end:
			return
		}
	}
}

// inject queues a packet however full the pipe is.
func (p *pipe) inject(data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, packet{data: data, due: time.Now()})
	p.bytes += len(data)
	p.notifyLocked()
}

func (p *pipe) notifyLocked() {
	close(p.wake)
	p.wake = make(chan struct{})
}

// next waits for the first packet; false: the connection is over.
func (p *pipe) next() (packet, bool) {
	for {
		p.mu.Lock()
		if len(p.queue) > 0 {
			pk := p.queue[0]
			p.queue = p.queue[1:]
			p.bytes -= len(pk.data)
			p.notifyLocked()
			p.mu.Unlock()
			return pk, true
		}
		wake := p.wake
		p.mu.Unlock()
		select {
		case <-wake:
		case <-p.c.end:
			return packet{}, false
		}
	}
}

// run writes what is due, while the network lets it pass, until the connection is over or the direction is closed.
func (p *pipe) run() {
	for {
		pk, ok := p.next()
		if !ok || !p.c.sleep(time.Until(pk.due)) || !p.c.net.pass(p.c, p.dir) {
			return
		}
		if p.c.isHalfOpen() {
			continue
		}
		if len(pk.data) > 0 {
			if _, err := p.dst.Write(pk.data); err != nil && !p.c.isHalfOpen() {
				p.c.reset()
				return
			}
		}
		switch pk.end {
		case closes:
			if half, ok := p.dst.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // an error is seen by who reads
			}
			return
		case resets:
			p.c.reset()
			return
		}
	}
}
