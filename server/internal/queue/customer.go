package queue

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Enqueue lets a customer wait, from u.Since on. Who waits in that queue already keeps its place, with new data.
func (e *Engine) Enqueue(now time.Time, u User) error {
	l := e.queues[u.Queue]
	if l == nil {
		return ErrNoQueue
	}
	if c := e.customers[u.UID]; c != nil {
		if c.line != l {
			return ErrElsewhere
		}
		c.Nickname, c.Data = u.Nickname, u.Data
		return nil
	}
	if u.Since.After(now) {
		u.Since = now
	}
	c := &customer{User: u, seq: e.nextSeq(), line: l}
	e.customers[u.UID] = c
	l.insert(c)
	e.settle(now)
	return nil
}

// before tells who is served first.
func (c *customer) before(o *customer) bool {
	if !c.Since.Equal(o.Since) {
		return c.Since.Before(o.Since)
	}
	return c.seq < o.seq
}

// insert puts a customer in its place.
func (l *line) insert(c *customer) {
	at, _ := slices.BinarySearchFunc(l.waiting, c, func(o, c *customer) int {
		if o.before(c) {
			return -1
		}
		return 1
	})
	l.waiting = slices.Insert(l.waiting, at, c)
	l.changed = true
}

// takeOut removes a customer from those who wait; it may not be among them.
func (l *line) takeOut(c *customer) {
	if at := slices.Index(l.waiting, c); at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
		l.changed = true
	}
}

// remove takes a customer out of the books. Nobody must have it.
func (e *Engine) remove(c *customer) {
	c.line.takeOut(c)
	delete(e.customers, c.UID)
}

// leave takes a customer out of the books, and away from an agent that has it.
func (e *Engine) leave(now time.Time, c *customer) {
	if c.agent != nil {
		e.takeBack(now, c, true)
	}
	e.remove(c)
}

// Leave ends a customer's queuing. Who is in a call with an agent waits no more, and stays served.
func (e *Engine) Leave(now time.Time, uid string) {
	if c := e.customers[uid]; c != nil {
		e.leave(now, c)
	}
	e.settle(now)
}

// Waiting gives a customer who has not had its call yet.
func (e *Engine) Waiting(uid string) (User, bool) {
	c := e.customers[uid]
	if c == nil {
		return User{}, false
	}
	return c.User, true
}

// Gone takes somebody out who is not there any more, as a customer and as an agent.
func (e *Engine) Gone(now time.Time, uid string) {
	if c := e.customers[uid]; c != nil {
		e.leave(now, c)
	}
	if a := e.agents[uid]; a != nil {
		if a.has != nil {
			e.takeBack(now, a.has, false)
		}
		for l := range a.serves {
			a.stop(l)
		}
		e.endService(now, a)
		e.forget(a)
	}
	delete(e.calls, uid)
	e.settle(now)
}

// Customer is a customer with its place and its agent.
type Customer struct {
	User
	Position int    // from 1; 0: accepted
	Agent    string // that it is offered to, or was accepted by
}

// Customers lists who is in a queue and has not had its call: first who was accepted, then who waits, in order.
func (e *Engine) Customers(queue int) []Customer {
	var all []Customer
	l := e.queues[queue]
	if l == nil {
		return nil
	}
	for _, c := range e.inOrder() {
		if c.line == l && c.agent != nil && c.agent.accepted {
			all = append(all, Customer{User: c.User, Agent: c.agent.uid})
		}
	}
	for i, c := range l.waiting {
		one := Customer{User: c.User, Position: i + 1}
		if c.agent != nil {
			one.Agent = c.agent.uid
		}
		all = append(all, one)
	}
	return all
}

// inOrder gives all customers in the order in which they came.
func (e *Engine) inOrder() []*customer {
	return slices.SortedFunc(maps.Values(e.customers), func(a, b *customer) int { return cmp.Compare(a.seq, b.seq) })
}
