package sfu

import "github.com/pion/webrtc/v4"

// State is the state of a peer's connection.
type State int32

// The states of a connection.
const (
	StateConnecting   State = iota // not connected yet
	StateConnected                 // media flows
	StateDisconnected              // nothing was heard for 2 seconds; it may come back by itself
	StateFailed                    // given up after 28 seconds more; an offer with an ICE restart brings it back
	StateClosed                    // ended by the other side; the peer is out of its room
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
	}
	return "unknown"
}

func stateOf(s webrtc.PeerConnectionState) State {
	switch s {
	case webrtc.PeerConnectionStateConnected:
		return StateConnected
	case webrtc.PeerConnectionStateDisconnected:
		return StateDisconnected
	case webrtc.PeerConnectionStateFailed:
		return StateFailed
	case webrtc.PeerConnectionStateClosed:
		return StateClosed
	}
	return StateConnecting
}
