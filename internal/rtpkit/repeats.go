package rtpkit

import "time"

// On a path that carries little, repetitions may take a part of it, and no packet is repeated while the last repetition
// may still be in the queue: else repetitions are what fills the path, and nothing gets through in time.
const (
	repeatShare = 3 // a third of what the path carries
	repeatBurst = 300 * time.Millisecond
	repeatSlots = 256
)

// Repeats decides which packets of one stream are repeated. The zero value is ready. It is not safe for concurrent use.
type Repeats struct {
	sent   *[repeatSlots]repetition // nil before the first one
	budget float64                  // bytes
	filled time.Time
}

type repetition struct {
	seq uint16
	at  time.Time
}

// May tells whether to repeat a packet of size bytes now. wait is how long the last repetition may be under way, bps what
// the path carries, 0 if it is no limit.
func (r *Repeats) May(seq uint16, size int, wait time.Duration, bps int, now time.Time) bool {
	if r.sent == nil {
		r.sent = new([repeatSlots]repetition)
	}
	last := &r.sent[seq%repeatSlots]
	if last.seq == seq && !last.at.IsZero() && now.Sub(last.at) < wait {
		return false
	}
	if bps > 0 {
		rate := float64(bps) / 8 / repeatShare
		r.budget = min(r.budget+rate*now.Sub(r.filled).Seconds(), rate*repeatBurst.Seconds()+float64(size))
		r.filled = now
		if r.budget < float64(size) {
			return false
		}
		r.budget -= float64(size)
	}
	*last = repetition{seq, now}
	return true
}
