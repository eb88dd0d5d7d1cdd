package server

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// startCentre runs a server with two queues and a clock that the test sets.
func startCentre(t *testing.T, change ...func(*Config)) (*Server, *handClock) {
	clock := newHandClock()
	s := start(t, append(change, func(cfg *Config) {
		cfg.Queues = []Queue{{AppID: "app", ID: 1, Prio: 1, Name: "sales", Desc: "who wants to buy"}, {AppID: "app", ID: 2}}
		cfg.clock = clock
	})...)
	clock.advance(time.Second) // how the queues are may be told again
	return s, clock
}

// only gives the next notification of a method, and drops others: positions and states of queues.
func only[P any](c *client, method string) P {
	c.t.Helper()
	for {
		var m *wire.Message
		if len(c.notes) > 0 {
			m, c.notes = c.notes[0], c.notes[1:]
		} else {
			var err error
			m, err = c.read()
			require.NoError(c.t, err, "while waiting for %s", method)
		}
		if m.Method == method {
			c.notes = append([]*wire.Message{m}, c.notes...)
			return note[P](c, method)
		}
	}
}

func (c *client) queue(id int) { c.must(wire.MethodStartQueuing, wire.StartQueuingParams{ID: id}, nil) }

func (c *client) serve(id, priority int) {
	c.must(wire.MethodStartService, wire.StartServiceParams{ID: id, Priority: priority}, nil)
}

// offered waits for a customer.
func (c *client) offered() string { return only[wire.QueueUser](c, wire.NotifyAssigned).UID }

func TestQueueMetrics(t *testing.T) {
	s, _ := startCentre(t)
	ann, bob, cat := login(t, s, "ann"), login(t, s, "bob"), login(t, s, "cat")
	bob.queue(1)
	cat.queue(1)
	ann.serve(1, 0)
	ann.must(wire.MethodAcceptAssign, wire.AssignParams{ID: 1, UID: ann.offered()}, nil)
	families, err := s.metrics.registry.Gather()
	require.NoError(t, err)
	got := map[string]float64{}
	for _, f := range families {
		if name, found := strings.CutPrefix(f.GetName(), "crvideo_queue_"); found {
			for _, m := range f.GetMetric() {
				got[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()+" "+name] = m.GetGauge().GetValue()
			}
		}
	}
	assert.Equal(t, map[string]float64{
		"app 1 waiting": 1, "app 1 serving": 1, "app 1 agents": 1, "app 2 waiting": 0, "app 2 serving": 0, "app 2 agents": 0,
	}, got)
}

