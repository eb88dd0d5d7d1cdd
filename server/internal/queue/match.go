package queue

import (
	"cmp"
	"time"
)

// settle assigns whom it can, and tells what has changed. It ends every change.
func (e *Engine) settle(now time.Time) {
	for e.assignOne(now) {
	}
	e.tell(now)
}

// canHave tells whether a customer can be given to an agent: it is nobody's, and not in a call.
func (e *Engine) canHave(agent string, c *customer) bool {
	return c.agent == nil && c.UID != agent && e.calls[c.UID] == nil
}

func (c *customer) refusedBy(a *agent, now time.Time) bool { return now.Before(c.refused[a.uid]) }

// first is the customer who is next among those who fit: of the queue with the smallest priority number, and among
// queues of the same one who waits longest.
func (e *Engine) first(fits func(*customer) bool) *customer {
	var best *customer
	for _, l := range e.order {
		if best != nil && best.line.info.Prio < l.info.Prio {
			break
		}
		for _, c := range l.waiting {
			if best != nil && !c.before(best) {
				break
			}
			if fits(c) {
				best = c
				break
			}
		}
	}
	return best
}

// assignOne offers the next customer for whom there is an agent.
func (e *Engine) assignOne(now time.Time) bool {
	if now.Before(e.hold) {
		return false
	}
	idle := map[*line]bool{}
	for _, a := range e.agents {
		if e.available(now, a) {
			for l := range a.serves {
				idle[l] = true
			}
		}
	}
	if len(idle) == 0 {
		return false
	}
	c := e.first(func(c *customer) bool { return idle[c.line] && e.bestAgent(now, c) != nil })
	if c == nil {
		return false
	}
	a := e.bestAgent(now, c)
	a.has, c.agent, a.deadline = c, a, now.Add(AnswerTime)
	e.events = append(e.events, Assigned{Agent: a.uid, User: c.User})
	return true
}

// bestAgent is who gets a customer: of those who are available and have not refused it lately, the one with the smallest
// priority number in that queue, then who is idle longest.
func (e *Engine) bestAgent(now time.Time, c *customer) *agent {
	var best *agent
	for a := range c.line.agents {
		if !e.available(now, a) || !e.canHave(a.uid, c) || c.refusedBy(a, now) {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(a.serves[c.line], best.serves[c.line]), a.idle.Compare(best.idle), cmp.Compare(a.seq, best.seq)) < 0 {
			best = a
		}
	}
	return best
}
