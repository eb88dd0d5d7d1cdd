package rtpkit

import (
	"math/bits"
	"sync"

	"github.com/pion/rtp"
)

// Ring keeps the last packets of one stream for retransmission. Any number of readers share it. Each place keeps its
// buffer, so that once the ring went round nothing is allocated any more. Header extensions are not kept: they belong
// to the connection a packet was sent on.
type Ring struct {
	mu    sync.RWMutex
	slots []ringSlot
	mask  uint16
}

type ringSlot struct {
	used    bool
	header  rtp.Header // CSRC points to own storage
	payload []byte
}

// NewRing returns a ring for the last size packets, rounded up to a power of two and limited to 2 to 32,768.
func NewRing(size int) *Ring {
	size = min(max(size, 2), 1<<15)
	size = 1 << bits.Len(uint(size-1))
	return &Ring{slots: make([]ringSlot, size), mask: uint16(size - 1)} // at most 32,767
}

// Len returns how many packets the ring can hold.
func (r *Ring) Len() int { return len(r.slots) }

// Store copies a packet in, in place of the one that is Len sequence numbers older.
func (r *Ring) Store(h *rtp.Header, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.slots[h.SequenceNumber&r.mask]
	csrc := append(s.header.CSRC[:0], h.CSRC...)
	s.used = true
	s.header = rtp.Header{
		Version: 2, Marker: h.Marker, PayloadType: h.PayloadType, SequenceNumber: h.SequenceNumber,
		Timestamp: h.Timestamp, SSRC: h.SSRC, CSRC: csrc,
	}
	s.payload = append(s.payload[:0], payload...)
}

// Load copies a packet out: its header into h (whose CSRC storage is reused) and its payload into buf, of which n
// bytes are used. It tells false when the packet is not there (any more) or buf is too short.
func (r *Ring) Load(seq uint16, h *rtp.Header, buf []byte) (n int, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := &r.slots[seq&r.mask]
	if !s.used || s.header.SequenceNumber != seq || len(buf) < len(s.payload) {
		return 0, false
	}
	csrc := append(h.CSRC[:0], s.header.CSRC...)
	*h = s.header
	h.CSRC = csrc
	return copy(buf, s.payload), true
}

// Size tells how many bytes the payload of a packet has, 0 if it is not there (any more).
func (r *Ring) Size(seq uint16) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if s := &r.slots[seq&r.mask]; s.used && s.header.SequenceNumber == seq {
		return len(s.payload)
	}
	return 0
}

// Reset forgets all packets and keeps the storage.
func (r *Ring) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.slots {
		r.slots[i].used = false
	}
}
