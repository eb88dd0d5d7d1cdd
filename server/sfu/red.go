package sfu

import (
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// What packets have as payload types in here: a slot only needs to know whether one is RED, Opus with earlier packets in it.
const (
	plainPacket = 0
	redPacket   = 1
)

// takes tells whether a packet that came as this codec is of the stream: it is the stream's own, or RED of it, which
// is then known by the packet's payload type.
func (t *track) takes(mime string, h *rtp.Header, body []byte) bool {
	h.PayloadType = plainPacket
	if mime == t.codec {
		return true
	}
	if mime != rtpkit.MimeRED || t.codec != webrtc.MimeTypeOpus {
		return false
	}
	h.PayloadType = redPacket
	_, ok := rtpkit.ParseRED(body)
	return ok
}

// fits gives the payload type and the payload with which a packet is sent in this slot: RED as it came if that was negotiated
// and names the packets in it as the publisher does, else the newest of them alone.
func (s *slot) fits(kind uint8, payload []byte) (pt uint8, body []byte) {
	if kind != redPacket {
		return s.mainPT, payload
	}
	red, ok := rtpkit.ParseRED(payload)
	switch {
	case !ok: // it was looked at when it came
		return s.mainPT, payload
	case s.redPT != 0 && red.PayloadType() == s.mainPT:
		return s.redPT, payload
	}
	return s.mainPT, red.Primary()
}
