package rtc

import (
	"slices"
	"time"

	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// How long packets wait for one that is missing: a few round trips within these bounds.
const (
	minAudioWait = 100 * time.Millisecond
	maxAudioWait = 200 * time.Millisecond
	minVideoWait = 200 * time.Millisecond
	maxVideoWait = time.Second
	maxWaiting   = 512 // packets
)

// slot is one received RTP stream: continuous in itself, it carries one published stream after the other.
type slot struct {
	r       *receiver
	ssrc    uint32
	video   bool
	gaps    rtpkit.Gaps
	stats   *rtpkit.ReceiveStats
	line    timeline
	current *Inlet // the stream of the last packet

	started  bool
	next     uint16    // to be delivered
	waiting  []waiting // in order of sequence, all after next
	asked    bool      // a NACK was ever sent
	nacks    uint64
	repaired uint64

	redundant uint64 // packets of sound that came in a later one

	reported uint64 // packets at the last receiver report
}

type waiting struct {
	pkt   *rtp.Packet
	mime  string
	since time.Time
}

func newSlot(r *receiver, ssrc, clockRate uint32) *slot {
	return &slot{
		r: r, ssrc: ssrc, video: clockRate == rtpkit.VideoClockRate, stats: rtpkit.NewReceiveStats(clockRate),
		line: timeline{rate: int64(clockRate)},
	}
}

// push puts a packet in its place and delivers what is in order.
func (s *slot) push(pkt *rtp.Packet, mime string, now time.Time) {
	seq := pkt.SequenceNumber
	if !s.started {
		s.started, s.next = true, seq
	}
	ahead := seq - s.next
	switch {
	case ahead == 0:
		s.next++
		s.deliver(pkt, mime, 0, now)
		s.drain(now)
	case ahead < maxWaiting:
		i, found := slices.BinarySearchFunc(s.waiting, ahead, func(w waiting, ahead uint16) int {
			return int(w.pkt.SequenceNumber-s.next) - int(ahead)
		})
		if !found {
			s.waiting = slices.Insert(s.waiting, i, waiting{pkt, mime, now})
		}
		if s.gaps.Open() == 0 { // what is missing is not asked for: too much was lost in an outage
			s.skipAll(now)
		}
	case -ahead < maxWaiting: // too late: it was skipped
	default: // a leap: the sender started anew
		s.skipAll(now)
		s.next = seq + 1
		s.deliver(pkt, mime, 1, now)
	}
}

// drain delivers the waiting packets that are in order now.
func (s *slot) drain(now time.Time) {
	n := 0
	for n < len(s.waiting) && s.waiting[n].pkt.SequenceNumber == s.next {
		s.next++
		s.deliver(s.waiting[n].pkt, s.waiting[n].mime, 0, now)
		n++
	}
	s.waiting = slices.Delete(s.waiting, 0, n)
}

// expire skips what is missing for too long, or is not asked for any more.
func (s *slot) expire(now time.Time, rtt time.Duration) {
	limit := min(max(3*rtt+minVideoWait/2, minVideoWait), maxVideoWait)
	if !s.video {
		limit = min(max(2*rtt, minAudioWait), maxAudioWait)
	}
	limit += s.r.slack
	for len(s.waiting) > 0 && (now.Sub(s.waiting[0].since) >= limit || s.gaps.Open() == 0) {
		s.skip(now)
	}
}

func (s *slot) skip(now time.Time) {
	first := s.waiting[0]
	s.waiting = slices.Delete(s.waiting, 0, 1)
	lost := first.pkt.SequenceNumber - s.next
	s.next = first.pkt.SequenceNumber + 1
	s.deliver(first.pkt, first.mime, int(lost), now)
	s.drain(now)
}

func (s *slot) skipAll(now time.Time) {
	for len(s.waiting) > 0 {
		s.skip(now)
	}
}

// deliver hands a packet to the stream it is of. lost is how many packets are missing right before it; since nobody
// knows of which stream they were, the stream before them and the one after have a gap.
func (s *slot) deliver(pkt *rtp.Packet, mime string, lost int, now time.Time) {
	if lost > 0 && s.current != nil {
		s.current.gap(s, lost)
	}
	if len(pkt.CSRC) == 0 {
		return
	}
	in := s.r.inlet(pkt.CSRC[0])
	if in == nil {
		return
	}
	if lost > 0 && in != s.current {
		in.gap(s, 0)
	}
	if in != s.current {
		s.line.restart()
	}
	s.line.arrived(pkt.Timestamp, now)
	s.current = in
	in.push(s, pkt, mime, now)
}
