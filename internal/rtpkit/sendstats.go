package rtpkit

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// SendStats counts one sent stream, makes its sender reports and reads the receiver's. It is not safe for concurrent
// use.
type SendStats struct {
	clockRate float64

	packets, bytes, octets uint64
	last                   time.Time // when lastTimestamp was the time of the stream
	lastTimestamp          uint32
	remote                 rtcp.ReceptionReport
	rtt                    time.Duration
}

// SendSnapshot is what is known about a sent stream.
type SendSnapshot struct {
	Packets      uint64        // sent, without repetitions
	Bytes        uint64        // of whole RTP packets
	RTT          time.Duration // round trip as of the last receiver report; 0: not known yet
	FractionLost float64       // 0 to 1, as of the last receiver report
	RemoteLost   int64         // cumulative, as of the last receiver report
	RemoteJitter time.Duration // as of the last receiver report
}

// paceGain is over how many packets a late one is levelled out.
const paceGain = 256

// NewSendStats returns an empty count for a stream with that RTP clock rate in Hz.
func NewSendStats(clockRate uint32) *SendStats { return &SendStats{clockRate: float64(clockRate)} }

// Sent counts a packet.
func (s *SendStats) Sent(h *rtp.Header, payloadSize int, now time.Time) {
	s.packets++
	s.octets += uint64(max(payloadSize, 0))
	s.bytes += uint64(max(payloadSize+h.MarshalSize(), 0))
	if h.Timestamp != s.lastTimestamp || s.last.IsZero() {
		s.pace(h.Timestamp, now)
	}
}

// pace follows the clock of the timestamps. A packet may be late but never early: the earliest ones are nearest to the
// truth, and a clock that is slow is followed by and by.
func (s *SendStats) pace(timestamp uint32, now time.Time) {
	expected := s.last.Add(time.Duration(float64(int32(timestamp-s.lastTimestamp)) / s.clockRate * float64(time.Second)))
	if late := now.Sub(expected); !s.last.IsZero() && late > 0 && late < clockStep {
		now = expected.Add(late / paceGain)
	}
	s.last, s.lastTimestamp = now, timestamp
}

// SenderReport makes a sender report; false while nothing was sent.
func (s *SendStats) SenderReport(ssrc uint32, now time.Time) (*rtcp.SenderReport, bool) {
	if s.packets == 0 {
		return nil, false
	}
	return &rtcp.SenderReport{
		SSRC: ssrc, NTPTime: NTP(now),
		RTPTime:     s.lastTimestamp + uint32(int64(now.Sub(s.last).Seconds()*s.clockRate)),
		PacketCount: uint32(s.packets), OctetCount: uint32(s.octets),
	}, true
}

// Report takes note of what the receiver reported about this stream.
func (s *SendStats) Report(r rtcp.ReceptionReport, now time.Time) {
	s.remote = r
	if r.LastSenderReport == 0 {
		return
	}
	middle := uint32(NTP(now) >> 16)
	if d := int32(middle - r.LastSenderReport - r.Delay); d >= 0 && d < 60<<16 {
		s.rtt = max(time.Duration(d)*time.Second/65536, 15*time.Microsecond) // the unit; 0 is "not known"
	}
}

// Snapshot returns the counts so far.
func (s *SendStats) Snapshot() SendSnapshot {
	out := SendSnapshot{
		Packets: s.packets, Bytes: s.bytes, RTT: s.rtt,
		FractionLost: float64(s.remote.FractionLost) / 256, RemoteLost: int64(s.remote.TotalLost),
	}
	if s.clockRate > 0 {
		out.RemoteJitter = time.Duration(float64(s.remote.Jitter) / s.clockRate * float64(time.Second))
	}
	return out
}

// NTP returns t in the 64-bit format of RTCP.
func NTP(t time.Time) uint64 {
	const since1900 = 2208988800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/1e9
}
