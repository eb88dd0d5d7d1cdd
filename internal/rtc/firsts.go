package rtc

import (
	"sync/atomic"
	"time"
)

// Firsts are the moments at which things happened for the first time.
type Firsts struct {
	Connected Moment
	Audio     Moment // a packet of sound came
	KeyFrame  Moment // a key frame began to come
	Picture   Moment // a picture was there as a whole
}

// Moment is a time that is noted once.
type Moment struct{ at atomic.Pointer[time.Time] }

func (m *Moment) note(now time.Time) {
	if m.at.Load() == nil {
		m.at.CompareAndSwap(nil, &now)
	}
}

// Since tells how long after start it was; 0: not yet, or start is not known.
func (m *Moment) Since(start time.Time) time.Duration {
	if at := m.at.Load(); at != nil && !start.IsZero() {
		return max(at.Sub(start), 1)
	}
	return 0
}

// freezeAfter is how long a picture stands still that is frozen, if it moves more often otherwise.
const (
	freezeAfter = 200 * time.Millisecond
	freezeTimes = 3 // the usual time between two pictures
)

// motion watches whether pictures come evenly.
type motion struct {
	last  time.Time
	usual time.Duration
}

// moved takes note of a whole picture. It tells how long the one before stood still if that was a freeze, else 0.
func (m *motion) moved(now time.Time) time.Duration {
	if m.last.IsZero() {
		m.last = now
		return 0
	}
	gap := now.Sub(m.last)
	m.last = now
	if m.usual > 0 && gap > max(freezeAfter, freezeTimes*m.usual) {
		return gap
	}
	if m.usual == 0 {
		m.usual = gap
	}
	m.usual += (min(gap, time.Second) - m.usual) / 8
	return 0
}

// meter measures a rate, about once a second.
type meter struct {
	at    time.Time
	bytes uint64
	bps   int
}

func (m *meter) read(bytes uint64, now time.Time) {
	passed := now.Sub(m.at)
	switch {
	case m.at.IsZero():
		m.at, m.bytes = now, bytes
	case passed >= reportInterval*9/10:
		m.bps = int(float64(bytes-m.bytes) * 8 / passed.Seconds())
		m.at, m.bytes = now, bytes
	}
}
