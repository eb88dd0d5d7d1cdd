package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// check holds the books against each other.
func (s *script) check() {
	t, e := s.t, s.e
	has := map[*customer]*agent{}
	serving, agents := map[*line]int{}, map[*line]int{}
	for uid, a := range e.agents {
		require.Equal(t, uid, a.uid)
		require.True(t, len(a.serves) > 0 || a.has != nil || a.serving != nil, "%s has nothing to do", uid)
		require.False(t, a.has != nil && a.serving != nil, "%s has two", uid)
		if a.has != nil {
			require.Nil(t, has[a.has], "two have %s", a.has.UID)
			has[a.has] = a
			require.Same(t, a, a.has.agent)
			require.Equal(t, a.deadline.IsZero(), a.accepted && e.calls[uid] != nil && e.calls[uid].peer == a.has.UID, uid)
			if a.accepted {
				serving[a.has.line]++
			}
		}
		if a.serving != nil {
			serving[a.serving.line]++
			require.Equal(t, a.serving.uid, e.calls[uid].peer, "a service is a call")
		}
		for l := range a.serves {
			agents[l]++
			require.Contains(t, l.agents, a)
		}
		if !e.available(s.now, a) || s.now.Before(e.hold) {
			continue
		}
		for l := range a.serves { // nobody waits in vain
			for _, c := range l.waiting {
				require.True(t, !e.canHave(uid, c) || c.refusedBy(a, s.now), "%s could have %s", uid, c.UID)
			}
		}
	}
	places := map[*customer]int{}
	for _, l := range e.queues {
		require.Equal(t, serving[l], l.serving, "queue %d", l.info.ID)
		require.Len(t, l.agents, agents[l])
		for i, c := range l.waiting {
			places[c]++
			require.Same(t, c, e.customers[c.UID])
			require.True(t, i == 0 || l.waiting[i-1].before(c), "out of order")
		}
	}
	for uid, c := range e.customers {
		require.Equal(t, uid, c.UID)
		require.Same(t, c.line, e.queues[c.Queue])
		require.Equal(t, has[c], c.agent)
		want := 1
		if c.agent != nil && c.agent.accepted {
			want = 0
		}
		require.Equal(t, want, places[c], "%s is in its queue %d times", uid, places[c])
	}
}

// outside is what those who are told know. Nobody may be had by two, and nobody is lost.
type outside struct {
	t       *testing.T
	waits   map[string]bool   // customers who want to be served
	holds   map[string]string // agent by customer
	has     map[string]string // customer by agent
	offered int
}

func (o *outside) give(agent, uid string) {
	require.Empty(o.t, o.holds[uid], "%s is given to %s", uid, agent)
	require.Empty(o.t, o.has[agent], "%s gets %s", agent, uid)
	require.True(o.t, o.waits[uid], "%s does not wait", uid)
	o.holds[uid], o.has[agent] = agent, uid
}

func (o *outside) drop(agent, uid string) {
	require.Equal(o.t, uid, o.has[agent])
	delete(o.holds, uid)
	delete(o.has, agent)
}

func (o *outside) hear(events []any) {
	for _, e := range events {
		switch e := e.(type) {
		case Assigned:
			o.offered++
			o.give(e.Agent, e.User.UID)
		case Cancelled:
			o.drop(e.Agent, e.UID)
		case Ended:
			o.drop(e.Agent, e.UID)
		case Placed:
			if e.Place == (Place{}) {
				require.True(o.t, o.waits[e.UID])
				delete(o.waits, e.UID)
			}
		}
	}
}

// TestModel does at random what agents and customers can do, and holds what they are told against the rules after every step.
// In the end agents do their work, and everybody must have been served.
func TestModel(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := newScript(t)
			o := &outside{t: t, waits: map[string]bool{}, holds: map[string]string{}, has: map[string]string{}}
			r := rand.New(rand.NewPCG(seed, 7))
			calls := map[string]string{} // by agent
			for range 3000 {
				s.randomStep(r, o, calls)
				o.hear(s.e.Take())
				s.check()
			}
			assert.Greater(t, o.offered, 100)
			s.work(o, calls)
			assert.Empty(t, o.waits)
			assert.Empty(t, s.e.customers)
		})
	}
}

// ok is a verb that must fail only if it was not possible.
func (s *script) ok(possible bool, err error) {
	s.t.Helper()
	require.Equal(s.t, possible, err == nil, "%v", err)
}

