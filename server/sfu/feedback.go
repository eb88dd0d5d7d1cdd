package sfu

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// onRTCP takes one RTCP packet from the network, once for each SSRC it is about, on the goroutine that reads them.
func (p *Peer) onRTCP(ssrc uint32, raw []byte) {
	if rtpkit.IsTransportFeedback(raw) {
		p.feedback(raw, time.Now())
		return
	}
	s := p.layout.Load().slots[ssrc]
	if s == nil {
		if _, known := p.strangers[ssrc]; !known && len(p.strangers) >= maxSources {
			p.expel()
			return
		}
		p.strangers[ssrc] = struct{}{}
	}
	packets, err := rtcp.Unmarshal(raw)
	if err != nil {
		return
	}
	now := time.Now()
	for _, packet := range packets {
		switch packet := packet.(type) {
		case *rtcp.SenderReport:
			if packet.SSRC == ssrc {
				p.senderReport(packet, now)
			}
			s.reports(packet.Reports, now)
		case *rtcp.ReceiverReport:
			s.reports(packet.Reports, now)
		case *rtcp.TransportLayerNack:
			if s != nil && packet.MediaSSRC == ssrc {
				p.nacked(s, packet, now)
			}
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			s.pictureLost()
		}
	}
}

func (p *Peer) nacked(s *slot, nack *rtcp.TransportLayerNack, now time.Time) {
	left := maxRepeatsPerNack
	rtpkit.EachNacked(nack, func(seq uint16) bool {
		s.repeat(seq, &p.repeat, now)
		left--
		return left > 0
	})
	asked := uint64(maxRepeatsPerNack - left) // not negative
	p.room.sfu.totals.nacksIn.Add(asked)
	s.mu.Lock()
	s.counts.nacks += asked
	s.mu.Unlock()
}

// reports takes what the client says about the slot. s may be nil.
func (s *slot) reports(reports []rtcp.ReceptionReport, now time.Time) {
	if s == nil {
		return
	}
	for _, r := range reports {
		if r.SSRC != s.ssrc {
			continue
		}
		s.mu.Lock()
		s.stats.Report(r, now)
		rtt := s.stats.Snapshot().RTT
		s.mu.Unlock()
		if rtt > 0 {
			s.peer.rtt.Store(int64(rtt))
		}
	}
}

// pictureLost asks for a key frame on behalf of the client. s may be nil.
func (s *slot) pictureLost() {
	if s == nil {
		return
	}
	s.mu.Lock()
	t := s.track
	s.counts.plis++
	s.mu.Unlock()
	s.peer.room.sfu.totals.plisIn.Add(1)
	if t != nil {
		t.keys.want(t)
	}
}

// senderReport takes the publisher's report about one of its streams.
func (p *Peer) senderReport(sr *rtcp.SenderReport, now time.Time) {
	for _, t := range *p.tracks.Load() {
		if t.ssrc.Load() == sr.SSRC {
			t.senderReport(sr, p.clock.Local(sr.NTPTime, now), now)
			return
		}
	}
}
