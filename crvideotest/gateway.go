package crvideotest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// A port that was given up is taken again within takeTime; somebody else may have it for a moment.
const (
	takeTime  = 5 * time.Second
	takeEvery = 10 * time.Millisecond
)

// gateway is a TCP port of the relay. It can be closed and opened again.
type gateway struct {
	net    *Network
	handle func(*net.TCPConn)
	addr   string // known from the first open on

	mu       sync.Mutex
	listener *net.TCPListener // nil: shut
}

func newGateway(n *Network, handle func(*net.TCPConn)) *gateway {
	return &gateway{net: n, handle: handle, addr: "127.0.0.1:0"}
}

// open takes the port, the same one each time. Opening an open one does nothing.
func (g *gateway) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil || g.net.ended() {
		return nil
	}
	l, err := retake(g.net.end, func() (net.Listener, error) { return net.Listen("tcp", g.addr) })
	if err != nil {
		return fmt.Errorf("listen again: %w", err)
	}
	tcp := l.(*net.TCPListener) // of network tcp
	g.listener, g.addr = tcp, tcp.Addr().String()
	g.net.work.Go(func() { g.accept(tcp) })
	return nil
}

// shut gives the port up: who connects is refused. The connections stay.
func (g *gateway) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
}

func (g *gateway) accept(l *net.TCPListener) {
	for g.net.mayAccept() {
		c, err := l.AcceptTCP()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded): // StallAt wants to be looked at
		case err != nil:
			return
		default:
			g.net.work.Go(func() { g.handle(c) })
		}
	}
}

// retake repeats what takes a port until it has it.
func retake[T any](end <-chan struct{}, take func() (T, error)) (T, error) {
	deadline := time.NewTimer(takeTime)
	defer deadline.Stop()
	again := time.NewTicker(takeEvery)
	defer again.Stop()
	for {
		taken, err := take()
		if err == nil {
			return taken, nil
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return taken, err
		case <-end:
			return taken, err
		}
	}
}
