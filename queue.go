package crvideo

import (
	"context"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// QueueInfo describes a queue of a call centre (QueueInfo).
type QueueInfo struct {
	QueID int
	Prio  int // the smaller, the sooner its customers are served
	Name  string
	Desc  string
}

// QueStatus is how a queue is (QueStatus).
type QueStatus struct {
	QueID    int
	AgentNum int // agents who serve it
	WaitNum  int // customers who wait, those who are offered to an agent included
	SrvNum   int // customers whom an agent has accepted, or is in a call with
}

// QueUser is a customer (QueUser).
type QueUser struct {
	QueID       int
	UID         string
	Nickname    string
	QueuingTime int    // seconds since it began to wait
	UsrExtDat   string // what it gave StartQueuing
}

// QueuingInfo tells a customer where it is (QueuingInfo). The zero value: in no queue.
type QueuingInfo struct {
	QueID       int
	Position    int // from 1; 0: an agent has accepted us and is going to call
	QueuingTime int // seconds since we began to wait
}

// queueState is what a login knows of the call centre, as a customer and as an agent. Guarded by Client.mu.
type queueState struct {
	inited   bool
	queues   []QueueInfo
	status   map[int]QueStatus // as last told
	serving  map[int]int       // priority by queue
	queuing  *queuing          // nil: in no queue
	assigned *wire.AssignParams
}

// queuing is a wait.
type queuing struct {
	id       int
	data     string
	ticket   string // proves to a server that was restarted how long we have waited
	position int
	since    time.Time
}

// InitQueueDat asks for the queues of the app (CRVideo_InitQueueDat): GetAllQueueInfo lists them, and from now on to the end of
// the login QueueStatusChanged tells how they are, each at most once a second. Errors: 12 not logged in.
func (c *Client) InitQueueDat(ctx context.Context) error {
	return c.queueVerb(ctx, "InitQueueDat", c.startInitQueues)
}

// queueVerb waits for a verb that only succeeds or fails.
func (c *Client) queueVerb(ctx context.Context, op string, start func(done func(error)) (abandon func())) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		return start(func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startInitQueues(done func(error)) (abandon func()) {
	var got wire.QueuesResult
	return c.startUserRequest("InitQueueDat", wire.MethodInitQueues, noParams{}, &got, func(l *login, err error) {
		if err == nil {
			q := &l.queue
			q.inited = true
			q.setQueues(got.Queues)
			q.status = map[int]QueStatus{}
			for _, s := range got.Status {
				q.status[s.ID] = queStatus(s)
			}
		}
	}, done)
}

// noParams are those of a request without.
type noParams struct{}

func (noParams) Validate() *wire.Error { return nil }

func queStatus(w wire.QueueStatus) QueStatus { return QueStatus{w.ID, w.Agents, w.Waiting, w.Serving} }

func (q *queueState) setQueues(list []wire.QueueInfo) {
	q.queues = make([]QueueInfo, len(list))
	known := map[int]bool{}
	for i, w := range list {
		q.queues[i] = QueueInfo{w.ID, w.Prio, w.Name, w.Desc}
		known[w.ID] = true
	}
	for id := range q.serving {
		if !known[id] {
			delete(q.serving, id)
		}
	}
}

// queueState gives what is known, or nothing without a login.
func (c *Client) queueLocked() *queueState {
	if c.login == nil {
		return &queueState{}
	}
	return &c.login.queue
}

// GetAllQueueInfo lists the queues, by priority (CRVideo_GetAllQueueInfo); none before InitQueueDat.
func (c *Client) GetAllQueueInfo() []QueueInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.queueLocked().queues)
}

// RefreshAllQueueStatus has QueueStatusChanged tell how every queue is, whether that has changed or not
// (CRVideo_RefreshAllQueueStatus). Errors: 12 not logged in.
func (c *Client) RefreshAllQueueStatus(ctx context.Context) error {
	return c.queueVerb(ctx, "RefreshAllQueueStatus", c.startRefreshQueues)
}

func (c *Client) startRefreshQueues(done func(error)) (abandon func()) {
	var got wire.QueueStatusResult
	return c.startUserRequest("RefreshAllQueueStatus", wire.MethodGetQueueStatus, &wire.StatusParams{}, &got, func(l *login, err error) {
		for _, s := range got.Status {
			delete(l.queue.status, s.ID)
			c.toldQueueLocked(l, queStatus(s))
		}
	}, done)
}

// GetQueueStatus tells how a queue is (CRVideo_GetQueueStatus). Errors: 12 not logged in, 400 no such queue.
func (c *Client) GetQueueStatus(ctx context.Context, queID int) (QueStatus, error) {
	return await(ctx, "GetQueueStatus", func(done func(QueStatus, error)) func() { return c.startGetQueue(queID, done) })
}

func (c *Client) startGetQueue(queID int, done func(QueStatus, error)) (abandon func()) {
	const op = "GetQueueStatus"
	var got wire.QueueStatusResult
	return c.startUserRequest(op, wire.MethodGetQueueStatus, &wire.QueueParams{ID: queID}, &got, func(*login, error) {}, func(err error) {
		if err == nil && (len(got.Status) != 1 || got.Status[0].ID != queID) {
			err = failf(op, CodeInvalidData, "%d queues in the answer", len(got.Status))
		}
		if err != nil {
			done(QueStatus{QueID: queID}, err)
			return
		}
		done(queStatus(got.Status[0]), nil)
	})
}

// toldQueueLocked tells how a queue is, if that is not known yet.
func (c *Client) toldQueueLocked(l *login, s QueStatus) {
	if before, known := l.queue.status[s.QueID]; known && before == s {
		return
	}
	if l.queue.status != nil {
		l.queue.status[s.QueID] = s
	}
	emit(c, &c.on.queueStatusChanged, QueueStatusChanged{s})
}

func queueStatusChanged(c *Client, l *login, p *wire.QueueStatusResult) {
	for _, s := range p.Status {
		c.toldQueueLocked(l, queStatus(s))
	}
}

// queuesChanged takes the new list of queues, of which some may be gone.
func queuesChanged(c *Client, l *login, p *wire.QueuesResult) {
	l.queue.setQueues(p.Queues)
	there := map[int]bool{}
	for _, s := range p.Status {
		there[s.ID] = true
		c.toldQueueLocked(l, queStatus(s))
	}
	for id := range l.queue.status {
		if !there[id] {
			c.toldQueueLocked(l, QueStatus{QueID: id})
			delete(l.queue.status, id)
		}
	}
}
