package server

import (
	"errors"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
)

// queues are the call centres of all apps. Their lock is taken after those of rooms and rings, and before those of sessions
// and the server. Who is concerned by a change is told under it, so that everybody sees the changes in one order.
type queues struct {
	srv    *Server
	clock  clock
	opened time.Time

	mu      sync.Mutex
	closed  bool
	centres map[string]*centre // by app
}

// centre is the call centre of an app. It is guarded by the lock of the queues.
type centre struct {
	queues   *queues
	engine   *queue.Engine
	timer    timer
	watchers map[*session]struct{}
	owners   map[string]*session // by UID: who waits or serves
	callers  map[string]*session // by UID: who is in a call
}

func newQueues(s *Server, c clock) *queues {
	return &queues{srv: s, clock: c, opened: c.Now(), centres: map[string]*centre{}}
}

// centre gives the call centre of an app. The queues must be locked.
func (q *queues) centre(app string) *centre {
	c := q.centres[app]
	if c == nil {
		c = &centre{queues: q, engine: queue.New(), watchers: map[*session]struct{}{}, owners: map[string]*session{}, callers: map[string]*session{}}
		q.centres[app] = c
	}
	return c
}

// comebackTime is how long after the start of a server nobody is offered, if sessions of one before it come back: the first to
// do so is not who has waited longest.
const comebackTime = 3 * time.Second

// own makes s the session whose user waits or serves. What a session of the user before it had is over.
func (c *centre) own(s *session, now time.Time) {
	if before := c.owners[s.uid]; before != nil && before != s {
		c.engine.Gone(now, s.uid)
	}
	c.owners[s.uid] = s
	if opens := c.queues.opened.Add(comebackTime); s.renews != "" && now.Before(opens) {
		c.engine.Hold(opens)
	}
}

// settle tells everybody what has happened, and sees to it that what is due later happens.
func (c *centre) settle(now time.Time) {
	var changed []wire.QueueStatus
	for _, e := range c.engine.Take() {
		switch e := e.(type) {
		case queue.Assigned:
			c.tell(e.Agent, wire.NotifyAssigned, wireUser(&e.User, now))
		case queue.Cancelled:
			c.tell(e.Agent, wire.NotifyAssignCanceled, wire.AssignParams{ID: e.Queue, UID: e.UID})
		case queue.Ended:
			c.tell(e.Agent, wire.NotifyAssignEnded, wire.AssignParams{ID: e.Queue, UID: e.UID})
		case queue.Placed:
			c.tell(e.UID, wire.NotifyQueuingInfo, wirePlace(e.Place, now))
		case queue.Changed:
			changed = append(changed, wireStatus(e.Status))
		}
	}
	if len(changed) > 0 {
		c.broadcast(newNotification(wire.NotifyQueueStatus, wire.QueueStatusResult{Status: changed}))
	}
	c.schedule(now)
}

func (c *centre) schedule(now time.Time) {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	if next := c.engine.Next(); !next.IsZero() && !c.queues.closed {
		c.timer = c.queues.clock.AfterFunc(max(0, next.Sub(now)), c.tick)
	}
}

func (c *centre) tick() {
	q := c.queues
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	now := q.clock.Now()
	c.engine.Tick(now)
	c.settle(now)
}

func (c *centre) tell(uid, method string, params any) {
	if s := c.owners[uid]; s != nil {
		s.tell(method, params)
	}
}

func (c *centre) broadcast(n *notification) {
	for s := range c.watchers {
		s.notify(n)
	}
}

// refresh is called after anything that may change whether a user wants customers.
func (q *queues) refresh(user userKey) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.centres[user.appID]
	if c == nil {
		return
	}
	if s := c.owners[user.uid]; s != nil {
		now := q.clock.Now()
		c.engine.Free(now, user.uid, s.wantsCustomers())
		c.settle(now)
	}
}

// wantsCustomers tells whether an agent may be offered customers, but for calls: it is there, in no room, and may be disturbed.
func (s *session) wantsCustomers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended && s.conn != nil && s.member == nil && s.dnd == 0
}

// call tells that a session is in a call, and again when it is answered.
func (q *queues) call(s *session, peer string, answered bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c, now := q.centre(s.appID), q.clock.Now()
	c.callers[s.uid] = s
	c.engine.Call(now, s.uid, peer, answered)
	c.settle(now)
}

// callEnded tells that it is over.
func (q *queues) callEnded(s *session, peer string, refused bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c, now := q.centre(s.appID), q.clock.Now()
	if c.callers[s.uid] != s {
		return
	}
	delete(c.callers, s.uid)
	c.engine.CallEnded(now, s.uid, peer, refused)
	c.settle(now)
}

// leave ends everything of a session that has ended.
func (q *queues) leave(s *session) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.centres[s.appID]
	if c == nil {
		return
	}
	delete(c.watchers, s)
	if c.owners[s.uid] == s {
		now := q.clock.Now()
		delete(c.owners, s.uid)
		c.engine.Gone(now, s.uid)
		c.settle(now)
	}
}

// abandon ends all silently.
func (q *queues) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, c := range q.centres {
		if c.timer != nil {
			c.timer.Stop()
		}
	}
}

func wireUser(u *queue.User, now time.Time) wire.QueueUser {
	return wire.QueueUser{ID: u.Queue, UID: u.UID, Nickname: u.Nickname, Data: u.Data, WaitedMS: waited(u.Since, now)}
}

func wirePlace(p queue.Place, now time.Time) wire.QueuingInfo {
	if p.Queue == 0 {
		return wire.QueuingInfo{}
	}
	return wire.QueuingInfo{ID: p.Queue, Position: p.Position, WaitedMS: waited(p.Since, now)}
}

func waited(since, now time.Time) int64 { return max(0, now.Sub(since).Milliseconds()) }

func wireStatus(s queue.Status) wire.QueueStatus {
	return wire.QueueStatus{ID: s.ID, Agents: s.Agents, Waiting: s.Waiting, Serving: s.Serving}
}

// queueCodes are the codes of the engine's refusals.
var queueCodes = map[error]wire.Code{
	queue.ErrNoQueue: wire.CodeBadQueue, queue.ErrNobody: wire.CodeNobodyWaits, queue.ErrCancelled: wire.CodeUserCanceled,
	queue.ErrNotServing: wire.CodeNotServing, queue.ErrElsewhere: wire.CodeInQueue, queue.ErrBusy: wire.CodeInCall,
}

func queueFailure(err error) *wire.Error {
	if err == nil {
		return nil
	}
	for known, code := range queueCodes {
		if errors.Is(err, known) {
			return wire.Errorf(code, "%v", err)
		}
	}
	return wire.Errorf(wire.CodeInternal, "%v", err)
}
