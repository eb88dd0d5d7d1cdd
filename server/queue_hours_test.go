package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// The size of the simulated call centre.
const (
	simAgents    = 20
	simCustomers = 200
	simHours     = 4
)

// simulation is a call centre of real clients on a real server, whose clock goes on whenever there is nothing to be done.
type simulation struct {
	t     *testing.T
	srv   *crvideotest.Server
	net   *crvideotest.Network
	clock *server.HandClock
	busy  atomic.Int64 // things that bots have to do

	mu     sync.Mutex
	random *rand.Rand
	silent map[string]bool // agents that do not react on purpose

	waits, served, refused, stopped, vanished  atomic.Int64 // waits that were begun, and how they ended
	offered, rejected, ignored, cancelled, cut atomic.Int64
	closing                                    atomic.Bool // nobody comes any more
}

// chance is true so many times in a hundred.
func (s *simulation) chance(percent int) bool { return s.upTo(100) < percent }

func (s *simulation) upTo(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.IntN(n)
}

// seconds is a random time around an average.
func (s *simulation) seconds(average int) time.Duration {
	return time.Duration(average/4+s.upTo(average*3/2)) * time.Second
}

// simBot is one client. Whatever it does happens on its own goroutine, one after the other.
type simBot struct {
	*simulation
	uid    string
	client *crvideo.Client
	todo   chan func()
	events chan crvideo.Event
	handle func(crvideo.Event)
	ctx    context.Context
	end    context.CancelFunc
	done   sync.WaitGroup
}

func (s *simulation) bot(uid string) *simBot {
	b := &simBot{simulation: s, uid: uid, todo: make(chan func(), 1024), events: make(chan crvideo.Event)}
	b.ctx, b.end = context.WithCancel(context.Background())
	b.login()
	return b
}

func (b *simBot) login() {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: b.net.URL(), NoMedia: true})
	require.NoError(b.t, err)
	b.client = c
	happens := c.Events(b.ctx)
	b.done.Go(func() {
		for e := range happens {
			select {
			case b.events <- e:
			case <-b.ctx.Done():
			}
		}
	})
	b.must(c.Login(b.ctx, crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: b.uid, Nickname: b.uid}))
}

func (b *simBot) must(err error) { assert.NoError(b.t, err, b.uid) }

// later has the bot do something when its time has come.
func (b *simBot) later(d time.Duration, fn func()) {
	b.clock.After(d, func() {
		b.busy.Add(1)
		b.todo <- func() { defer b.busy.Add(-1); fn() }
	})
}

// run handles what happens and what is to be done until the end.
func (b *simBot) run() {
	b.done.Go(func() {
		for {
			select {
			case e := <-b.events:
				b.handle(e)
			case fn := <-b.todo:
				fn()
			case <-b.ctx.Done():
				return
			}
		}
	})
}

// again leaves without a word and comes back as somebody new.
func (b *simBot) again() {
	b.must(b.client.Close())
	b.login()
}

// simCustomer waits in a queue, is served, and comes again later.
type simCustomer struct {
	*simBot
	waiting bool
	call    string // that it is in
	wait    int64  // number of its wait, so that what was planned for another one does not happen
}

func (s *simulation) customer(i int) *simBot {
	c := &simCustomer{simBot: s.bot(fmt.Sprint("customer", i))}
	c.handle = c.event
	c.later(s.seconds(600), c.come)
	return c.simBot
}

func (c *simCustomer) come() {
	if c.closing.Load() {
		return
	}
	c.waits.Add(1)
	c.wait++
	c.waiting = true
	c.must(c.client.StartQueuing(context.Background(), 1+c.upTo(3), ""))
	wait := c.wait
	switch {
	case c.chance(5):
		c.later(c.seconds(300), func() {
			if c.waiting && c.wait == wait {
				c.must(c.client.StopQueuing(context.Background()))
				c.over(&c.stopped)
			}
		})
	case c.chance(4):
		c.later(c.seconds(300), func() {
			if c.waiting && c.wait == wait {
				c.again()
				c.over(&c.vanished)
			}
		})
	}
}

// over ends a wait.
func (c *simCustomer) over(how *atomic.Int64) {
	assert.True(c.t, c.waiting, "%s is served twice, or without waiting", c.uid)
	c.waiting = false
	how.Add(1)
	c.later(c.seconds(900), c.come)
}

func (c *simCustomer) event(e crvideo.Event) {
	switch e := e.(type) {
	case crvideo.NotifyCallIn:
		if !c.waiting { // it has stopped meanwhile
			_ = c.client.RejectCall(context.Background(), e.CallID, "")
			return
		}
		if c.chance(4) {
			if c.client.RejectCall(context.Background(), e.CallID, "") == nil {
				c.over(&c.refused)
			}
			return
		}
		if c.client.AcceptCall(context.Background(), e.CallID, crvideo.MeetInfo{}, "") == nil {
			c.call = e.CallID
			c.over(&c.served)
		}
	case crvideo.LineOff:
		c.t.Errorf("%s: %+v", c.uid, e)
	}
}

// simAgent serves.
type simAgent struct {
	*simBot
	queues []int
	call   string
}

func (s *simulation) agent(i int) *simBot {
	a := &simAgent{simBot: s.bot(fmt.Sprint("agent", i)), queues: []int{1 + i%3, 1 + (i+i/3)%3}}
	a.handle = a.event
	a.serve()
	return a.simBot
}

