package sfu

import (
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// turnedKnown tells that the publisher ever said how its pictures are turned, loudKnown how loud its sound is.
const (
	turnedKnown = 1 << 8
	loudKnown   = 1 << 8
)

// described takes note of what the publisher says about its stream in a packet's header extensions.
func (t *track) described(l *layout, h *rtp.Header) {
	if t.kind == webrtc.RTPCodecTypeAudio {
		if loud := h.GetExtension(l.levelExt); l.levelExt != 0 && len(loud) == 1 {
			t.loud.Store(loudKnown | uint32(loud[0]))
			t.peaked(loud[0])
		}
		return
	}
	if turned := h.GetExtension(l.cvoExt); l.cvoExt != 0 && len(turned) == 1 {
		t.turned.Store(turnedKnown | uint32(turned[0]))
	}
}

// describe says the same to a subscriber, whose numbers for the extensions may be others: how loud each packet of sound
// is, and in the last packet of a picture how it is turned. The slot's lock is held.
func (s *slot) describe(t *track, h *rtp.Header) {
	h.Extension, h.Extensions = false, h.Extensions[:0]
	value, id := t.turned.Load(), uint8(0)
	switch {
	case t.kind == webrtc.RTPCodecTypeAudio:
		if value = t.loud.Load(); value != 0 {
			id = s.peer.layout.Load().levelExt
		}
	case value != 0 && h.Marker:
		id = s.peer.layout.Load().cvoExt
	}
	if id != 0 {
		s.described[0] = byte(value)
		_ = h.SetExtension(id, s.described[:]) // fails for an ID that no header can carry: then nobody knows
	}
}