func TestQueue(t *testing.T) {
	s, clock := startCentre(t)
	ann, bob, cat := login(t, s, "ann"), login(t, s, "bob"), login(t, s, "cat")
	var all wire.QueuesResult
	ann.must(wire.MethodInitQueues, nil, &all)
	assert.Equal(t, wire.QueuesResult{
		Queues: []wire.QueueInfo{{ID: 2}, {ID: 1, Prio: 1, Name: "sales", Desc: "who wants to buy"}},
		Status: []wire.QueueStatus{{ID: 2}, {ID: 1}},
	}, all)
	bob.must(wire.MethodStartQueuing, wire.StartQueuingParams{ID: 1, Data: "about tea"}, nil)
	assert.Equal(t, wire.QueuingInfo{ID: 1, Position: 1}, note[wire.QueuingInfo](bob, wire.NotifyQueuingInfo))
	assert.Equal(t, []wire.QueueStatus{{ID: 1, Waiting: 1}}, note[wire.QueueStatusResult](ann, wire.NotifyQueueStatus).Status)
	clock.advance(1500 * time.Millisecond)
	cat.queue(1)
	assert.Equal(t, wire.QueuingInfo{ID: 1, Position: 2}, note[wire.QueuingInfo](cat, wire.NotifyQueuingInfo))
	ann.fails(wire.CodeNotServing, wire.MethodReqAssign, nil)
	ann.fails(wire.CodeNotServing, wire.MethodStopService, wire.QueueParams{ID: 1})
	ann.serve(1, 0)
	assert.Equal(t, wire.QueueUser{ID: 1, UID: "bob", Nickname: "Nick bob", WaitedMS: 1500, Data: "about tea"}, only[wire.QueueUser](ann, wire.NotifyAssigned))
	ann.fails(wire.CodeUserCanceled, wire.MethodAcceptAssign, wire.AssignParams{ID: 1, UID: "cat"})
	ann.must(wire.MethodAcceptAssign, wire.AssignParams{ID: 1, UID: "bob"}, nil)
	assert.Equal(t, wire.QueuingInfo{ID: 1, WaitedMS: 1500}, note[wire.QueuingInfo](bob, wire.NotifyQueuingInfo))
	var status wire.QueueStatusResult
	bob.must(wire.MethodGetQueueStatus, wire.StatusParams{ID: 1}, &status)
	assert.Equal(t, []wire.QueueStatus{{ID: 1, Agents: 1, Waiting: 1, Serving: 1}}, status.Status)
	bob.must(wire.MethodGetQueueStatus, nil, &status)
	assert.Len(t, status.Status, 2)

	var called wire.CallResult
	ann.must(wire.MethodCall, wire.CallParams{ID: "c", UID: "bob"}, &called)
	assert.Equal(t, "Nick bob", called.Nickname)
	assert.Equal(t, "Nick ann", only[wire.CallIn](bob, wire.NotifyCallIn).Nickname)
	bob.must(wire.MethodAcceptCall, wire.CallAnswerParams{ID: "c"}, nil)
	assert.Equal(t, wire.QueuingInfo{}, note[wire.QueuingInfo](bob, wire.NotifyQueuingInfo))
	ann.fails(wire.CodeInCall, wire.MethodReqAssign, nil)
	ann.must(wire.MethodHangupCall, wire.CallAnswerParams{ID: "c"}, nil)
	assert.Equal(t, wire.AssignParams{ID: 1, UID: "bob"}, only[wire.AssignParams](ann, wire.NotifyAssignEnded))
	assert.Equal(t, "cat", ann.offered(), "the next one")
	note[answered](bob, wire.NotifyCallHangup)
	bob.quiet()

	ann.must(wire.MethodRejectAssign, wire.AssignParams{ID: 1, UID: "cat"}, nil)
	ann.must(wire.MethodStopService, wire.QueueParams{ID: 1}, nil)
	cat.must(wire.MethodStopQueuing, nil, nil)
	cat.must(wire.MethodStopQueuing, nil, nil)
	cat.fails(wire.CodeBadQueue, wire.MethodStartQueuing, wire.StartQueuingParams{ID: 7})
	cat.fails(wire.CodeBadQueue, wire.MethodStartQueuing, wire.StartQueuingParams{})
	cat.fails(wire.CodeBadQueue, wire.MethodGetQueueStatus, wire.StatusParams{ID: 7})
	cat.fails(wire.CodeBadParameter, wire.MethodStartQueuing, wire.StartQueuingParams{ID: 1, Data: strings.Repeat("x", wire.MaxCallDataBytes+1)})
	cat.fails(wire.CodeBadParameter, wire.MethodStartService, wire.StartServiceParams{ID: 1, Priority: -1})
	cat.queue(1)
	cat.queue(1)
	cat.fails(wire.CodeInQueue, wire.MethodStartQueuing, wire.StartQueuingParams{ID: 2})
	other := loginWith(t, s, &wire.LoginParams{AppID: "other", SecretMD5: secretMD5("hidden"), UID: "cat", Nickname: "n"})
	other.fails(wire.CodeBadQueue, wire.MethodStartService, wire.StartServiceParams{ID: 1})
}

// An agent is offered customers only while it can serve them.
func TestWhoIsOfferedCustomers(t *testing.T) {
	s, _ := startCentre(t)
	bob := login(t, s, "bob")
	for name, c := range map[string]struct{ cannot, can func(ann *client) }{
		"disturbed": {
			func(ann *client) { ann.must(wire.MethodSetDND, wire.DNDParams{DND: 1}, nil) },
			func(ann *client) { ann.must(wire.MethodSetDND, wire.DNDParams{}, nil) },
		},
		"in a room": {
			func(ann *client) { ann.enter(ann.create(wire.CreateMeetingParams{}).ID) },
			func(ann *client) { ann.must(wire.MethodExitMeeting, nil, nil) },
		},
		"in a call": {
			func(ann *client) {
				login(t, s, "eve")
				ann.must(wire.MethodCall, wire.CallParams{ID: "c", UID: "eve"}, nil)
			},
			func(ann *client) { ann.must(wire.MethodHangupCall, wire.CallAnswerParams{ID: "c"}, nil) },
		},
		"cut": {
			func(ann *client) {
				ann.cut()
				require.Eventually(t, s.userSession(userKey{"app", "ann"}).isCut, bound, tick)
			},
			func(ann *client) { ann.back(s) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			ann := login(t, s, "ann")
			ann.serve(1, 0)
			c.cannot(ann)
			bob.queue(1)
			bob.must(wire.MethodPing, nil, nil)
			s.queues.mu.Lock()
			assert.Nil(t, s.queues.centres["app"].engine.AssignedTo("ann"))
			s.queues.mu.Unlock()
			c.can(ann)
			assert.Equal(t, "bob", ann.offered())
			bob.must(wire.MethodStopQueuing, nil, nil)
			ann.must(wire.MethodLogout, nil, nil)
		})
	}
}

