package sfu

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// onRTCP takes one RTCP packet from the network, once for each SSRC it is about, on the goroutine that reads them.
func (p *Peer) onRTCP(ssrc uint32, raw []byte) {
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

// remoteClock converts a publisher's clock to the server's. All streams of the publisher are converted alike, so they
// stay synchronised. It is used on the goroutine that reads RTCP.
type remoteClock struct {
	known  bool
	offset time.Duration
}

// clockStep is a change of the offset that cannot come from the network.
const clockStep = time.Second

// local tells when by the server's clock a sender report was made that arrived now.
func (c *remoteClock) local(ntp uint64, now time.Time) time.Time {
	remote := fromNTP(ntp)
	offset := now.Sub(remote)
	switch change := offset - c.offset; {
	case !c.known, change > clockStep, change < 0: // the quickest report is nearest to the truth
		c.known, c.offset = true, offset
	default:
		c.offset += change / 64 // follow a clock that drifts
	}
	return remote.Add(c.offset)
}

func fromNTP(ntp uint64) time.Time {
	const since1900 = 2208988800
	return time.Unix(int64(ntp>>32)-since1900, int64((ntp&0xffffffff)*1e9>>32)) // 32 bits each
}

// senderReport takes the publisher's report about one of its streams.
func (p *Peer) senderReport(sr *rtcp.SenderReport, now time.Time) {
	for _, t := range *p.tracks.Load() {
		if t.ssrc.Load() == sr.SSRC {
			t.senderReport(sr, p.clock.local(sr.NTPTime, now), now)
			return
		}
	}
}
