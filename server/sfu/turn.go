package sfu

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// stretch is a piece of a slot's sequence that carries one layer.
type stretch struct {
	track      *track // nil: there was none
	first, top int64  // numbers of its packets
	seqOffset  uint16 // as in slot
	tsOffset   uint32
	shift      rtpkit.VP8Numbers
}

// current is the piece that is being sent. The slot's lock is held.
func (s *slot) current() stretch {
	return stretch{s.track, s.first, s.top, s.seqOffset, s.tsOffset, s.shift}
}

// has tells whether a packet of the slot's sequence belongs to it.
func (s *stretch) has(seq uint16) bool {
	back := uint16(s.top) - (seq - s.seqOffset) // wraps
	return s.track != nil && int64(back) <= s.top-s.first && back < 1<<15
}

// sameClock is by how much timestamps may differ from the time that passed, of layers that share their clock.
const sameClock = 2 * time.Second

// offset is what is to be added to the timestamps of another layer of the same stream, so that they go on as those of
// the stretch did, of which the last was sent so long ago. Our own clients give a picture the same timestamp in all its
// layers; of others it is known when they have told the clock of both.
func (s *stretch) offset(t *track, timestamp, last uint32, passed time.Duration) (offset uint32, known bool) {
	if s.track == nil || s.track.first != t.first {
		return 0, false
	}
	off := int32(timestamp + s.tsOffset - last - ticks(passed, t.clock)) // wraps
	if limit := int32(ticks(sameClock, t.clock)); -limit < off && off < limit {
		return s.tsOffset, true
	}
	from, to := s.track.clockNow(), t.clockNow()
	if from.at.IsZero() || to.at.IsZero() {
		return 0, false
	}
	apart := to.at.Sub(from.at)
	return from.rtp + ticks(apart, t.clock) + s.tsOffset - to.rtp, true // wraps
}

func (t *track) clockNow() publisherClock {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clockAt
}

// turns goes over to another layer with this packet, if that is the one to go over to and the packet begins a key frame.
// The slot's lock is held.
func (s *slot) turns(t *track, p *packet) bool {
	if s.next != t || t == nil || !p.isKey() {
		return false
	}
	s.before = stretch{}
	if s.started {
		s.before = s.current()
	}
	s.setNext(nil)
	s.setWaiting(false)
	s.track, s.started = t, false
	s.peer.room.lookAtLayers() // the other one may not be needed any more
	return true
}

// turn makes a layer the one to go over to, with room.mu held.
func (s *slot) turn(to *track, now time.Time) {
	for _, t := range s.stream.layers {
		if !s.needs(t) && t != to {
			t.remove(s)
		}
	}
	s.mu.Lock()
	before := s.next
	if before == nil {
		before = s.track
	}
	if before == to {
		s.mu.Unlock()
		return
	}
	s.aimed.since = now
	if s.track == to {
		s.setNext(nil) // back, before it had gone
	} else {
		s.setNext(to)
	}
	waits := s.next != nil
	s.mu.Unlock()
	if waits {
		if !to.has(s) {
			to.add(s)
		}
		to.keys.want(to)
	}
}

// setNext wants s.mu held.
func (s *slot) setNext(t *track) {
	if s.next != nil {
		s.next.waiting.Add(-1)
	}
	if s.next = t; t != nil {
		t.waiting.Add(1)
	}
}

// needs tells whether the slot sends a layer, or is to.
func (s *slot) needs(t *track) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.track == t || s.next == t
}

// aim is the number of the layer that the slot has, or is to have. room.mu is held.
func (s *slot) aim() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.stream.layers {
		if s.next == t || s.next == nil && s.track == t {
			return i
		}
	}
	return 0
}
