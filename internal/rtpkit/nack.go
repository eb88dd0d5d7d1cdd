package rtpkit

import (
	"encoding/binary"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// NackPairs packs sequence numbers, which should be in order, into the pairs of a NACK packet.
func NackPairs(seqs []uint16) []rtcp.NackPair { return rtcp.NackPairsFromSequenceNumbers(seqs) }

// EachNacked calls fn for every sequence number that a NACK asks for, until fn returns false.
func EachNacked(nack *rtcp.TransportLayerNack, fn func(seq uint16) bool) {
	for i := range nack.Nacks {
		goOn := true
		nack.Nacks[i].Range(func(seq uint16) bool {
			goOn = fn(seq)
			return goOn
		})
		if !goOn {
			return
		}
	}
}

// WrapRTX turns a packet into its retransmission (RFC 4588) in place: h gets the RTX stream's SSRC, payload type and
// sequence number. payload must begin with two free bytes, which get the original sequence number.
func WrapRTX(h *rtp.Header, payload []byte, ssrc uint32, pt uint8, seq uint16) {
	binary.BigEndian.PutUint16(payload, h.SequenceNumber)
	h.SSRC, h.PayloadType, h.SequenceNumber = ssrc, pt, seq
}

// UnwrapRTX turns a retransmission back into the original packet: h gets the given SSRC and payload type and the
// original sequence number; the original payload is returned. False means that it carries none (a probe).
func UnwrapRTX(h *rtp.Header, payload []byte, ssrc uint32, pt uint8) ([]byte, bool) {
	if len(payload) <= 2 {
		return nil, false
	}
	h.SequenceNumber = binary.BigEndian.Uint16(payload)
	h.SSRC, h.PayloadType = ssrc, pt
	return payload[2:], true
}
