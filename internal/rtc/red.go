package rtc

import (
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// unpackRED makes of a RED packet the packet of Opus that it is, after those in it that are missing. The receiver's lock
// is held.
func (r *receiver) unpackRED(s *slot, pkt *rtp.Packet, now time.Time) bool {
	red, ok := rtpkit.ParseRED(pkt.Payload)
	if !ok {
		return false
	}
	for i := range red.Len() {
		offset, payload := red.Earlier(i)
		seq := pkt.SequenceNumber - uint16(red.Len()-i) // at most 16
		if len(payload) == 0 || !s.gaps.Repaired(seq) {
			continue
		}
		s.redundant++
		earlier := &rtp.Packet{Header: pkt.Header, Payload: payload}
		earlier.SequenceNumber, earlier.Timestamp = seq, pkt.Timestamp-offset
		earlier.Extension, earlier.Extensions, earlier.Marker = false, nil, false // they are about the newest one
		r.heard(s, earlier, now)
	}
	pkt.Payload = red.Primary()
	return true
}

// heard takes a packet of sound.
func (r *receiver) heard(s *slot, pkt *rtp.Packet, now time.Time) {
	if len(pkt.CSRC) > 0 {
		if in := r.inlets[pkt.CSRC[0]]; in != nil {
			in.arrived(pkt, now)
		}
	}
	s.push(pkt, webrtc.MimeTypeOpus, now)
}

// redundant puts earlier packets into one that is about to be sent, if the sample wants that and RED was negotiated.
func (o *Outlet) redundant(s *Sample, payload []byte, timestamp uint32) (pt uint8, out []byte) {
	if o.kind != webrtc.RTPCodecTypeAudio || s.Redundancy <= 0 || o.redPT == 0 {
		o.red.Reset()
		return o.pt, payload
	}
	return o.redPT, o.red.Write(payload, timestamp, o.pt, s.Redundancy, maxPayload)
}
