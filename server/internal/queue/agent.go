package queue

import "time"

// Serve lets an agent serve a queue, beside those that it serves, or changes its priority there. free: it wants customers now.
func (e *Engine) Serve(now time.Time, uid string, queue, priority int, free bool) error {
	l := e.queues[queue]
	if l == nil {
		return ErrNoQueue
	}
	a := e.agent(now, uid)
	a.free, a.serves[l], l.agents[a] = free, priority, priority
	l.changed = true
	e.settle(now)
	return nil
}

// agent is the record of somebody who serves.
func (e *Engine) agent(now time.Time, uid string) *agent {
	a := e.agents[uid]
	if a == nil {
		a = &agent{uid: uid, seq: e.nextSeq(), serves: map[*line]int{}, idle: now}
		e.agents[uid] = a
	}
	return a
}

// StopServing ends that. Whom the agent was offered from the queue is given back; whom it has accepted it keeps.
func (e *Engine) StopServing(now time.Time, uid string, queue int) error {
	l, a := e.queues[queue], e.agents[uid]
	if l == nil {
		return ErrNoQueue
	}
	if a == nil || !a.in(l) {
		return ErrNotServing
	}
	if a.has != nil && a.has.line == l && !a.accepted {
		e.takeBack(now, a.has, true)
	}
	a.stop(l)
	e.forget(a)
	e.settle(now)
	return nil
}

func (a *agent) in(l *line) bool {
	_, ok := a.serves[l]
	return ok
}

func (a *agent) stop(l *line) {
	delete(a.serves, l)
	delete(l.agents, a)
	l.changed = true
}

// forget removes an agent that has nothing to do any more.
func (e *Engine) forget(a *agent) {
	if len(a.serves) == 0 && a.has == nil && a.serving == nil {
		delete(e.agents, a.uid)
	}
}

// Free tells whether somebody wants customers: it is there, not in a room, and may be disturbed. Calls are not meant.
func (e *Engine) Free(now time.Time, uid string, free bool) {
	a := e.agents[uid]
	if a == nil || a.free == free {
		return
	}
	if a.free = free; free && a.idle.Before(now) && a.has == nil {
		a.idle = now
	}
	e.settle(now)
}

// available tells whether an agent is offered customers.
func (e *Engine) available(now time.Time, a *agent) bool {
	return a.free && a.has == nil && a.serving == nil && e.calls[a.uid] == nil && !now.Before(a.pause)
}

// Serving tells which queues somebody serves.
func (e *Engine) Serving(uid string) []Service {
	var all []Service
	if a := e.agents[uid]; a != nil {
		for _, l := range e.order {
			if priority, ok := a.serves[l]; ok {
				all = append(all, Service{l.info.ID, priority})
			}
		}
	}
	return all
}

// Request gives an agent who asks for it its next customer, accepted already; whom it was offered if there is one. It
// does not matter whether it is free; those whom it has refused come last.
func (e *Engine) Request(now time.Time, uid string) (User, error) {
	a := e.agents[uid]
	if a == nil || len(a.serves) == 0 {
		return User{}, ErrNotServing
	}
	if a.serving != nil || e.calls[uid] != nil || a.has != nil && a.accepted {
		return User{}, ErrBusy
	}
	if a.has == nil {
		c := e.first(func(c *customer) bool { return a.in(c.line) && e.canHave(uid, c) && !c.refusedBy(a, now) })
		if c == nil {
			c = e.first(func(c *customer) bool { return a.in(c.line) && e.canHave(uid, c) })
		}
		if c == nil {
			return User{}, ErrNobody
		}
		a.has, c.agent = c, a
	}
	u := a.has.User
	e.accept(now, a)
	e.settle(now)
	return u, nil
}

// Accept takes an offered customer; once more is the same.
func (e *Engine) Accept(now time.Time, uid string, queue int, customer string) error {
	a := e.agents[uid]
	if a == nil || !a.holds(queue, customer) {
		return ErrCancelled
	}
	if !a.accepted {
		e.accept(now, a)
	}
	e.settle(now)
	return nil
}

func (a *agent) holds(queue int, customer string) bool {
	return a.has != nil && a.has.UID == customer && a.has.Queue == queue
}

// accept has the customer wait for the agent's call.
func (e *Engine) accept(now time.Time, a *agent) {
	a.accepted, a.deadline, a.pause = true, now.Add(AnswerTime), time.Time{}
	c := a.has
	c.line.takeOut(c)
	c.line.serving++
	e.place(c, Place{Queue: c.Queue, Since: c.Since})
}

// Reject gives an offered or accepted customer back, to somebody else if there is one.
func (e *Engine) Reject(now time.Time, uid string, queue int, customer string) error {
	a := e.agents[uid]
	if a == nil || !a.holds(queue, customer) {
		return ErrCancelled
	}
	e.refuse(now, a)
	e.takeBack(now, a.has, false)
	a.pause = time.Time{}
	e.forget(a)
	e.settle(now)
	return nil
}

// refuse sees to it that the agent does not get the customer again at once.
func (e *Engine) refuse(now time.Time, a *agent) {
	c := a.has
	if c.refused == nil {
		c.refused = map[string]time.Time{}
	}
	c.refused[a.uid] = now.Add(RefuseTime)
	e.wakeups = append(e.wakeups, now.Add(RefuseTime))
}

// takeBack ends what is between a customer and an agent before they talk: the customer is in its place again, and the agent
// is told if it does not know.
func (e *Engine) takeBack(now time.Time, c *customer, tell bool) {
	a := c.agent
	accepted := a.accepted
	a.has, a.accepted, a.deadline, a.idle = nil, false, time.Time{}, now
	c.agent = nil
	if tell {
		e.events = append(e.events, Cancelled{Agent: a.uid, Queue: c.Queue, UID: c.UID})
	}
	if accepted {
		c.line.serving--
		c.line.insert(c)
		c.isTold = false
	}
	e.forget(a)
}

// AssignedTo gives the customer that an agent has been offered, or has accepted; nil if there is none.
func (e *Engine) AssignedTo(uid string) *User {
	if a := e.agents[uid]; a != nil && a.has != nil {
		return &a.has.User
	}
	return nil
}

// Unanswered lists the agents that have been offered a customer or have accepted one, and have not got it on the phone.
func (e *Engine) Unanswered() []string {
	var uids []string
	for uid, a := range e.agents {
		if a.has != nil {
			uids = append(uids, uid)
		}
	}
	return uids
}
