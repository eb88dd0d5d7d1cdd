package rtc

import (
	"time"

	"github.com/pion/webrtc/v4"
)

// State of a connection.
type State int32

// The states. Disconnected may become Connected again by itself, Failed by Restart only. After Restart the state is
// Connecting until there is a path. Closed is after Close, or when the server ended it.
const (
	StateNew State = iota
	StateConnecting
	StateConnected
	StateDisconnected
	StateFailed
	StateClosed
)

func (s State) String() string {
	switch s {
	case StateConnecting:
		return "connecting"
	case StateConnected:
		return "connected"
	case StateDisconnected:
		return "disconnected"
	case StateFailed:
		return "failed"
	case StateClosed:
		return "closed"
	default:
		return "new"
	}
}

// State returns the state as it is now.
func (c *Conn) State() State { return State(c.state.Load()) }

// stateChanged is called by pion on a goroutine of its own for each change, in any order: what counts is the state
// that the peer connection is in now. OnState is called by the feedback goroutine, which keeps the order.
func (c *Conn) stateChanged() {
	if c.settle() {
		c.bw.another()
		c.rx.firsts.Connected.note(time.Now())
		c.connectedOnce.Do(func() { close(c.connected) })
		for _, o := range *c.outlets.Load() {
			o.connected()
		}
	}
	c.feed.poke()
}

// settle brings the state up to date. It tells whether there is a path now that was not there before.
func (c *Conn) settle() (connected bool) {
	c.stateMu.Lock()
	defer c.stateMu.Unlock()
	s := fromPion(c.pc.ConnectionState())
	switch {
	case c.closing.Load():
		s = StateClosed
	case s == StateConnected && c.selectedPair() == nil:
		s = StateConnecting // of the path that Restart gave up: pion tells late
	}
	before := State(c.state.Swap(int32(s)))
	if s != StateConnected || before == s {
		return false
	}
	c.pathless = false
	c.fallback.cancel()
	return true
}

// restarted takes note that there is no path any more, by our own wish.
func (c *Conn) restarted() {
	c.stateMu.Lock()
	defer c.stateMu.Unlock()
	c.pathless = true
	c.fallback.cancel()
	if !c.closing.Load() {
		c.state.Store(int32(StateConnecting))
	}
	c.feed.poke()
}

// answered lets the answer's TCP candidates be tried later, if there is no path till then.
func (c *Conn) answered(candidates []string) {
	c.stateMu.Lock()
	defer c.stateMu.Unlock()
	if c.pathless {
		c.fallback.arm(candidates, time.Now().Add(tcpDelay))
		c.feed.poke()
	}
}

// reportState calls OnState if the state is not the one that was reported last.
func (c *Conn) reportState() {
	if s := c.State(); s != c.reported {
		c.reported = s
		if c.cfg.OnState != nil {
			c.cfg.OnState(s)
		}
	}
}

func fromPion(s webrtc.PeerConnectionState) State {
	switch s {
	case webrtc.PeerConnectionStateConnecting:
		return StateConnecting
	case webrtc.PeerConnectionStateConnected:
		return StateConnected
	case webrtc.PeerConnectionStateDisconnected:
		return StateDisconnected
	case webrtc.PeerConnectionStateFailed:
		return StateFailed
	case webrtc.PeerConnectionStateClosed:
		return StateClosed
	default:
		return StateNew
	}
}
