package server

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
)

// inCentre runs fn in the call centre of the caller's app, and answers before anybody is told what comes of it.
func (c *call) inCentre(fn func(k *centre, now time.Time) (result any, err error)) *wire.Error {
	return c.inCentreWhile(nil, fn)
}

// inCentreWhile is inCentre with an answer that is given again, after a resume, only while it is still right: what has changed
// meanwhile was told before it.
func (c *call) inCentreWhile(still func(e *queue.Engine) error, fn func(k *centre, now time.Time) (result any, err error)) *wire.Error {
	q := c.conn.srv.queues
	q.mu.Lock()
	defer q.mu.Unlock()
	if c.sess.isEnded() { // queues.leave may have been there
		return wire.Errorf(wire.CodeNotLoggedIn, "the session has ended")
	}
	k, now := q.centre(c.sess.appID), q.clock.Now()
	result, err := fn(k, now)
	switch {
	case err != nil:
	case still == nil:
		c.reply(result)
	default:
		c.answer(result, func() (any, *wire.Error) {
			q.mu.Lock()
			defer q.mu.Unlock()
			return result, queueFailure(still(k.engine))
		})
	}
	k.settle(now)
	return queueFailure(err)
}

// initQueues tells which queues there are, and from then on of their changes.
func initQueues(c *call) *wire.Error {
	return c.inCentre(func(k *centre, _ time.Time) (any, error) {
		k.watchers[c.sess] = struct{}{}
		return k.list(), nil
	})
}

// list is which queues there are.
func (c *centre) list() wire.QueuesResult {
	infos := c.engine.Queues()
	all := wire.QueuesResult{Queues: make([]wire.QueueInfo, len(infos)), Status: make([]wire.QueueStatus, len(infos))}
	for i, info := range infos {
		all.Queues[i] = wire.QueueInfo{ID: info.ID, Prio: info.Prio, Name: info.Name, Desc: info.Desc}
	}
	for i, status := range c.engine.AllStatus() {
		all.Status[i] = wireStatus(status)
	}
	return all
}

// getQueueStatus tells how a queue is, or all are.
func getQueueStatus(c *call, p *wire.StatusParams) *wire.Error {
	return c.inCentre(func(k *centre, _ time.Time) (any, error) {
		if p.ID == 0 {
			return wire.QueueStatusResult{Status: k.list().Status}, nil
		}
		status, err := k.engine.Status(p.ID)
		return wire.QueueStatusResult{Status: []wire.QueueStatus{wireStatus(status)}}, err
	})
}

// startQueuing puts a customer into a queue.
func startQueuing(c *call, p *wire.StartQueuingParams) *wire.Error {
	waits := func(e *queue.Engine) error {
		if u, there := e.Waiting(c.sess.uid); !there || u.Queue != p.ID {
			return queue.ErrCancelled
		}
		return nil
	}
	return c.inCentreWhile(waits, func(k *centre, now time.Time) (any, error) {
		s := c.sess
		k.own(s, now)
		since := now
		if t, ok := s.srv.readQueueTicket(s, p); ok {
			since = t.Since
		}
		err := k.engine.Enqueue(now, queue.User{Queue: p.ID, UID: s.uid, Nickname: s.name(), Data: p.Data, Since: since})
		if err != nil {
			return nil, err
		}
		u, _ := k.engine.Waiting(s.uid)
		return wire.StartQueuingResult{Ticket: s.srv.queueTicket(s, &u)}, nil
	})
}

// stopQueuing takes a customer out of its queue.
func stopQueuing(c *call) *wire.Error {
	return c.inCentre(func(k *centre, now time.Time) (any, error) {
		k.engine.Leave(now, c.sess.uid)
		return nil, nil
	})
}

// startService lets an agent serve a queue.
func startService(c *call, p *wire.StartServiceParams) *wire.Error {
	return c.inCentre(func(k *centre, now time.Time) (any, error) {
		k.own(c.sess, now)
		return nil, k.engine.Serve(now, c.sess.uid, p.ID, p.Priority, c.sess.wantsCustomers())
	})
}

// stopService ends that.
func stopService(c *call, p *wire.QueueParams) *wire.Error {
	return c.inCentre(func(k *centre, now time.Time) (any, error) {
		return nil, k.engine.StopServing(now, c.sess.uid, p.ID)
	})
}

// reqAssign gives an agent its next customer.
func reqAssign(c *call) *wire.Error {
	var u queue.User
	has := func(e *queue.Engine) error {
		if now := e.AssignedTo(c.sess.uid); now == nil || now.UID != u.UID {
			return queue.ErrCancelled
		}
		return nil
	}
	return c.inCentreWhile(has, func(k *centre, now time.Time) (_ any, err error) {
		u, err = k.engine.Request(now, c.sess.uid)
		return wireUser(&u, now), err
	})
}

// answerAssign is what an agent says about a customer.
func answerAssign(say func(e *queue.Engine, now time.Time, agent string, queue int, uid string) error) func(*call, *wire.AssignParams) *wire.Error {
	return func(c *call, p *wire.AssignParams) *wire.Error {
		return c.inCentre(func(k *centre, now time.Time) (any, error) {
			return nil, say(k.engine, now, c.sess.uid, p.ID, p.UID)
		})
	}
}

// restoreServing brings back what an agent did on the process before this one: it is in a call with a customer.
func restoreServing(c *call, p *wire.AssignParams) *wire.Error {
	return c.inCentre(func(k *centre, now time.Time) (any, error) {
		k.own(c.sess, now)
		return nil, k.engine.Restore(now, c.sess.uid, p.ID, p.UID)
	})
}
