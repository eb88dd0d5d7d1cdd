package crvideo

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// StartQueuing begins to wait in a queue as a customer (CRVideo_StartQueuing); usrExtDat, at most 8 KiB, is for the agent's
// application. QueuingInfoChanged tells where we are. Who waits in this queue already keeps its place. An agent who has accepted
// us calls: see NotifyCallIn; with that call's acceptance the wait is over. After a restart of the server we have waited as
// long as we have. Errors: 5 bad parameters, 12 not logged in, 21 not permitted, 400 no such queue, 404 waiting in another queue.
func (c *Client) StartQueuing(ctx context.Context, queID int, usrExtDat string) error {
	return c.queueVerb(ctx, "StartQueuing", func(done func(error)) func() { return c.startQueuing(queID, usrExtDat, done) })
}

func (c *Client) startQueuing(queID int, data string, done func(error)) (abandon func()) {
	c.mu.Lock()
	waits := c.queueLocked().queuing != nil
	c.mu.Unlock()
	var got wire.StartQueuingResult
	var givenUp atomic.Bool // the answer may come after that of the request that takes it back
	c.startUserRequest("StartQueuing", wire.MethodStartQueuing, &wire.StartQueuingParams{ID: queID, Data: data}, &got, func(l *login, err error) {
		if err == nil && !givenUp.Load() {
			l.queue.began(queID, data, got.Ticket)
		}
	}, done)
	if waits {
		return noAbandon
	}
	return func() {
		givenUp.Store(true)
		c.startStopQueuing(func(error) {})
	}
}

// began is the start of a wait, or that of one that goes on.
func (q *queueState) began(id int, data, ticket string) {
	if q.queuing == nil || q.queuing.id != id {
		q.queuing = &queuing{id: id, since: time.Now()}
	}
	q.queuing.data, q.queuing.ticket = data, ticket
}

// StopQueuing ends the wait (CRVideo_StopQueuing); waiting nowhere is no error. Errors: 12 not logged in.
func (c *Client) StopQueuing(ctx context.Context) error {
	return c.queueVerb(ctx, "StopQueuing", c.startStopQueuing)
}

func (c *Client) startStopQueuing(done func(error)) (abandon func()) {
	return c.startUserRequest("StopQueuing", wire.MethodStopQueuing, noParams{}, nil, func(l *login, err error) {
		if err == nil {
			l.queue.queuing = nil
		}
	}, done)
}

// GetQueuingInfo tells where we wait (CRVideo_GetQueuingInfo): the place is the last that the server told, the time is up to date.
func (c *Client) GetQueuingInfo() QueuingInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queueLocked().queuing.info()
}

func (q *queuing) info() QueuingInfo {
	if q == nil {
		return QueuingInfo{}
	}
	return QueuingInfo{QueID: q.id, Position: q.position, QueuingTime: seconds(time.Since(q.since))}
}

func seconds(d time.Duration) int { return int(max(0, d) / time.Second) }

func inMS(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

func queuingInfoChanged(c *Client, l *login, p *wire.QueuingInfo) {
	q := &l.queue
	if p.ID == 0 {
		q.queuing = nil
	} else {
		if q.queuing == nil || q.queuing.id != p.ID {
			q.began(p.ID, "", "")
		}
		q.queuing.position, q.queuing.since = p.Position, time.Now().Add(-inMS(p.WaitedMS))
	}
	emit(c, &c.on.queuingInfoChanged, QueuingInfoChanged{q.queuing.info()})
}
