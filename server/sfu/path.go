package sfu

import (
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// pathSilence is how long nothing may come on the selected path before another one that the client uses takes its
// place. It is longer than the interval of our own checks, which the client answers.
const pathSilence = 1500 * time.Millisecond

// paths follows a client whose address changes under way (a NAT forgot it): its checks come from the new address, but
// it sees no reason to nominate again, and ICE would go on sending to the old one.
type paths struct {
	peer    *Peer
	current *ice.CandidatePair
}

// checked is called for every authenticated check of the client, on the goroutine of the ICE agent. It tells whether
// the pair is to be selected.
func (w *paths) checked(m *stun.Message, _, _ ice.Candidate, pair *ice.CandidatePair) bool {
	if m.Contains(stun.AttrUseCandidate) || w.current == nil {
		w.current = pair
		return false
	}
	if s := w.peer.State(); pair == w.current || s != StateConnected && s != StateDisconnected {
		return false
	}
	if time.Since(w.current.Remote.LastReceived()) < pathSilence {
		return false
	}
	w.current = pair
	return true
}
