package rtpkit

import (
	"slices"
	"time"
)

// How an Estimator reacts.
const (
	lowestRate  = 40_000 // bit/s; below, nothing is worth sending
	headroom    = 1.5    // a path that carries so many times what is wanted is not a limit
	startWanted = 2_000_000

	queueAlways  = 120 * time.Millisecond // a longer queue is congestion, whatever the jitter
	queueAtLeast = 40 * time.Millisecond  // a shorter one is none
	queueLong    = 200 * time.Millisecond // has to be emptied quickly
	baseAge      = 5 * time.Second        // the shortest way is looked for in the last two of these

	ackWindow    = 500 * time.Millisecond // over which the rate of arrival is measured
	decreaseWait = 200 * time.Millisecond // between two decreases, and before increasing
	decrease     = 0.85
	decreaseLong = 0.6
	nearBand     = 0.15             // around the rate at which the path was full
	nearAge      = 15 * time.Second // for so long
	increaseNear = 0.06             // a second
	increaseFar  = 0.3

	lossEnough  = 20 // packets, to say anything
	lossWindow  = time.Second
	lossAbove   = 0.08 // the usual loss of the path
	lossVerdict = 700 * time.Millisecond
	usualFalls  = 5 * time.Second
)

// Estimator tells how many bit/s a path carries, from transport-wide feedback. It watches the queue on the way (how much
// longer packets take than the quickest of late; what only one report tells is jitter), the rate at which packets arrive, and loss.
//
// It starts without a limit: on a good network nothing is held back, and nothing has to be found out. When the queue
// grows the rate falls under that of arrival at once; loss that does not become less when less is sent is the
// network's and no reason to send less. A limited path is probed (Padding): a short burst of twice the rate tells
// within a few hundred milliseconds whether there is more, long before careful steps would.
//
// It is not safe for concurrent use.
type Estimator struct {
	wanted  float64
	target  float64 // 0: not limited
	updated time.Time

	base    [2]time.Duration // shortest time under way, in the current period and the one before
	baseAt  time.Time        // when the current one began; zero: nothing is known
	queue   time.Duration
	stood   time.Duration // the shortest queue of the last reports: what is longer for one of them only is jitter
	last    [2]time.Duration
	jitter  time.Duration // of the queue while it is short
	full    float64       // rate of arrival when the path was full last
	fullAt  time.Time
	decides time.Time // no decrease before
	holds   time.Time // no increase before

	arrivals []arrived
	usual    float64 // share of packets that are lost whatever we send
	losses   lossWindowCount
	cut      lossCut
	probe    probe
}

type arrived struct {
	at    time.Duration
	bytes int
}

type lossWindowCount struct {
	since                 time.Time
	packets, lost         int
	lastPackets, lastLoss int
}

// lossCut is a decrease for loss whose effect is waited for.
type lossCut struct {
	at           time.Time // zero: none
	before, loss float64
	limited      bool // before
}

// SetWanted tells how many bit/s would be sent if the path carried everything.
func (e *Estimator) SetWanted(bps int) { e.wanted = float64(max(bps, lowestRate)) }

func (e *Estimator) most() float64 {
	if e.wanted == 0 {
		return startWanted * headroom
	}
	return e.wanted * headroom
}

// Target is how many bit/s may be sent; limited tells that this is less than wanted.
func (e *Estimator) Target() (bps int, limited bool) {
	if e.target == 0 {
		return int(e.most()), false
	}
	return int(e.target), e.target < e.most()/headroom
}

// Queue is how long packets wait on their way now.
func (e *Estimator) Queue() time.Duration { return e.queue }

// Repeating tells how long a repetition waits on its way, and what the path carries, 0 if it is no limit.
func (e *Estimator) Repeating() (wait time.Duration, bps int) {
	if e.queue > queueAtLeast {
		wait = e.queue
	}
	if rate, limited := e.Target(); limited {
		bps = rate
	}
	return wait, bps
}

// RepeatingSound is Repeating for what is little, and missed much: jitter is no queue, and while less is sent to find out whether
// that makes the loss less, the path carries what it did.
func (e *Estimator) RepeatingSound() (wait time.Duration, bps int) {
	if e.stood > queueAtLeast {
		wait = e.stood
	}
	rate, limited := e.Target()
	if !e.cut.at.IsZero() {
		rate, limited = int(e.cut.before), e.cut.limited
	}
	if limited {
		bps = rate
	}
	return wait, bps
}

// Reset forgets the path, as when there is another one.
func (e *Estimator) Reset() { *e = Estimator{wanted: e.wanted, arrivals: e.arrivals[:0]} }

// Report takes what one feedback tells.
func (e *Estimator) Report(acks []Ack, now time.Time) {
	if len(acks) == 0 {
		return
	}
	passed := min(now.Sub(e.updated), 200*time.Millisecond)
	e.updated = now
	shortest, some := e.note(acks, now)
	if some {
		e.measureQueue(shortest, now)
		e.probe.note(acks)
	}
	loss, known := e.losses.rate()
	switch {
	case some && (e.stood > e.threshold() || e.queue > queueLong):
		e.congested(now)
	case known && e.lost(loss, passed, now):
	case e.target > 0 && now.After(e.holds) && e.queue < e.threshold()/2:
		e.increase(passed, now)
	}
	e.judgeProbe(now)
	if e.target >= e.most() {
		e.target = 0
	}
}