func (a *simAgent) serve() {
	for _, q := range a.queues {
		a.must(a.client.StartService(context.Background(), q, a.upTo(3)))
	}
}

func (a *simAgent) setSilent(on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if on {
		a.silent[a.uid] = true
		a.ignored.Add(1)
	} else {
		delete(a.silent, a.uid)
	}
}

func (a *simAgent) event(e crvideo.Event) {
	ctx := context.Background()
	switch e := e.(type) {
	case crvideo.AutoAssignUser:
		a.offered.Add(1)
		if a.chance(5) && a.net.Cut(a.uid) > 0 {
			a.cut.Add(1)
		}
		if a.chance(5) && a.net.Cut(e.UID) > 0 {
			a.cut.Add(1)
		}
		switch roll := a.upTo(100); {
		case a.closing.Load():
			a.take(e)
		case roll < 8:
			a.rejected.Add(1)
			_ = a.client.RejectAssignUser(ctx, e.QueID, e.UID) // unless it has gone
		case roll < 11:
			a.setSilent(true)
		case roll < 14:
			_ = a.client.AcceptAssignUser(ctx, e.QueID, e.UID)
			a.setSilent(true)
		case roll < 17:
			a.again()
			a.serve()
		default:
			a.take(e)
		}
	case crvideo.CancelAssignUser:
		a.cancelled.Add(1)
		a.setSilent(false)
	case crvideo.NotifyCallAccepted:
		if !a.closing.Load() && a.chance(3) { // in the middle of the call
			a.again()
			a.serve()
			return
		}
		a.call = e.CallID
		a.later(a.seconds(150), func() {
			if a.call == e.CallID {
				a.call = ""
				_ = a.client.HangupCall(ctx, e.CallID, "") // unless the customer is faster
			}
		})
	case crvideo.NotifyCallHangup:
		a.call = ""
	case crvideo.LineOff:
		a.t.Errorf("%s: %+v", a.uid, e)
	}
}

// take accepts and calls.
func (a *simAgent) take(e crvideo.AutoAssignUser) {
	ctx := context.Background()
	if a.client.AcceptAssignUser(ctx, e.QueID, e.UID) != nil {
		return // it is gone
	}
	if _, err := a.client.Call(ctx, e.UID, crvideo.MeetInfo{}, ""); err != nil {
		_ = a.client.RejectAssignUser(ctx, e.QueID, e.UID)
	}
}

// settled tells whether nobody has anything to do before time goes on.
func (s *simulation) settled() bool {
	if s.busy.Load() > 0 {
		return false
	}
	unanswered := s.srv.Unanswered(crvideotest.AppID)
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(unanswered, func(uid string) bool { return !s.silent[uid] })
}

// pass lets time pass.
func (s *simulation) pass(d time.Duration) {
	until := s.clock.Now().Add(d)
	for s.clock.Step(until) {
		if !s.settled() {
			require.Eventually(s.t, s.settled, 30*time.Second, 500*time.Microsecond)
		}
	}
}

// Four hours of a call centre: 200 customers who come again and again, 20 agents of three queues, some of whom reject, do not answer,
// vanish or lose their connection in the middle. Every wait ends once: nobody is lost, and nobody is served twice.
func TestFourHoursOfACallCentre(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := &simulation{t: t, clock: server.NewHandClock(), random: rand.New(rand.NewPCG(seed, 1)), silent: map[string]bool{}}
	s.srv = crvideotest.NewServer(t, func(cfg *server.Config) {
		server.UseClock(cfg, s.clock)
		for id := 1; id <= 3; id++ {
			cfg.Queues = append(cfg.Queues, server.Queue{AppID: crvideotest.AppID, ID: id, Prio: id / 2})
		}
		cfg.Limits.UserLoginsPerMinute, cfg.Limits.LoginsPerMinute, cfg.Limits.PerAddress = 1_000_000, 1_000_000, 1_000_000
		cfg.Limits.AddressMessagesPerSecond = 1_000_000
	})
	s.net = s.srv.Network()
	var bots []*simBot
	for i := range simCustomers {
		bots = append(bots, s.customer(i))
	}
	for i := range simAgents {
		bots = append(bots, s.agent(i))
	}
	for _, b := range bots {
		b.run()
	}
	began := time.Now()
	s.pass(simHours * time.Hour)
	took := time.Since(began)
	s.closing.Store(true)
	s.pass(3 * time.Hour)
	for _, b := range bots {
		b.end()
		b.done.Wait()
		require.NoError(t, b.client.Close())
	}
	ended := s.served.Load() + s.refused.Load() + s.stopped.Load() + s.vanished.Load()
	t.Logf("%d h in %.1f s: %d waits, %d served, %d refused by the customer, %d stopped, %d vanished; %d offers, %d rejected, %d not answered, %d cancelled, %d cuts",
		simHours, took.Seconds(), s.waits.Load(), s.served.Load(), s.refused.Load(), s.stopped.Load(), s.vanished.Load(),
		s.offered.Load(), s.rejected.Load(), s.ignored.Load(), s.cancelled.Load(), s.cut.Load())
	assert.Equal(t, s.waits.Load(), ended, "every wait ends once")
	assert.Greater(t, s.served.Load(), int64(simHours*200))
}
