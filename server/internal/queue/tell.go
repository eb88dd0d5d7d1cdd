package queue

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// place tells a customer at once where it is.
func (e *Engine) place(c *customer, p Place) {
	c.told, c.isTold = p, true
	e.events = append(e.events, Placed{UID: c.UID, Place: p})
}

// tellGone tells a customer that it waits no more.
func (e *Engine) tellGone(uid string) {
	e.events = append(e.events, Placed{UID: uid})
}

// tell tells what has changed, of each queue at most every TellEvery, and at once who does not know its place at all.
func (e *Engine) tell(now time.Time) {
	for _, l := range e.order {
		if !l.changed && !l.needsRefresh(now) {
			continue
		}
		all := !now.Before(l.toldAt.Add(TellEvery))
		refresh := l.needsRefresh(now)
		for i, c := range l.waiting {
			p := Place{Queue: c.Queue, Position: i + 1, Since: c.Since}
			if !c.isTold || refresh || all && p != c.told {
				e.place(c, p)
			}
		}
		if !all {
			continue
		}
		l.changed, l.toldAt = false, now
		if status := l.status(); status != l.told {
			l.told = status
			e.events = append(e.events, Changed{status})
		}
	}
}

func (l *line) needsRefresh(now time.Time) bool {
	return len(l.waiting) > 0 && !now.Before(l.toldAt.Add(RefreshTime))
}

// Next is when Tick must be called if nothing happens before; zero: never.
func (e *Engine) Next() time.Time {
	var next time.Time
	at := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, a := range e.agents {
		at(a.deadline)
		at(a.pause)
	}
	for _, l := range e.order {
		switch {
		case l.changed:
			at(l.toldAt.Add(TellEvery))
		case len(l.waiting) > 0:
			at(l.toldAt.Add(RefreshTime))
		}
	}
	if len(e.wakeups) > 0 {
		at(e.wakeups[0])
	}
	at(e.hold)
	return next
}

// Tick does what is due.
func (e *Engine) Tick(now time.Time) {
	if !now.Before(e.hold) {
		e.hold = time.Time{}
	}
	for _, a := range slices.SortedFunc(maps.Values(e.agents), func(a, b *agent) int { return cmp.Compare(a.seq, b.seq) }) {
		if !a.pause.IsZero() && !now.Before(a.pause) {
			a.pause = time.Time{}
		}
		if a.deadline.IsZero() || now.Before(a.deadline) {
			continue
		}
		if !a.accepted {
			a.pause = now.Add(PauseTime)
		}
		e.refuse(now, a)
		e.takeBack(now, a.has, true)
	}
	for len(e.wakeups) > 0 && !now.Before(e.wakeups[0]) {
		e.wakeups = e.wakeups[1:]
	}
	e.settle(now)
}
