package audio

import "time"

// How long packets are held back, in ticks.
const (
	delayStep    = Clock / 100 // width of a bucket: 10 ms
	delayBuckets = 50
	delayShare   = 0.97 // of the packets are to be in time
	delayForget  = 0.995
	minDelay     = Clock / 50      // 20 ms
	maxDelay     = Clock * 4 / 10  // 400 ms
	firstDelay   = Clock * 4 / 100 // at least, while little is known
	firstPackets = 50
	lossForget   = 0.99
	lossMuch     = 0.02
	baseWindow   = 5 * time.Second // how long the quickest packet is remembered, at least
)

// delay finds how long packets must be held back so that most of them are there in time. It compares how long each took
// with the quickest one of late, since the clocks of the two ends have nothing in common.
type delay struct {
	epoch    time.Time // what ticks are counted from, here
	share    [delayBuckets]float64
	seen     int
	loss     float64 // share of packets that did not come in order
	target   int64
	base     int64 // of the current window and the one before it, in ticks
	previous int64
	since    time.Time
}

// arrived takes note of a packet: its position in the stream, its length, how many packets before it had not come yet, and
// when it came.
func (d *delay) arrived(pos, length, missed int64, now time.Time) {
	if d.seen == 0 {
		d.epoch = now
	}
	took := ticksOf(now.Sub(d.epoch)) - pos
	switch {
	case d.seen == 0:
		d.base, d.previous, d.since = took, took, now
	case now.Sub(d.since) > baseWindow:
		d.previous, d.base, d.since = d.base, took, now
	}
	d.base = min(d.base, took)
	bucket := min((took-d.quickest())/delayStep, delayBuckets-1)
	d.seen++
	keep := min(delayForget, 1-1/float64(d.seen)) // at first all packets count alike
	for i := range d.share {
		d.share[i] *= keep
	}
	d.share[bucket] += 1 - keep
	sum, n := 0.0, 0
	for sum < delayShare && n < delayBuckets {
		sum += d.share[n]
		n++
	}
	d.loss *= lossForget
	if missed > 0 {
		d.loss += 1 - lossForget
	}
	if d.loss > lossMuch { // the next packet tells most of what the lost one had, if it is there in time
		length *= 2
	}
	d.target = min(max(int64(n-1)*delayStep+length, minDelay), maxDelay)
}

func (d *delay) quickest() int64 { return min(d.base, d.previous) }

// wanted is how long after the quickest packet could have brought it a position should be played, in ticks.
func (d *delay) wanted() int64 {
	if d.seen < firstPackets {
		return max(d.target, firstDelay)
	}
	return d.target
}

// lag is how long that is for a position that is played now.
func (d *delay) lag(pos int64, now time.Time) int64 {
	return ticksOf(now.Sub(d.epoch)) - d.quickest() - pos
}