func (s *script) randomStep(r *rand.Rand, o *outside, calls map[string]string) {
	agent, uid, q := fmt.Sprint("agent", r.IntN(6)), fmt.Sprint("user", r.IntN(25)), []int{1, 2, 9}[r.IntN(3)]
	mine := o.has[agent]
	call := func(answered bool) {
		s.e.Call(s.now, agent, mine, answered)
		s.e.Call(s.now, mine, agent, answered)
		calls[agent] = mine
	}
	end := func(refused bool) {
		peer := calls[agent]
		delete(calls, agent)
		s.e.CallEnded(s.now, agent, peer, refused)
		s.e.CallEnded(s.now, peer, agent, false)
	}
	var user User // whom the agent has and is not in an answered call with
	if a := s.e.agents[agent]; a != nil && a.has != nil {
		user = a.has.User
	}
	waits := user.UID != ""
	switch r.IntN(16) {
	case 0, 1, 2, 3:
		since := s.now.Add(-time.Duration(r.IntN(3)) * time.Minute)
		was, waited := s.e.Waiting(uid)
		err := s.e.Enqueue(s.now, User{Queue: q, UID: uid, Since: since})
		s.ok(!waited || was.Queue == q, err)
		if err == nil {
			o.waits[uid] = true
		}
	case 4:
		s.e.Leave(s.now, uid)
		delete(o.waits, uid)
	case 5:
		s.wait(time.Duration(r.IntN(int(2 * RefuseTime))))
	case 6, 7:
		s.ok(true, s.e.Serve(s.now, agent, q, r.IntN(3), r.IntN(4) > 0))
	case 8:
		_ = s.e.StopServing(s.now, agent, q)
	case 9:
		s.e.Free(s.now, agent, r.IntN(3) > 0)
	case 10:
		s.ok(waits, s.e.Accept(s.now, agent, user.Queue, mine))
	case 11:
		err := s.e.Reject(s.now, agent, user.Queue, mine)
		s.ok(waits, err)
		if err == nil {
			o.drop(agent, mine) // before what comes of it
		}
	case 12:
		if u, err := s.e.Request(s.now, agent); err == nil && mine != u.UID {
			o.give(agent, u.UID)
		}
	case 13:
		if waits && calls[agent] == "" {
			call(false)
		}
	case 14:
		if waits && (calls[agent] == "" || calls[agent] == mine) {
			call(true)
		} else if calls[agent] != "" {
			end(false)
		}
	case 15:
		switch {
		case calls[agent] != "" && calls[agent] == mine && waits:
			end(r.IntN(2) == 0)
		case r.IntN(3) == 0 && calls[agent] == "": // a side that is gone ends its call first
			if mine != "" {
				o.drop(agent, mine)
			}
			s.e.Gone(s.now, agent)
		}
	}
}

// work has everybody served.
func (s *script) work(o *outside, calls map[string]string) {
	for agent, peer := range calls {
		s.e.CallEnded(s.now, agent, peer, false)
		s.e.CallEnded(s.now, peer, agent, false)
		o.hear(s.e.Take())
	}
	for i := range 6 {
		for _, q := range []int{1, 2, 9} {
			require.NoError(s.t, s.e.Serve(s.now, fmt.Sprint("agent", i), q, 0, true))
		}
	}
	for range 100 {
		o.hear(s.e.Take())
		for i := range 6 {
			agent := fmt.Sprint("agent", i)
			if uid := o.has[agent]; uid != "" {
				s.e.Call(s.now, agent, uid, true)
				s.e.Call(s.now, uid, agent, true)
				s.e.CallEnded(s.now, agent, uid, false)
				s.e.CallEnded(s.now, uid, agent, false)
			}
			o.hear(s.e.Take())
			s.check()
		}
		s.wait(PauseTime)
	}
}

func BenchmarkAssign(b *testing.B) {
	e, now := New(), start
	e.SetQueues(now, []Info{{ID: 1}, {ID: 2}})
	for i := range 20 {
		_ = e.Serve(now, fmt.Sprint("agent", i), 1+i%2, 0, false)
	}
	for i := range 2000 {
		_ = e.Enqueue(now, User{Queue: 1 + i%2, UID: fmt.Sprint("user", i), Since: now})
	}
	for i := 0; b.Loop(); i++ {
		agent := fmt.Sprint("agent", i%20)
		u, err := e.Request(now, agent)
		if err != nil {
			b.Fatal(err)
		}
		e.Call(now, agent, u.UID, true)
		e.CallEnded(now, agent, u.UID, false)
		_ = e.Enqueue(now, User{Queue: u.Queue, UID: u.UID, Since: now})
		e.Take()
		now = now.Add(time.Millisecond)
	}
}
