package crvideotest

import "time"

// Stage is a moment in the life of a new connection.
type Stage int

// The stages at which StallAt can stop new connections.
const (
	Nowhere      Stage = iota
	BeforeAccept       // the server does not accept: the kernel may complete the TCP connection, nobody is behind it
	BeforeTLS          // TCP is there, and not a byte of TLS (or HTTP, without TLS) is answered
	AfterTLS           // TLS is there, the WebSocket's upgrade is not answered
	AfterUpgrade       // the WebSocket is there, no message passes
)

// StallAt stops new connections at a stage until another stage, or Nowhere, is given; they then go on. Those that are
// past it stay as they are.
func (n *Network) StallAt(stage Stage) {
	n.change(func() { n.stage = stage })
	for _, g := range []*gateway{n.plain, n.secure} {
		g.interrupt(stage == BeforeAccept)
	}
}

// hold waits while new connections are stopped at the stage, and tells whether the connection is still there.
func (n *Network) hold(c *conn, stage Stage) bool {
	return n.wait(c.end, func() bool { return n.stage != stage })
}

// interrupt makes who accepts look at the stage.
func (g *gateway) interrupt(stop bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener == nil {
		return
	}
	deadline := time.Time{}
	if stop {
		deadline = time.Unix(1, 0)
	}
	_ = g.listener.SetDeadline(deadline) // fails on a closed one, which accepts nothing
}

// mayAccept waits until connections may be accepted, and tells whether the test still runs.
func (n *Network) mayAccept() bool {
	return n.wait(n.end, func() bool { return n.stage != BeforeAccept })
}
