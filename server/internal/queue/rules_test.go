package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

// script runs lines like "serve ann 1 5" and collects what is told, but for positions and states of queues.
type script struct {
	t   *testing.T
	e   *Engine
	now time.Time
}

// newScript has three queues: 1 and 2 are equal, 9 is more urgent.
func newScript(t *testing.T) *script {
	s := &script{t: t, e: New(), now: start}
	s.e.SetQueues(s.now, []Info{{ID: 1, Prio: 5}, {ID: 2, Prio: 5}, {ID: 9, Prio: 1}})
	s.e.Take()
	return s
}

// wait lets time pass as a server does: Tick is called when it is due.
func (s *script) wait(d time.Duration) {
	end := s.now.Add(d)
	for next := s.e.Next(); !next.IsZero() && !next.After(end); next = s.e.Next() {
		require.True(s.t, next.After(s.now) || next.Equal(s.now))
		if next.After(s.now) {
			s.now = next
		}
		s.e.Tick(s.now)
		require.True(s.t, s.e.Next().IsZero() || s.e.Next().After(s.now), "Tick does all that is due")
	}
	s.now = end
}

func (s *script) do(line string) error {
	var what, a, b string
	var q, prio int
	words := strings.Fields(line)
	what, a = words[0], words[1]
	if len(words) > 2 {
		b = words[2]
		_, _ = fmt.Sscan(b, &q)
	}
	if len(words) > 3 {
		b = words[3]
		_, _ = fmt.Sscan(b, &prio)
	}
	switch what {
	case "wait":
		d, err := time.ParseDuration(a)
		require.NoError(s.t, err)
		s.wait(d)
		return nil
	case "enqueue":
		s.wait(time.Millisecond) // so that nobody comes at the same time
		return s.e.Enqueue(s.now, User{Queue: q, UID: a, Since: s.now})
	case "return": // after having waited for so many seconds
		return s.e.Enqueue(s.now, User{Queue: q, UID: a, Since: s.now.Add(-time.Duration(prio) * time.Second)})
	case "hold":
		d, err := time.ParseDuration(a)
		require.NoError(s.t, err)
		s.e.Hold(s.now.Add(d))
		return nil
	case "leave":
		s.e.Leave(s.now, a)
		return nil
	case "gone":
		s.e.Gone(s.now, a)
		return nil
	case "serve":
		return s.e.Serve(s.now, a, q, prio, true)
	case "serve-busy":
		return s.e.Serve(s.now, a, q, prio, false)
	case "stop":
		return s.e.StopServing(s.now, a, q)
	case "free", "busy":
		s.wait(time.Millisecond)
		s.e.Free(s.now, a, what == "free")
		return nil
	case "request":
		u, err := s.e.Request(s.now, a)
		if err == nil {
			s.e.events = append(s.e.events, "got "+u.UID)
		}
		return err
	case "accept":
		return s.e.Accept(s.now, a, q, b)
	case "reject":
		return s.e.Reject(s.now, a, q, b)
	case "call", "answer":
		s.e.Call(s.now, a, b, what == "answer")
		s.e.Call(s.now, b, a, what == "answer")
		return nil
	case "hangup", "refuse": // by the second one
		s.e.CallEnded(s.now, a, b, what == "refuse")
		s.e.CallEnded(s.now, b, a, false)
		return nil
	case "restore":
		return s.e.Restore(s.now, a, q, b)
	}
	panic(line)
}

// told renders what has happened.
func (s *script) told() string {
	var lines []string
	for _, e := range s.e.Take() {
		switch e := e.(type) {
		case string:
			lines = append(lines, e)
		case Assigned:
			lines = append(lines, e.Agent+"<"+e.User.UID)
		case Cancelled:
			lines = append(lines, e.Agent+"x"+e.UID)
		case Ended:
			lines = append(lines, e.Agent+"."+e.UID)
		case Placed:
			switch {
			case e.Place == Place{}:
				lines = append(lines, e.UID+" out")
			case e.Place.Position == 0:
				lines = append(lines, e.UID+" next")
			}
		}
	}
	return strings.Join(lines, ", ")
}

