package sfu

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const (
	reportInterval = time.Second            // between the RTCP reports to a peer
	reportPause    = 100 * time.Millisecond // after a report, before one that is wanted soon
	gapInterval    = 5 * time.Millisecond   // between looks at the losses of a stream, while there are some
	idleInterval   = 10 * time.Second       // between looks at a room in which nothing is to be done
	maxRTCP        = 1100                   // bytes of RTCP in one datagram
	reportedSSRC   = 1                      // the server as a receiver
	maxReports     = 31                     // in one receiver report
	srSize, rrSize = 28, 24                 // bytes of a sender report, and of one reception report
	firstReport    = 50 * time.Millisecond  // after a peer joined
)

// control is the room's one goroutine: it writes all RTCP. Everybody else wakes it and does not wait.
func (r *Room) control() {
	defer close(r.controlDone)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-r.done:
			return
		case <-r.wake:
		case <-timer.C:
		}
		now := time.Now()
		next := now.Add(idleInterval)
		for _, p := range *r.members.Load() {
			next = earlier(next, p.control(now, &r.batch))
		}
		next = sooner(sooner(r.choose(now), r.steer(now)), next)
		timer.Reset(time.Until(next))
	}
}

func earlier(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// batch collects RTCP packets for one peer and writes them in datagrams of a decent size.
type batch struct {
	packets []rtcp.Packet
	size    int
	seqs    []uint16
}

func (b *batch) add(p *Peer, packet rtcp.Packet, size int) {
	if b.size+size > maxRTCP {
		b.flush(p)
	}
	b.packets = append(b.packets, packet)
	b.size += size
}

func (b *batch) flush(p *Peer) {
	if len(b.packets) > 0 {
		p.writeRTCP(b.packets)
	}
	clear(b.packets)
	b.packets, b.size = b.packets[:0], 0
}

// control writes what is due to the peer, and tells when something will be due again.
func (p *Peer) control(now time.Time, b *batch) time.Time {
	if !p.live.Load() {
		return time.Time{}
	}
	var next time.Time
	for _, t := range *p.tracks.Load() {
		at := t.control(now, b)
		next = sooner(next, at)
	}
	next = sooner(next, p.limit(now, b))
	if due, wait := p.arrivals.Due(now); due {
		p.tellArrivals(b)
	} else if wait > 0 {
		next = sooner(next, now.Add(wait))
	}
	next = sooner(next, p.limits(now))
	if p.nextReport.IsZero() {
		p.nextReport = now.Add(firstReport)
	}
	if p.reportSoon.Swap(false) {
		p.nextReport = earlier(p.nextReport, p.lastReport.Add(reportPause))
	}
	if !now.Before(p.nextReport) {
		p.lastReport = now
		p.nextReport = now.Add(reportInterval)
		p.report(now, b)
	}
	b.flush(p)
	return earlier(p.nextReport, next)
}

// sooner is the earlier of two times, of which a zero one is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// tellArrivals tells the client when its packets arrived.
func (p *Peer) tellArrivals(b *batch) {
	for {
		packet, size := p.arrivals.Feedback(reportedSSRC)
		if packet == nil {
			return
		}
		b.add(p, packet, size)
	}
}

// control asks the publisher for lost packets and key frames.
func (t *track) control(now time.Time, b *batch) (next time.Time) {
	ask, next := t.keys.due(t, now)
	if ask {
		t.totals.plisOut.Add(1)
		b.add(t.peer, &rtcp.PictureLossIndication{SenderSSRC: reportedSSRC, MediaSSRC: t.mediaSSRC()}, 12)
	}
	t.mu.Lock()
	b.seqs = t.gaps.Due(now, t.peer.roundTrip(), b.seqs[:0])
	open := t.gaps.Open()
	if !t.nack {
		b.seqs = b.seqs[:0]
	}
	t.nacks += uint64(len(b.seqs))
	t.mu.Unlock()
	if len(b.seqs) > 0 {
		t.totals.nacksOut.Add(uint64(len(b.seqs)))
		pairs := rtpkit.NackPairs(b.seqs)
		b.add(t.peer, &rtcp.TransportLayerNack{SenderSSRC: reportedSSRC, MediaSSRC: t.mediaSSRC(), Nacks: pairs}, 12+4*len(pairs))
	}
	if again := now.Add(gapInterval); open > 0 && (next.IsZero() || again.Before(next)) {
		next = again
	}
	return next
}

// report writes receiver reports about the peer's streams and sender reports about its slots.
func (p *Peer) report(now time.Time, b *batch) {
	var received []rtcp.ReceptionReport
	for _, t := range *p.tracks.Load() {
		t.mu.Lock()
		if t.started.Load() {
			received = append(received, t.stats.Report(t.ssrc.Load(), now))
			t.measure(now, t.stats.Snapshot().Bytes)
		}
		t.mu.Unlock()
	}
	for len(received) > 0 {
		n := min(len(received), maxReports)
		b.add(p, &rtcp.ReceiverReport{SSRC: reportedSSRC, Reports: received[:n]}, 8+rrSize*n)
		received = received[n:]
	}
	for _, s := range p.layout.Load().slots {
		if sr, ok := s.report(now); ok {
			b.add(p, sr, srSize)
		}
	}
	if p.roundTrip() == 0 {
		p.rtt.Store(int64(p.iceRoundTrip()))
	}
}

// report makes the sender report. Its RTP time is what the publisher's own report says, carried on to now and moved
// as the timestamps of the packets are, so that sound and picture of one publisher fit together.
func (s *slot) report(now time.Time) (*rtcp.SenderReport, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.track == nil || !s.started {
		return nil, false
	}
	sr, ok := s.stats.SenderReport(s.ssrc, now)
	if !ok {
		return nil, false
	}
	s.track.mu.Lock()
	clock := s.track.clockAt
	s.track.mu.Unlock()
	if !clock.at.IsZero() {
		sr.RTPTime = clock.rtp + ticks(now.Sub(clock.at), s.track.clock) + s.tsOffset
	}
	return sr, true
}
