package whep

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"
)

// continuity turns the packets of several tracks, one after the other, into one stream: sequence numbers go on, and
// timestamps go on with the clock.
type continuity struct {
	clockRate float64
	started   bool
	switched  bool // the next packet is the first of a new track
	sequence  uint16
	timestamp uint32 // both: what is added to the track's own
	highest   uint16 // of what went out
	last      uint32 // timestamp of what went out last,
	at        time.Time
}

// next tells the numbers of a packet.
func (c *continuity) next(h *rtp.Header, now time.Time) (sequence uint16, timestamp uint32) {
	switch {
	case !c.started:
		c.started, c.switched = true, false
		c.sequence, c.timestamp = uint16(rand.Uint32()), rand.Uint32() //nolint:gosec // no secret: the packets are encrypted
		c.highest = h.SequenceNumber + c.sequence - 1
	case c.switched:
		c.switched = false
		elapsed := uint32(max(1, int64(now.Sub(c.at).Seconds()*c.clockRate)))
		c.sequence = c.highest + 1 - h.SequenceNumber
		c.timestamp = c.last + elapsed - h.Timestamp
	}
	sequence, timestamp = h.SequenceNumber+c.sequence, h.Timestamp+c.timestamp
	if sequence-c.highest < 1<<15 {
		c.highest, c.last, c.at = sequence, timestamp, now
	}
	return sequence, timestamp
}
