package queue

import (
	"cmp"
	"slices"
	"time"
)

// Engine holds the queues of one app.
type Engine struct {
	queues    map[int]*line
	order     []*line // by priority, then ID
	customers map[string]*customer
	agents    map[string]*agent
	calls     map[string]*talk // by user: both sides
	lastSeq   uint64
	wakeups   []time.Time // when refusals end, in order
	hold      time.Time   // nobody is offered before
	events    []any
}

// line is one queue.
type line struct {
	info    Info
	waiting []*customer    // by the time since when they wait; offered ones included
	agents  map[*agent]int // who serve it, with their priority
	serving int

	changed bool // since it was told
	told    Status
	toldAt  time.Time
}

type customer struct {
	User
	seq     uint64
	line    *line
	agent   *agent               // who has it; nil: nobody
	refused map[string]time.Time // agents that do not get it before then
	told    Place
	isTold  bool
}

type agent struct {
	uid    string
	seq    uint64
	serves map[*line]int // with its priority
	free   bool          // wants customers, says the server
	idle   time.Time     // since then
	pause  time.Time     // until then it gets no offer

	has      *customer // offered or accepted
	accepted bool
	deadline time.Time // of has; zero while the two are called
	serving  *service  // in a call with a customer
}

type service struct {
	line *line // also after the queue was removed
	uid  string
}

// talk is a call that a user is in.
type talk struct {
	peer     string
	answered bool
}

// New makes an engine without queues.
func New() *Engine {
	return &Engine{
		queues: map[int]*line{}, customers: map[string]*customer{}, agents: map[string]*agent{}, calls: map[string]*talk{},
	}
}

// SetQueues says which queues there are. Who waits in one that is gone, waits no more; who serves it, serves it no more,
// but for the call that it is in.
func (e *Engine) SetQueues(now time.Time, infos []Info) {
	keep := map[int]bool{}
	for _, info := range infos {
		keep[info.ID] = true
		if l := e.queues[info.ID]; l != nil {
			l.info = info
			continue
		}
		e.queues[info.ID] = &line{info: info, agents: map[*agent]int{}, changed: true}
	}
	for id, l := range e.queues {
		if !keep[id] {
			e.removeLine(now, l)
		}
	}
	e.order = e.order[:0]
	for _, l := range e.queues {
		e.order = append(e.order, l)
	}
	slices.SortFunc(e.order, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.info.Prio, b.info.Prio), cmp.Compare(a.info.ID, b.info.ID))
	})
	e.settle(now)
}

func (e *Engine) removeLine(now time.Time, l *line) {
	delete(e.queues, l.info.ID)
	for _, c := range e.inOrder() {
		if c.line == l {
			e.leave(now, c)
			e.tellGone(c.UID)
		}
	}
	for a := range l.agents {
		delete(a.serves, l)
		e.forget(a)
	}
}

// Hold has nobody offered before then: who waits and who serves comes back in any order after a restart.
func (e *Engine) Hold(until time.Time) { e.hold = until }

// Queues lists the queues by priority.
func (e *Engine) Queues() []Info {
	infos := make([]Info, len(e.order))
	for i, l := range e.order {
		infos[i] = l.info
	}
	return infos
}

// Status tells how a queue is.
func (e *Engine) Status(queue int) (Status, error) {
	l := e.queues[queue]
	if l == nil {
		return Status{}, ErrNoQueue
	}
	return l.status(), nil
}

// AllStatus tells how all queues are, in the order of Queues.
func (e *Engine) AllStatus() []Status {
	all := make([]Status, len(e.order))
	for i, l := range e.order {
		all[i] = l.status()
	}
	return all
}

func (l *line) status() Status {
	return Status{ID: l.info.ID, Agents: len(l.agents), Waiting: len(l.waiting), Serving: l.serving}
}

// Take gives what happened since the last Take, in order.
func (e *Engine) Take() []any {
	events := e.events
	e.events = nil
	return events
}

func (e *Engine) nextSeq() uint64 {
	e.lastSeq++
	return e.lastSeq
}
