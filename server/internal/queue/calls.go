package queue

import "time"

// Call tells that a user is in a call, and again when it is answered; of a call both sides are told for themselves. A call
// between an agent and the customer that it has accepts the customer; an answered one begins the service.
func (e *Engine) Call(now time.Time, uid, peer string, answered bool) {
	e.calls[uid] = &talk{peer, answered}
	if a := e.agents[uid]; a != nil && a.has != nil && a.has.UID == peer {
		if !a.accepted {
			e.accept(now, a)
		}
		if a.deadline = (time.Time{}); answered {
			c := a.has
			a.has, a.accepted, c.agent = nil, false, nil
			a.serving = &service{c.line, c.UID}
			e.remove(c)
			e.tellGone(c.UID)
		}
	}
	e.settle(now)
}

// CallEnded tells that a user's call has ended. refused: the other side did not want it. A customer who refuses its agent wants to
// be out of the queue; after any other call that was not answered the agent may try again for AnswerTime.
func (e *Engine) CallEnded(now time.Time, uid, peer string, refused bool) {
	if t := e.calls[uid]; t == nil || t.peer != peer {
		return
	}
	delete(e.calls, uid)
	if a := e.agents[uid]; a != nil {
		a.idle = now
		e.endService(now, a)
		if c := a.has; c != nil && c.UID == peer {
			if a.deadline = now.Add(AnswerTime); refused {
				e.leave(now, c)
				e.tellGone(c.UID)
			}
		}
		e.forget(a)
	}
	e.settle(now)
}

// endService ends what an agent does in its call.
func (e *Engine) endService(now time.Time, a *agent) {
	if s := a.serving; s != nil {
		a.serving, a.idle = nil, now
		s.line.serving--
		s.line.changed = true
		e.events = append(e.events, Ended{Agent: a.uid, Queue: s.line.info.ID, UID: s.uid})
	}
}

// Restore brings back a service that an earlier server knew: the agent is in an answered call with the customer.
func (e *Engine) Restore(now time.Time, uid string, queue int, customer string) error {
	l, t := e.queues[queue], e.calls[uid]
	switch {
	case l == nil:
		return ErrNoQueue
	case t == nil || !t.answered || t.peer != customer || e.customers[customer] != nil:
		return ErrCancelled
	}
	a := e.agent(now, uid)
	if a.serving == nil && a.has == nil {
		a.serving = &service{l, customer}
		l.serving++
		l.changed = true
	}
	e.forget(a)
	e.settle(now)
	return nil
}