// note counts the packets. It tells how long the quickest was under way, on two clocks.
func (e *Estimator) note(acks []Ack, now time.Time) (shortest time.Duration, some bool) {
	var last time.Duration
	bytes := 0
	for _, a := range acks {
		if a.Probe == 0 {
			e.losses.count(a.Arrived < 0, now)
		}
		if a.Arrived < 0 {
			continue
		}
		if way := a.Arrived - a.Sent; !some || way < shortest {
			shortest, some = way, true
		}
		last = max(last, a.Arrived)
		bytes += a.Size
	}
	if some {
		if n := len(e.arrivals); n > 0 && last < e.arrivals[n-1].at {
			last = e.arrivals[n-1].at
		}
		e.arrivals = append(e.arrivals, arrived{last, bytes})
		old := 0
		for old < len(e.arrivals)-2 && last-e.arrivals[old+1].at > ackWindow {
			old++
		}
		e.arrivals = slices.Delete(e.arrivals, 0, old)
	}
	return shortest, some
}

// Arriving is the rate at which packets arrive, in bit/s; 0: not known.
func (e *Estimator) Arriving() float64 {
	if len(e.arrivals) < 2 {
		return 0
	}
	span := e.arrivals[len(e.arrivals)-1].at - e.arrivals[0].at
	bytes := 0
	for _, a := range e.arrivals[1:] {
		bytes += a.bytes
	}
	if span < ackWindow/5 {
		return 0
	}
	return float64(bytes) * 8 / span.Seconds()
}

func (e *Estimator) measureQueue(way time.Duration, now time.Time) {
	switch {
	case e.baseAt.IsZero():
		e.base, e.baseAt = [2]time.Duration{way, way}, now
	case now.Sub(e.baseAt) > baseAge:
		e.base, e.baseAt = [2]time.Duration{way, e.base[0]}, now
	default:
		e.base[0] = min(e.base[0], way)
	}
	before := e.queue
	e.queue = way - min(e.base[0], e.base[1])
	e.stood = min(e.queue, e.last[0], e.last[1])
	e.last = [...]time.Duration{e.queue, e.last[0]}
	if e.stood < e.threshold() {
		e.jitter += ((e.queue - before).Abs() - e.jitter) / 8
	}
}

func (e *Estimator) threshold() time.Duration {
	return min(max(4*e.jitter, queueAtLeast), queueAlways)
}

// congested sends less than arrives, so that the queue empties.
func (e *Estimator) congested(now time.Time) {
	e.holds = now.Add(decreaseWait)
	if now.Before(e.decides) {
		return
	}
	e.decides = now.Add(decreaseWait)
	factor := decrease
	if e.queue > queueLong {
		factor = decreaseLong
	}
	rate := e.Arriving()
	if rate == 0 {
		bps, _ := e.Target()
		rate = float64(bps)
	}
	e.full, e.fullAt = rate, now
	e.fall(rate * factor)
	e.probe.wait(now)
}

func (e *Estimator) fall(to float64) {
	if e.target == 0 {
		e.target = e.most()
	}
	e.target = min(e.target, max(to, lowestRate))
}

func (e *Estimator) increase(passed time.Duration, now time.Time) {
	speed := increaseFar
	if now.Sub(e.fullAt) < nearAge && e.target > e.full*(1-nearBand) && e.target < e.full*(1+nearBand) {
		speed = increaseNear
	}
	most := 1.5*e.Arriving() + lowestRate // more than is used is a guess
	if next := e.target * (1 + speed*passed.Seconds()); next < most {
		e.target = next
	}
}

// lost decides about loss. It tells whether it did.
func (e *Estimator) lost(loss float64, passed time.Duration, now time.Time) bool {
	if !e.cut.at.IsZero() {
		if now.Sub(e.cut.at) < lossVerdict {
			return true
		}
		if loss > 0.7*e.cut.loss { // it is not ours
			e.usual = loss
			e.target = max(e.target, e.cut.before)
		}
		e.cut = lossCut{}
	}
	if loss < e.usual { // slowly: less for a moment is chance
		e.usual -= (e.usual - loss) * min(float64(passed)/float64(usualFalls), 1)
	}
	rate := e.Arriving()
	if loss <= e.usual+lossAbove || rate == 0 {
		return false
	}
	bps, limited := e.Target()
	e.cut = lossCut{at: now, before: float64(bps), limited: limited, loss: loss}
	e.fall(rate * 0.95)
	e.losses = lossWindowCount{since: now.Add(lossVerdict / 2)}
	return true
}

func (c *lossWindowCount) count(lost bool, now time.Time) {
	switch {
	case c.since.IsZero():
		c.since = now
	case now.Before(c.since): // what is on its way was sent before the last decision
		return
	case now.Sub(c.since) > lossWindow/2:
		c.since, c.lastPackets, c.lastLoss = now, c.packets, c.lost
		c.packets, c.lost = 0, 0
	}
	c.packets++
	if lost {
		c.lost++
	}
}

func (c *lossWindowCount) rate() (loss float64, known bool) {
	if n := c.packets + c.lastPackets; n >= lossEnough {
		return float64(c.lost+c.lastLoss) / float64(n), true
	}
	return 0, false
}
