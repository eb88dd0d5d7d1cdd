package rtpkit

import "time"

// How a limited path is probed.
const (
	probeLength   = 150 * time.Millisecond
	probeTimes    = 2.0 // the target
	probeEvery    = 1500 * time.Millisecond
	probeAgain    = 50 * time.Millisecond // after one that found more
	probeSettle   = time.Second           // after the path was full
	probeEnough   = 5                     // packets, to say anything
	probePatience = time.Second           // for its feedback
	probeStep     = 10 * time.Millisecond // between two bursts
	probeTooLate  = 30 * time.Millisecond // a queue at which no probe begins
)

// probe is a short time in which more is sent than the path is thought to carry.
type probe struct {
	id    uint8 // of the last one
	next  time.Time
	began time.Time // zero: none is under way
	rate  float64   // of padding
	sent  float64   // bytes of padding

	from, to    time.Duration // in which its packets were sent
	firstSent   time.Duration
	lastSent    time.Duration
	first, last time.Duration // arrival
	bytes       int
	count, lost int
	after       bool // feedback about what was sent after it has come
}

// Padding tells how many bytes of padding to send now, of which probe they are, and when to ask again; all 0 while the
// path is no limit.
func (e *Estimator) Padding(now time.Time) (bytes int, id uint8, again time.Duration) {
	p := &e.probe
	if !p.began.IsZero() {
		passed := now.Sub(p.began)
		if passed >= probeLength {
			if p.to == 0 {
				p.to = now.Sub(epoch)
			}
			return 0, 0, probeStep
		}
		due := p.rate/8*(passed+probeStep).Seconds() - p.sent
		return int(due), p.id, probeStep
	}
	bps, limited := e.Target()
	switch {
	case !limited:
		return 0, 0, 0
	case p.next.IsZero():
		p.next = now.Add(probeSettle)
	}
	if wait := p.next.Sub(now); wait > 0 {
		return 0, 0, wait
	}
	if e.queue > probeTooLate {
		p.next = now.Add(probeEvery / 4)
		return 0, 0, probeEvery / 4
	}
	rate := min(probeTimes*float64(bps), e.most())
	*p = probe{id: max(p.id+1, 1), began: now, rate: rate - e.Arriving(), from: now.Sub(epoch)}
	if p.rate < rate/4 {
		p.rate = rate / 4
	}
	due := p.rate / 8 * probeStep.Seconds()
	return int(due), p.id, probeStep
}

// Padded tells that padding was sent.
func (e *Estimator) Padded(bytes int) { e.probe.sent += float64(bytes) }

// wait puts the next probe off.
func (p *probe) wait(now time.Time) {
	if at := now.Add(probeSettle); p.next.Before(at) {
		p.next = at
	}
}

// note counts what arrived of the probe, media that was sent at the same time included.
func (p *probe) note(acks []Ack) {
	if p.began.IsZero() {
		return
	}
	for _, a := range acks {
		switch {
		case a.Sent < p.from:
		case p.to > 0 && a.Sent > p.to:
			p.after = true
		case a.Arrived < 0:
			p.lost++
		default:
			if p.count == 0 || a.Arrived < p.first {
				p.first = a.Arrived
			}
			if p.count == 0 {
				p.firstSent = a.Sent
				a.Size = 0 // its time is not measured
			}
			p.last, p.lastSent = max(p.last, a.Arrived), max(p.lastSent, a.Sent)
			p.bytes += a.Size
			p.count++
		}
	}
}

// judgeProbe draws the conclusion from a probe that is over.
func (e *Estimator) judgeProbe(now time.Time) {
	p := &e.probe
	if p.began.IsZero() || p.to == 0 || !p.after && now.Sub(p.began) < probeLength+probePatience {
		return
	}
	p.began, p.next = time.Time{}, now.Add(probeEvery)
	sending, arriving := p.lastSent-p.firstSent, p.last-p.first
	if p.count < probeEnough || sending <= 0 || arriving <= 0 || float64(p.lost) > (e.usual+0.15)*float64(p.count+p.lost) {
		return
	}
	sent, found := float64(p.bytes)*8/sending.Seconds(), float64(p.bytes)*8/arriving.Seconds()
	if found < decrease*sent { // the path was full
		e.raise(decrease * found)
		return
	}
	if e.raise(min(sent, found)) {
		p.next = now.Add(probeAgain)
	}
}

func (e *Estimator) raise(to float64) bool {
	if e.target == 0 || to <= e.target*1.05 {
		return false
	}
	e.target = min(to, e.most())
	return true
}
