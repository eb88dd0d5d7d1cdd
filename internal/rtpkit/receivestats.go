package rtpkit

import (
	"math"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// ReceiveStats counts one received stream as RFC 3550, appendix A describes. Repeated packets (RTX) are not to be
// counted: loss is what the network lost. It is not safe for concurrent use.
type ReceiveStats struct {
	clockRate float64

	started           bool
	base              uint32 // extended number of the first packet
	highest           uint32 // extended number of the highest packet
	packets, bytes    uint64
	expectedAtReport  uint32
	receivedAtReport  uint64
	arrival           time.Time
	timestamp         uint32
	jitter            float64 // in RTP units
	lastSR            uint32
	lastSRAt          time.Time
	receivedSinceBase uint64
	fractionLost      uint8
}

// ReceiveSnapshot is what is known about a received stream.
type ReceiveSnapshot struct {
	Packets uint64        // received, without repetitions
	Bytes   uint64        // of whole RTP packets
	Lost    int64         // cumulative; below 0 when packets came twice
	Jitter  time.Duration // inter-arrival jitter
	Loss    float64       // part of the packets that was lost, 0 to 1, as of the last Report
	Highest uint32        // highest sequence number, with the number of wraps in the upper half
}

// NewReceiveStats returns an empty count for a stream with that RTP clock rate in Hz.
func NewReceiveStats(clockRate uint32) *ReceiveStats {
	return &ReceiveStats{clockRate: float64(clockRate)}
}

// Received counts a packet of size bytes.
func (s *ReceiveStats) Received(h *rtp.Header, size int, now time.Time) {
	s.packets++
	s.bytes += uint64(max(size, 0)) // not negative
	seq := h.SequenceNumber
	switch ahead := seq - uint16(s.highest&0xffff); { // masked
	case !s.started:
		s.restart(seq)
	case ahead < 1<<15:
		if ahead > maxGap {
			s.restart(seq) // the sender started anew
		} else {
			s.highest += uint32(ahead)
		}
	case -ahead > maxGap:
		s.restart(seq)
	}
	s.receivedSinceBase++
	if !s.arrival.IsZero() && h.Timestamp != s.timestamp {
		d := now.Sub(s.arrival).Seconds()*s.clockRate - float64(int32(h.Timestamp-s.timestamp)) // wraps
		if d = math.Abs(d); d < 10*s.clockRate {                                                // a leap of the source is no jitter
			s.jitter += (d - s.jitter) / 16
		}
	}
	if s.arrival.IsZero() || h.Timestamp != s.timestamp {
		s.arrival, s.timestamp = now, h.Timestamp
	}
}

func (s *ReceiveStats) restart(seq uint16) {
	s.started = true
	s.base, s.highest = uint32(seq), uint32(seq)
	s.expectedAtReport, s.receivedAtReport, s.receivedSinceBase = 0, 0, 0
	s.arrival = time.Time{}
}

// SenderReport takes note of a sender report, so that the next Report lets the sender measure the round trip.
func (s *ReceiveStats) SenderReport(sr *rtcp.SenderReport, now time.Time) {
	s.lastSR, s.lastSRAt = uint32(sr.NTPTime>>16), now // the middle 32 bits
}

func (s *ReceiveStats) expected() uint32 {
	if !s.started {
		return 0
	}
	return s.highest - s.base + 1
}

func (s *ReceiveStats) lost() int64 { return int64(s.expected()) - int64(s.receivedSinceBase) } // small

// Report makes the reception report about the stream; the fraction lost is since the report before.
func (s *ReceiveStats) Report(ssrc uint32, now time.Time) rtcp.ReceptionReport {
	expected, received := s.expected()-s.expectedAtReport, s.receivedSinceBase-s.receivedAtReport
	s.expectedAtReport, s.receivedAtReport = s.expected(), s.receivedSinceBase
	r := rtcp.ReceptionReport{
		SSRC: ssrc, LastSequenceNumber: s.highest, Jitter: uint32(s.jitter), LastSenderReport: s.lastSR,
		TotalLost: uint32(min(max(s.lost(), 0), 1<<23-1)), // 24 bits, limited
	}
	if lost := int64(expected) - int64(received); expected > 0 && lost > 0 { // small
		r.FractionLost = uint8(min(lost*256/int64(expected), 255)) // limited
	}
	s.fractionLost = r.FractionLost
	if !s.lastSRAt.IsZero() {
		r.Delay = uint32(now.Sub(s.lastSRAt).Seconds() * 65536)
	}
	return r
}

// Snapshot returns the counts so far.
func (s *ReceiveStats) Snapshot() ReceiveSnapshot {
	out := ReceiveSnapshot{Packets: s.packets, Bytes: s.bytes, Lost: s.lost(), Highest: s.highest, Loss: float64(s.fractionLost) / 256}
	if s.clockRate > 0 {
		out.Jitter = time.Duration(s.jitter / s.clockRate * float64(time.Second))
	}
	return out
}