func TestAssignmentsEndWithASide(t *testing.T) {
	accept := func(ann *client) { ann.must(wire.MethodAcceptAssign, wire.AssignParams{ID: 1, UID: "bob"}, nil) }
	ring := func(ann *client) { ann.must(wire.MethodCall, wire.CallParams{ID: randomHex(4), UID: "bob"}, nil) }
	for name, before := range map[string]func(ann *client){
		"offered": func(*client) {}, "accepted": accept, "called": func(ann *client) { accept(ann); ring(ann) }, "called at once": ring,
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := startCentre(t)
			ann, bob := login(t, s, "ann"), login(t, s, "bob")
			bob.queue(1)
			login(t, s, "cat").queue(1)
			ann.serve(1, 0)
			require.Equal(t, "bob", ann.offered())
			before(ann)
			ann.must(wire.MethodLogout, nil, nil)
			dan := login(t, s, "dan")
			dan.serve(1, 0)
			require.Equal(t, "bob", dan.offered(), "it is in its place again")
			before(dan)
			bob.must(wire.MethodLogout, nil, nil)
			assert.Equal(t, wire.AssignParams{ID: 1, UID: "bob"}, only[wire.AssignParams](dan, wire.NotifyAssignCanceled))
			assert.Equal(t, "cat", dan.offered())
		})
	}
}

