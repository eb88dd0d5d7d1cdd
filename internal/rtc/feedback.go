package rtc

import (
	"sync"
	"time"

	"github.com/pion/rtcp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const (
	reportInterval = time.Second          // of RTCP reports
	busyInterval   = 5 * time.Millisecond // while something is missing or waited for
	maxReports     = 31                   // in one packet
)

// feedback is the one goroutine of a connection that acts by the clock: it asks for missing packets and key frames,
// skips what does not come, sends reports, and calls OnState and onKeyFrame. Idle, it wakes once a second.
type feedback struct {
	c    *Conn
	wake chan struct{}
	done chan struct{}
	wg   sync.WaitGroup
	seqs []uint16
}

func newFeedback(c *Conn) *feedback {
	return &feedback{c: c, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

func (f *feedback) start() { f.wg.Go(f.run) }

func (f *feedback) stop() {
	close(f.done)
	f.wg.Wait()
}

// poke makes the goroutine look at once. It never blocks.
func (f *feedback) poke() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *feedback) run() {
	timer := time.NewTimer(reportInterval)
	defer timer.Stop()
	report := time.Now().Add(reportInterval)
	for {
		select {
		case <-f.done:
			return
		case <-f.wake:
		case <-timer.C:
		}
		now := time.Now()
		f.c.reportState()
		packets, next := f.receiving(now)
		next = min(next, f.sources(now), f.c.fallBack(now), f.adapt(now))
		if due, wait := f.c.bw.received.Due(now); due {
			packets = append(packets, f.arrivals()...)
		} else if wait > 0 {
			next = min(next, wait)
		}
		if !now.Before(report) {
			packets = append(packets, f.reports(now)...)
			report = now.Add(reportInterval)
		}
		for _, o := range *f.c.outlets.Load() {
			if sr := o.senderReport(now, true); sr != nil {
				packets = append(packets, sr)
			}
		}
		if len(packets) > 0 && f.c.State() == StateConnected {
			_ = f.c.pc.WriteRTCP(packets) // what is lost here is sent again
		}
		timer.Reset(min(next, report.Sub(now)))
	}
}

// receiving collects NACKs and key-frame requests, and lets go what does not come any more. It tells when to look again.
func (f *feedback) receiving(now time.Time) (packets []rtcp.Packet, next time.Duration) {
	next = reportInterval
	rtt := f.c.RTT()
	r := &f.c.rx
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.slots {
		if s.gaps.Open() > 0 {
			if f.seqs = s.gaps.Due(now, rtt, f.seqs[:0]); len(f.seqs) > 0 {
				s.asked = true
				s.nacks += uint64(len(f.seqs))
				packets = append(packets, &rtcp.TransportLayerNack{MediaSSRC: s.ssrc, Nacks: rtpkit.NackPairs(f.seqs)})
			}
		}
		if len(s.waiting) > 0 {
			s.expire(now, rtt)
		}
		if s.gaps.Open() > 0 || len(s.waiting) > 0 {
			next = busyInterval
		}
	}
	for _, in := range r.inlets {
		switch ssrc, wait, wanted := in.keyDue(now); {
		case !wanted:
		case wait > 0:
			next = min(next, wait)
		default:
			packets = append(packets, &rtcp.PictureLossIndication{MediaSSRC: ssrc})
			next = min(next, keyFrameRetry)
		}
	}
	return packets, next
}

// sources asks our own sources for key frames. It tells when to look again.
func (f *feedback) sources(now time.Time) (next time.Duration) {
	next = reportInterval
	for _, o := range *f.c.outlets.Load() {
		call, wait := o.keyDue(now)
		if call != nil {
			call()
		}
		if wait > 0 {
			next = min(next, wait)
		}
	}
	return next
}

// adapt tells the cameras' sources what the path carries, and finds out whether it is more. It tells when to look again.
func (f *feedback) adapt(now time.Time) time.Duration {
	for _, o := range f.c.bw.changes(now) {
		o.tell(o.bps)
	}
	if again := f.c.padding(now); again > 0 {
		return min(again, reportInterval)
	}
	return reportInterval
}

// arrivals tells the server when its packets arrived.
func (f *feedback) arrivals() (packets []rtcp.Packet) {
	for {
		p, _ := f.c.bw.received.Feedback(reportSelf)
		if p == nil {
			return packets
		}
		packets = append(packets, p)
	}
}

// reports makes sender reports and receiver reports, and takes the round-trip time of the transport.
func (f *feedback) reports(now time.Time) (packets []rtcp.Packet) {
	if f.c.State() == StateConnected {
		if pair, ok := f.c.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePairStats(); ok {
			f.c.rtt.Store(int64(pair.CurrentRoundTripTime * float64(time.Second)))
		}
	}
	for _, o := range *f.c.outlets.Load() {
		if sr := o.senderReport(now, false); sr != nil {
			packets = append(packets, sr)
		}
	}
	r := &f.c.rx
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, in := range r.inlets {
		in.rate.read(in.stats.Bytes, now)
	}
	var rr *rtcp.ReceiverReport
	for _, s := range r.slots {
		if got := s.stats.Snapshot().Packets; got != s.reported {
			s.reported = got
			if rr == nil || len(rr.Reports) == maxReports {
				rr = &rtcp.ReceiverReport{}
				packets = append(packets, rr)
			}
			rr.Reports = append(rr.Reports, s.stats.Report(s.ssrc, now))
		}
	}
	return packets
}
