package crvideo

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// StartService begins to serve a queue as an agent, beside those that we serve (CRVideo_StartService); priority, 0 to 1,000, is
// ours in that queue: of the agents who have nothing to do the one with the smallest number gets the next customer, and among
// equals who has had nothing to do for longest. AutoAssignUser offers us customers while we are in no call and no room and want to be
// disturbed (SetDNDStatus); ReqAssignUser asks for one at any time. It lasts until StopService or the end of the login.
// Errors: 5 bad parameters, 12 not logged in, 21 not permitted, 400 no such queue.
func (c *Client) StartService(ctx context.Context, queID, priority int) error {
	return c.queueVerb(ctx, "StartService", func(done func(error)) func() { return c.startService(queID, priority, done) })
}

func (c *Client) startService(queID, priority int, done func(error)) (abandon func()) {
	var givenUp atomic.Bool // the answer may come after that of the request that takes it back
	c.startUserRequest("StartService", wire.MethodStartService, &wire.StartServiceParams{ID: queID, Priority: priority}, nil, func(l *login, err error) {
		if err != nil || givenUp.Load() {
			return
		}
		if l.queue.serving == nil {
			l.queue.serving = map[int]int{}
		}
		l.queue.serving[queID] = priority
	}, done)
	return func() {
		givenUp.Store(true)
		c.startStopService(queID, func(error) {})
	}
}

// StopService ends serving a queue (CRVideo_StopService). A customer that we were offered from it goes to another agent; one
// that we have accepted stays ours. Errors: 12 not logged in, 400 no such queue, 403 we do not serve it.
func (c *Client) StopService(ctx context.Context, queID int) error {
	return c.queueVerb(ctx, "StopService", func(done func(error)) func() { return c.startStopService(queID, done) })
}

func (c *Client) startStopService(queID int, done func(error)) (abandon func()) {
	return c.startUserRequest("StopService", wire.MethodStopService, &wire.QueueParams{ID: queID}, nil, func(l *login, err error) {
		if err == nil {
			delete(l.queue.serving, queID)
		}
	}, done)
}

// GetServingQueues lists the queues that we serve, in the order of their IDs (CRVideo_GetServingQueues).
func (c *Client) GetServingQueues() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.queueLocked().serving))
}

// ReqAssignUser asks for the next customer of the queues that we serve (CRVideo_ReqAssignUser), for agents who do not want to be
// offered any. It is accepted by that: call it within 30 s, or RejectAssignUser. Errors: 12 not logged in, 21 not permitted,
// 401 nobody waits, 403 we serve no queue, 601 we have a customer, or are in a call.
func (c *Client) ReqAssignUser(ctx context.Context) (QueUser, error) {
	return await(ctx, "ReqAssignUser", c.startReqAssign)
}

func (c *Client) startReqAssign(done func(QueUser, error)) (abandon func()) {
	var got wire.QueueUser
	var givenUp atomic.Bool
	c.startUserRequest("ReqAssignUser", wire.MethodReqAssign, noParams{}, &got, func(l *login, err error) {
		if err == nil {
			l.queue.assigned = &wire.AssignParams{ID: got.ID, UID: got.UID}
		}
	}, func(err error) {
		if err == nil && givenUp.Load() {
			c.startAnswerAssign("RejectAssignUser", got.ID, got.UID, func(error) {})
		}
		done(queUser(&got), err)
	})
	return func() { givenUp.Store(true) }
}

func queUser(w *wire.QueueUser) QueUser {
	return QueUser{QueID: w.ID, UID: w.UID, Nickname: w.Nickname, QueuingTime: seconds(inMS(w.WaitedMS)), UsrExtDat: w.Data}
}

// AcceptAssignUser takes a customer that AutoAssignUser has offered (CRVideo_AcceptAssignUser); Call it within 30 s, else it is
// back in its place. Its service ends with that call. Errors: 5 bad parameters, 12 not logged in, 402 it is not ours, or not any more.
func (c *Client) AcceptAssignUser(ctx context.Context, queID int, uid string) error {
	return c.answerAssign(ctx, "AcceptAssignUser", queID, uid)
}

// RejectAssignUser gives a customer back that we were offered, or have accepted (CRVideo_RejectAssignUser): it keeps its place, and
// we are not offered it again for 30 s. Errors: 5 bad parameters, 12 not logged in, 402 it is not ours, or not any more.
func (c *Client) RejectAssignUser(ctx context.Context, queID int, uid string) error {
	return c.answerAssign(ctx, "RejectAssignUser", queID, uid)
}

func (c *Client) answerAssign(ctx context.Context, op string, queID int, uid string) error {
	return c.queueVerb(ctx, op, func(done func(error)) func() { return c.startAnswerAssign(op, queID, uid, done) })
}

func (c *Client) startAnswerAssign(op string, queID int, uid string, done func(error)) (abandon func()) {
	method := wire.MethodAcceptAssign
	if op == "RejectAssignUser" {
		method = wire.MethodRejectAssign
	}
	p := wire.AssignParams{ID: queID, UID: uid}
	return c.startUserRequest(op, method, &p, nil, func(l *login, err error) {
		if err == nil && method == wire.MethodRejectAssign {
			l.queue.drop(&p)
		}
	}, done)
}

// drop forgets a customer. False: it is not ours.
func (q *queueState) drop(p *wire.AssignParams) bool {
	if q.assigned == nil || *q.assigned != *p {
		return false
	}
	q.assigned = nil
	return true
}

func assigned(c *Client, l *login, p *wire.QueueUser) {
	l.queue.assigned = &wire.AssignParams{ID: p.ID, UID: p.UID}
	emit(c, &c.on.autoAssignUser, AutoAssignUser{queUser(p)})
}

func assignCanceled(c *Client, l *login, p *wire.AssignParams) {
	if l.queue.drop(p) {
		emit(c, &c.on.cancelAssignUser, CancelAssignUser{p.ID, p.UID})
	}
}

func assignEnded(_ *Client, l *login, p *wire.AssignParams) { l.queue.drop(p) }
