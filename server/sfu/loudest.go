package sfu

import "sync/atomic"

// loudEnough is how loud sound must be for its member to count as speaking, in decibels above silence (127 is as loud
// as can be): quiet speech is above it, a room's noise is not.
const loudEnough = 77

// levelBits of the header extension's value are the level, in decibels below the loudest.
const levelBits = 0x7f

// peaked keeps the loudest of a stream since it was last asked for, by each of those who ask. It is called on the
// goroutine that reads RTP.
func (t *track) peaked(level byte) {
	loud := levelBits - uint32(level&levelBits)
	raise(&t.peak, loud)
	raise(&t.lately, loud)
}

func raise(to *atomic.Uint32, loud uint32) {
	for {
		before := to.Load()
		if loud <= before || to.CompareAndSwap(before, loud) {
			return
		}
	}
}

// Loudest tells which member spoke loudest since the last call; empty if nobody spoke.
func (r *Room) Loudest() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, most := "", uint32(loudEnough)
	for _, t := range r.order {
		if peak := t.peak.Swap(0); peak > most {
			id, most = t.peer.cfg.ID, peak
		}
	}
	return id
}