// A user who logs in again has left its queue, and what its old session still says does not count for the new one.
func TestQueueOfAnotherLogin(t *testing.T) {
	s, _ := startCentre(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	bob.queue(1)
	ann.serve(1, 0)
	require.Equal(t, "bob", ann.offered())
	old := s.userSession(userKey{"app", "bob"})
	again := login(t, s, "bob")
	only[wire.AssignParams](ann, wire.NotifyAssignCanceled)
	again.queue(1)
	require.Equal(t, "bob", ann.offered())
	s.queues.leave(old)
	s.queues.callEnded(old, "ann", false)
	ann.must(wire.MethodAcceptAssign, wire.AssignParams{ID: 1, UID: "bob"}, nil)
}

func TestNobodyAnswersAnAssignment(t *testing.T) {
	s, clock := startCentre(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	ann.serve(1, 0)
	bob.queue(1)
	require.Equal(t, "bob", ann.offered())
	dan := login(t, s, "dan")
	dan.serve(1, 0)
	clock.advance(30 * time.Second)
	only[wire.AssignParams](ann, wire.NotifyAssignCanceled)
	require.Equal(t, "bob", dan.offered())
	ann.fails(wire.CodeUserCanceled, wire.MethodAcceptAssign, wire.AssignParams{ID: 1, UID: "bob"})
	assert.Zero(t, only[wire.QueuingInfo](bob, wire.NotifyQueuingInfo).WaitedMS)
	clock.advance(time.Second)
	assert.EqualValues(t, 31_000, only[wire.QueuingInfo](bob, wire.NotifyQueuingInfo).WaitedMS, "it is told how long it waits")
}

// After a restart a customer has waited as long as it has; with a ticket that is its own, of another process, for the same queue.
func TestQueueTicket(t *testing.T) {
	s, clock := startCentre(t)
	bob := login(t, s, "bob")
	var got wire.StartQueuingResult
	bob.must(wire.MethodStartQueuing, wire.StartQueuingParams{ID: 1}, &got)
	clock.advance(time.Minute)
	waited := func(s *Server, uid string, id int, ticket string, change func(*wire.LoginParams)) int64 {
		p := loginParams(uid)
		p.Renews = "before"
		change(p)
		c := loginWith(t, s, p)
		c.must(wire.MethodStartQueuing, wire.StartQueuingParams{ID: id, Ticket: ticket}, nil)
		return only[wire.QueuingInfo](c, wire.NotifyQueuingInfo).WaitedMS
	}
	same := func(*wire.LoginParams) {}
	assert.Zero(t, waited(s, "bob", 1, got.Ticket, same), "the process that made it knows better")
	next, nextClock := startCentre(t)
	nextClock.advance(2 * time.Minute)
	now := waited(next, "bob", 1, got.Ticket, same)
	assert.InDelta(t, 120_000, now, 60_000)
	assert.Greater(t, now, int64(60_000))
	assert.Zero(t, waited(next, "eve", 1, got.Ticket, same), "another's")
	assert.Zero(t, waited(next, "bob", 2, got.Ticket, same), "for another queue")
	assert.Zero(t, waited(next, "bob", 1, got.Ticket+"x", same), "forged")
	assert.Zero(t, waited(next, "bob", 1, got.Ticket, func(p *wire.LoginParams) { p.Renews = "" }), "of a new login")
	nextClock.advance(maxWait)
	assert.Zero(t, waited(next, "bob", 1, got.Ticket, same), "too old")
}

// An answer that got lost is given again only while it is right: what has ended it was told before.
func TestLostAnswersAboutQueues(t *testing.T) {
	s, _ := startCentre(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	ann.must(wire.MethodSetDND, wire.DNDParams{DND: 1}, nil)
	ann.serve(1, 0)
	again := func(c *client, method string, params any) *wire.Message {
		c.back(s)
		c.lastID -= 2 // of the resume, and the lost one's
		return c.answer(c.send(method, params))
	}
	first := wire.StartQueuingParams{ID: 1}
	bob.must(wire.MethodStartQueuing, first, nil)
	bob.cut()
	assert.Nil(t, again(bob, wire.MethodStartQueuing, first).Error)
	bob.lastID++
	ann.must(wire.MethodReqAssign, nil, nil)
	ann.cut()
	assert.Nil(t, again(ann, wire.MethodReqAssign, nil).Error)
	ann.cut()
	s.queues.set("app", nil)
	m := again(ann, wire.MethodReqAssign, nil)
	if assert.NotNil(t, m.Error) {
		assert.Equal(t, wire.CodeUserCanceled, m.Error.Code)
	}
	bob.lastID--
	bob.cut()
	m = again(bob, wire.MethodStartQueuing, first)
	if assert.NotNil(t, m.Error) {
		assert.Equal(t, wire.CodeUserCanceled, m.Error.Code)
	}
}

func TestServiceIsRestored(t *testing.T) {
	s, _ := startCentre(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	ann.serve(1, 0)
	ann.fails(wire.CodeUserCanceled, wire.MethodRestoreServing, wire.AssignParams{ID: 1, UID: "bob"})
	ann.must(wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "bob", Epoch: "before"}, nil)
	ann.must(wire.MethodRestoreServing, wire.AssignParams{ID: 1, UID: "bob"}, nil)
	bob.must(wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "ann", Called: true, Epoch: "before"}, nil)
	var status wire.QueueStatusResult
	bob.must(wire.MethodGetQueueStatus, wire.StatusParams{ID: 1}, &status)
	assert.Equal(t, []wire.QueueStatus{{ID: 1, Agents: 1, Serving: 1}}, status.Status)
	login(t, s, "cat").queue(1)
	bob.must(wire.MethodHangupCall, wire.CallAnswerParams{ID: "c"}, nil)
	only[wire.AssignParams](ann, wire.NotifyAssignEnded)
	assert.Equal(t, "cat", ann.offered())
}

func TestQueuesAreChecked(t *testing.T) {
	for name, list := range map[string][]Queue{
		"no app": {{ID: 1}}, "unknown app": {{AppID: "eve", ID: 1}}, "no ID": {{AppID: "app"}}, "twice": {{AppID: "app", ID: 1}, {AppID: "app", ID: 1}},
		"priority": {{AppID: "app", ID: 1, Prio: 1001}}, "name": {{AppID: "app", ID: 1, Name: strings.Repeat("x", 129)}},
		"too many": func() (many []Queue) {
			for i := range wire.MaxQueues + 1 {
				many = append(many, Queue{AppID: "app", ID: i + 1})
			}
			return many
		}(),
	} {
		_, err := New(Config{Apps: []App{{ID: "app", Secret: "s"}, {ID: "other", Secret: "s"}}, Queues: list, engine: &fakeEngine{}})
		assert.ErrorContains(t, err, "queue", name)
	}
}