// The rules of assignment. "ann<bob": ann is offered bob; "annxbob": ann has him no more; "bob next": he has been accepted;
// "bob out": he does not queue any more; "ann.bob": the service has ended with its call. A line with "!" fails with the error.
func TestRules(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"who comes first is served first":           {"enqueue bob 1; enqueue cat 1; serve ann 1 0", "ann<bob"},
		"an agent has one at a time":                {"serve ann 1 0; enqueue bob 1; enqueue cat 1", "ann<bob"},
		"the urgent queue first":                    {"enqueue bob 1; enqueue cat 9; serve ann 1 0", "ann<bob"},
		"the urgent queue first, several queues":    {"enqueue bob 1; enqueue cat 9; serve-busy ann 1 0; serve ann 9 0", "ann<cat"},
		"equal queues by waiting time":              {"enqueue cat 2; enqueue bob 1; serve-busy ann 1 0; serve ann 2 9", "ann<cat"},
		"the agent with the smaller number":         {"serve ann 1 2; serve dan 1 1; enqueue bob 1; enqueue cat 1", "dan<bob, ann<cat"},
		"priority is one in the queue":              {"serve ann 1 2; serve dan 1 3; serve ann 2 9; serve dan 2 1; enqueue bob 2", "dan<bob"},
		"priority changes":                          {"serve ann 1 2; serve dan 1 3; serve ann 1 4; enqueue bob 1", "dan<bob"},
		"who is idle longest":                       {"serve ann 1 0; wait 1s; serve dan 1 0; enqueue bob 1", "ann<bob"},
		"being busy is not idling":                  {"serve ann 1 0; serve dan 1 0; busy ann; free ann; enqueue bob 1", "dan<bob"},
		"busy agents get nobody":                    {"serve-busy ann 1 0; enqueue bob 1", ""},
		"a free agent gets who waits":               {"serve-busy ann 1 0; enqueue bob 1; free ann", "ann<bob"},
		"nobody serves oneself":                     {"serve bob 1 0; enqueue bob 1", ""},
		"unknown queue":                             {"enqueue bob 7!; serve ann 7 0!; stop ann 7!", "400, 400, 400"},
		"the place is kept":                         {"enqueue bob 1; enqueue cat 1; enqueue bob 1; serve ann 1 0", "ann<bob"},
		"one queue at a time":                       {"enqueue bob 1; enqueue bob 2!", "404"},
		"another one after leaving":                 {"enqueue bob 1; leave bob; enqueue bob 2; serve ann 2 0", "ann<bob"},
		"the customer leaves":                       {"serve ann 1 0; enqueue bob 1; leave bob; accept ann 1 bob!", "ann<bob, annxbob, 402"},
		"the customer leaves, the next one comes":   {"serve ann 1 0; enqueue bob 1; enqueue cat 1; leave bob", "ann<bob, annxbob, ann<cat"},
		"the accepted customer leaves":              {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; leave bob", "ann<bob, bob next, annxbob"},
		"the customer is gone":                      {"serve ann 1 0; enqueue bob 1; gone bob", "ann<bob, annxbob"},
		"the agent is gone":                         {"serve ann 1 0; enqueue bob 1; enqueue cat 1; gone ann; serve dan 1 0", "ann<bob, dan<bob"},
		"the agent is gone after accepting":         {"serve ann 1 0; enqueue bob 1; enqueue cat 1; accept ann 1 bob; gone ann; serve dan 1 0", "ann<bob, bob next, dan<bob"},
		"accepted once more":                        {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; accept ann 1 bob", "ann<bob, bob next"},
		"not one's own":                             {"serve ann 1 0; enqueue bob 1; serve dan 1 0; accept dan 1 bob!; reject dan 1 bob!; accept ann 2 bob!", "ann<bob, 402, 402, 402"},
		"rejected: the next agent":                  {"serve ann 1 0; enqueue bob 1; serve dan 1 0; reject ann 1 bob", "ann<bob, dan<bob"},
		"rejected: another customer":                {"serve ann 1 0; enqueue bob 1; enqueue cat 1; reject ann 1 bob", "ann<bob, ann<cat"},
		"rejected: not at once again":               {"serve ann 1 0; enqueue bob 1; reject ann 1 bob; wait 29s", "ann<bob"},
		"rejected: later again":                     {"serve ann 1 0; enqueue bob 1; reject ann 1 bob; wait 30s", "ann<bob, ann<bob"},
		"rejected: by request at once":              {"serve ann 1 0; enqueue bob 1; reject ann 1 bob; request ann", "ann<bob, bob next, got bob"},
		"no answer":                                 {"serve ann 1 0; enqueue bob 1; wait 30s", "ann<bob, annxbob"},
		"no answer: the next agent":                 {"serve ann 1 0; enqueue bob 1; serve dan 1 0; wait 30s", "ann<bob, annxbob, dan<bob"},
		"no answer: it gets no other one":           {"serve ann 1 0; enqueue bob 1; enqueue cat 1; wait 59s", "ann<bob, annxbob"},
		"no answer: later again":                    {"serve ann 1 0; enqueue bob 1; wait 60s", "ann<bob, annxbob, ann<bob"},
		"an answer in time":                         {"serve ann 1 0; enqueue bob 1; wait 29s; accept ann 1 bob; wait 29s", "ann<bob, bob next"},
		"accepted, but not called":                  {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; serve dan 1 0; wait 30s", "ann<bob, bob next, annxbob, dan<bob"},
		"accepted, then given back":                 {"serve ann 1 0; enqueue bob 1; enqueue cat 1; accept ann 1 bob; reject ann 1 bob; serve dan 1 0", "ann<bob, bob next, ann<cat, dan<bob"},
		"served":                                    {"serve ann 1 0; enqueue bob 1; enqueue cat 1; accept ann 1 bob; call ann bob; answer ann bob; hangup ann bob", "ann<bob, bob next, bob out, ann.bob, ann<cat"},
		"a long call":                               {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; call ann bob; wait 5m; answer ann bob; wait 1h", "ann<bob, bob next, bob out"},
		"calling is accepting":                      {"serve ann 1 0; enqueue bob 1; call ann bob; answer ann bob", "ann<bob, bob next, bob out"},
		"the customer refuses the call":             {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; call ann bob; refuse ann bob", "ann<bob, bob next, annxbob, bob out"},
		"not answered: it may try again":            {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; call ann bob; wait 1m; hangup ann bob; wait 29s; answer ann bob", "ann<bob, bob next, bob out"},
		"not answered: back in the queue":           {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; call ann bob; hangup ann bob; serve dan 1 0; wait 30s", "ann<bob, bob next, annxbob, dan<bob"},
		"no customer during another call":           {"serve ann 1 0; call ann eve; enqueue bob 1", ""},
		"a customer after another call":             {"serve ann 1 0; call ann eve; enqueue bob 1; hangup ann eve", "ann<bob"},
		"a served one may come again":               {"serve ann 1 0; serve dan 1 0; enqueue bob 1; answer ann bob; enqueue bob 1; hangup ann bob", "ann<bob, bob next, bob out, ann.bob, dan<bob"},
		"nobody is served who is in another call":   {"call bob eve; enqueue bob 1; enqueue cat 1; serve ann 1 0; serve dan 1 0; hangup bob eve", "ann<cat, dan<bob"},
		"the agent is gone during the call":         {"serve ann 1 0; enqueue bob 1; answer ann bob; gone ann; hangup bob ann; serve dan 1 0", "ann<bob, bob next, bob out, ann.bob"},
		"request":                                   {"serve-busy ann 1 0; enqueue bob 1; enqueue cat 1; request ann", "bob next, got bob"},
		"request: the urgent one":                   {"serve-busy ann 1 0; serve-busy ann 9 0; enqueue bob 1; enqueue cat 9; request ann", "cat next, got cat"},
		"request: whom one has been offered":        {"serve ann 1 0; enqueue bob 1; request ann", "ann<bob, bob next, got bob"},
		"request: nobody":                           {"serve ann 1 0; enqueue bob 2; request ann!", "401"},
		"request: no service":                       {"enqueue bob 1; request ann!", "403"},
		"request: busy":                             {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; request ann!; answer ann bob; request ann!", "ann<bob, bob next, 601, bob out, 601"},
		"request: not another's":                    {"serve dan 1 0; serve-busy ann 1 0; enqueue bob 1; request ann!", "dan<bob, 401"},
		"no service, no customer":                   {"serve ann 1 0; stop ann 1; enqueue bob 1; stop ann 1!", "403"},
		"stop gives back":                           {"serve ann 1 0; enqueue bob 1; serve dan 1 0; stop ann 1", "ann<bob, annxbob, dan<bob"},
		"stop keeps whom one has accepted":          {"serve ann 1 0; enqueue bob 1; accept ann 1 bob; stop ann 1; answer ann bob; hangup ann bob", "ann<bob, bob next, bob out, ann.bob"},
		"stop one of two":                           {"serve ann 1 0; serve ann 2 0; stop ann 1; enqueue bob 1; enqueue cat 2", "ann<cat"},
		"who comes back after a restart is in time": {"enqueue bob 1; return cat 1 60; serve ann 1 0", "ann<cat"},
		"held back after a restart":                 {"hold 3s; serve ann 1 0; enqueue bob 1; wait 2s; return cat 1 60; wait 1s", "ann<cat"},
		"held back, but asked for":                  {"hold 3s; serve ann 1 0; enqueue bob 1; request ann; wait 3s", "bob next, got bob"},
		"nobody comes from the future":              {"return bob 1 -60; wait 1s; enqueue cat 1; serve ann 1 0", "ann<bob"},
		"restored":                                  {"serve ann 1 0; answer ann bob; restore ann 1 bob; hangup ann bob", "ann.bob"},
		"restored without a call":                   {"serve ann 1 0; restore ann 1 bob!; call ann bob; restore ann 1 bob!; restore ann 7 bob!", "402, 402, 400"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			codes := map[error]string{ErrNoQueue: "400", ErrNobody: "401", ErrCancelled: "402", ErrNotServing: "403", ErrElsewhere: "404", ErrBusy: "601"}
			for line := range strings.SplitSeq(c.script, ";") {
				line, fails := strings.CutSuffix(strings.TrimSpace(line), "!")
				err := s.do(line)
				require.Equal(t, fails, err != nil, "%s: %v", line, err)
				if err != nil {
					s.e.events = append(s.e.events, codes[err])
				}
				s.check()
			}
			assert.Equal(t, c.want, s.told())
		})
	}
}

func TestPlacesAreTold(t *testing.T) {
	s := newScript(t)
	places := func() (got []string) {
		for _, e := range s.e.Take() {
			switch e := e.(type) {
			case Placed:
				got = append(got, fmt.Sprintf("%s %d", e.UID, e.Place.Position))
			case Changed:
				got = append(got, fmt.Sprintf("queue %d: %d %d %d", e.Status.ID, e.Status.Agents, e.Status.Waiting, e.Status.Serving))
			}
		}
		return got
	}
	s.wait(time.Minute)
	places()
	for _, uid := range []string{"bob", "cat", "dan"} {
		require.NoError(t, s.e.Enqueue(s.now, User{Queue: 1, UID: uid, Since: s.now}))
	}
	assert.Equal(t, []string{"bob 1", "queue 1: 0 1 0", "cat 2", "dan 3"}, places(), "at once, but the queue every second")
	s.e.Leave(s.now, "bob")
	assert.Empty(t, places())
	s.wait(time.Second)
	assert.Equal(t, []string{"cat 1", "dan 2", "queue 1: 0 2 0"}, places())
	s.wait(29 * time.Second)
	assert.Empty(t, places(), "nothing has changed")
	s.wait(time.Second)
	assert.Equal(t, []string{"cat 1", "dan 2"}, places(), "that they still wait")
	require.NoError(t, s.e.Serve(s.now, "ann", 1, 0, true))
	require.NoError(t, s.e.Accept(s.now, "ann", 1, "cat"))
	s.wait(time.Second)
	assert.Equal(t, []string{"cat 0", "dan 1", "queue 1: 1 1 1"}, places())
	require.NoError(t, s.e.Reject(s.now, "ann", 1, "cat"))
	assert.Equal(t, []string{"cat 1"}, places(), "it is back in its place")
	s.wait(time.Second)
	assert.Equal(t, []string{"dan 2", "queue 1: 1 2 0"}, places())
	s.e.Gone(s.now, "cat")
	s.e.Gone(s.now, "dan")
	s.e.Gone(s.now, "ann")
	s.wait(time.Hour)
	assert.Equal(t, []string{"queue 1: 0 0 0"}, places())
	assert.True(t, s.e.Next().IsZero(), "nothing is left to be done")
}

func TestQueuesChange(t *testing.T) {
	s := newScript(t)
	for _, line := range []string{"serve ann 1 0", "serve ann 2 3", "serve dan 1 0", "serve eve 1 1", "enqueue bob 1", "enqueue cat 1", "enqueue fay 1", "enqueue gil 1", "enqueue hal 2", "accept dan 1 cat", "answer eve fay"} {
		require.NoError(t, s.do(line), line)
		s.check()
	}
	s.told()
	s.e.SetQueues(s.now, []Info{{ID: 2, Prio: 7, Name: "two"}, {ID: 3, Prio: 1}})
	s.check()
	assert.Equal(t, "annxbob, bob out, danxcat, cat out, gil out, ann<hal", s.told())
	assert.Equal(t, []Info{{ID: 3, Prio: 1}, {ID: 2, Prio: 7, Name: "two"}}, s.e.Queues())
	assert.Equal(t, []Service{{2, 3}}, s.e.Serving("ann"))
	_, err := s.e.Status(1)
	require.ErrorIs(t, err, ErrNoQueue)
	status, err := s.e.Status(2)
	require.NoError(t, err)
	assert.Equal(t, Status{ID: 2, Agents: 1, Waiting: 1}, status)
	require.NoError(t, s.do("hangup eve fay"))
	assert.Equal(t, "eve.fay", s.told(), "a call outlives its queue")
	s.check()
}
