package crvideotest

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

const (
	defaultReorderLag = 30 * time.Millisecond
	defaultQueue      = 500 * time.Millisecond
	datagramExtra     = 28 // bytes of IP and UDP
)

// chance decides over the datagrams of one flow in one direction. It draws as often for each, whatever the faults are,
// so that what happens to the n-th one depends on the seed alone.
type chance struct {
	rng    *rand.Rand
	losing bool      // in a burst
	last   time.Time // when the last one in order is due
	free   time.Time // when the queue of a path with a rate is empty
}

func newChance(seed uint64, uid string, flow int, d Direction) *chance {
	h := fnv.New64a()
	_, _ = h.Write([]byte(uid))
	return &chance{rng: rand.New(rand.NewPCG(seed, h.Sum64()+uint64(flow)<<8+uint64(d)))} //nolint:gosec // must repeat
}

// verdict is what becomes of one datagram.
type verdict struct {
	lost, twice, late bool
	due               time.Time
}

func (c *chance) judge(f MediaFaults, size int, now time.Time) verdict {
	loss, twice, late, jitter := c.rng.Float64(), c.rng.Float64(), c.rng.Float64(), c.rng.Float64()
	v := verdict{lost: f.Blackhole || c.loses(f, loss), twice: twice < f.Duplicate, late: late < f.Reorder}
	v.due = now.Add(c.queue(f, size, now, &v) + f.Delay + time.Duration(jitter*float64(f.Jitter)))
	switch {
	case v.late && f.ReorderLag > 0:
		v.due = v.due.Add(f.ReorderLag)
	case v.late:
		v.due = v.due.Add(defaultReorderLag)
	case v.due.Before(c.last):
		v.due = c.last
	}
	if !v.late && !v.lost {
		c.last = v.due
	}
	return v
}

// queue tells how long a datagram has to wait for those before it, if it does not vanish.
func (c *chance) queue(f MediaFaults, size int, now time.Time, v *verdict) time.Duration {
	if f.Rate <= 0 || v.lost {
		return 0
	}
	if c.free.Before(now) {
		c.free = now
	}
	longest := f.Queue
	if longest <= 0 {
		longest = defaultQueue
	}
	if c.free.Sub(now) > longest {
		v.lost = true
		return 0
	}
	c.free = c.free.Add(time.Duration(size+datagramExtra) * 8 * time.Second / time.Duration(f.Rate))
	return c.free.Sub(now)
}

// loses is a Gilbert model: bursts of the mean length Burst, as many as make up Loss.
func (c *chance) loses(f MediaFaults, draw float64) bool {
	switch {
	case f.Loss <= 0:
		c.losing = false
	case f.Loss >= 1 || f.Burst <= 1:
		c.losing = draw < f.Loss
	case c.losing:
		c.losing = draw >= 1/f.Burst
	default:
		c.losing = draw < f.Loss/(f.Burst*(1-f.Loss))
	}
	return c.losing
}
