package soak

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/crvideotest"
)

// fault is something that happens to the network or the server.
type fault struct {
	name   string
	weight int
	do     func(s *soak, h hit)
}

// hit is whom and how a fault hits. until waits, for so long or until the storm is over.
type hit struct {
	uid    string
	chance *rand.Rand
	until  func(lowest, highest time.Duration)
}

const (
	toServer, toClient, bothWays = crvideotest.ToServer, crvideotest.ToClient, crvideotest.BothWays
	faultPause                   = 400 * time.Millisecond // mean time between two faults
)

var faults = []fault{
	{"cut", 20, func(s *soak, h hit) { s.net.Cut(h.uid) }},
	{"half-open connection", 5, func(s *soak, h hit) { s.net.HalfOpen(h.uid) }},
	{"stall", 6, func(s *soak, h hit) {
		s.net.Stall([]crvideotest.Direction{toServer, toClient, bothWays}[h.chance.IntN(3)], h.uid)
		h.until(100*time.Millisecond, 3*time.Second)
		s.net.Resume(h.uid)
	}},
	{"cut at a message", 10, func(s *soak, h hit) { s.rule(h, s.net.CutAtMessage, 0) }},
	{"cut in a message", 5, func(s *soak, h hit) { s.rule(h, s.net.CutInMessage, 0) }},
	{"message twice", 4, func(s *soak, h hit) { s.rule(h, s.net.DuplicateMessage, toClient) }},
	{"lost notification", 3, func(s *soak, h hit) { s.rule(h, s.net.DropMessage, toClient) }},
	{"loss of media", 8, func(s *soak, h hit) {
		f := crvideotest.MediaFaults{Loss: float64(1+h.chance.IntN(30)) / 100, Burst: float64(1 + h.chance.IntN(4)), Reorder: .05, Duplicate: .02, Jitter: 20 * time.Millisecond}
		s.media(h, f, 5*time.Second)
	}},
	{"no media", 6, func(s *soak, h hit) { s.media(h, crvideotest.MediaFaults{Blackhole: true}, 6*time.Second) }},
	{"late media", 3, func(s *soak, h hit) {
		s.media(h, crvideotest.MediaFaults{Delay: 150 * time.Millisecond}, 4*time.Second)
	}},
	{"another path", 8, func(s *soak, h hit) { s.net.ChangePath(h.uid) }},
	{"delay of signalling", 2, func(s *soak, h hit) {
		s.net.Delay(bothWays, time.Duration(20+h.chance.IntN(200))*time.Millisecond)
		h.until(time.Second, 3*time.Second)
		s.net.Delay(bothWays, 0)
	}},
	{"upgrades refused", 2, func(s *soak, h hit) {
		s.net.RefuseUpgrades(503)
		s.net.Cut(h.uid)
		h.until(200*time.Millisecond, 2*time.Second)
		s.net.RefuseUpgrades(0)
	}},
	{"connections refused", 2, func(s *soak, h hit) {
		s.net.RefuseConnections(true)
		s.net.Cut(h.uid)
		h.until(200*time.Millisecond, 2*time.Second)
		s.net.RefuseConnections(false)
	}},
	{"stalled connecting", 2, func(s *soak, h hit) {
		s.net.StallAt(crvideotest.Stage(h.chance.IntN(4) + 1))
		s.net.Cut(h.uid)
		h.until(200*time.Millisecond, 2*time.Second)
		s.net.StallAt(crvideotest.Nowhere)
	}},
	{"everybody cut", 2, func(s *soak, _ hit) { s.net.Cut() }},
	{"server frozen", 1, func(s *soak, h hit) {
		s.net.Freeze()
		h.until(500*time.Millisecond, 4*time.Second)
		s.net.Thaw()
	}},
	{"server away", 2, func(s *soak, h hit) {
		s.outage(func() {
			s.net.Down()
			h.until(200*time.Millisecond, 3*time.Second)
			s.net.Up()
		})
	}},
	{"server crashed", 2, func(s *soak, h hit) {
		s.outage(func() {
			s.forgets()
			s.net.RestartFresh(time.Duration(200+h.chance.IntN(2000)) * time.Millisecond)
		})
	}},
	{"server restarted", 2, func(s *soak, h hit) {
		s.outage(func() {
			s.forgets()
			s.srv.Restart(time.Duration(h.chance.IntN(1000)) * time.Millisecond)
		})
	}},
}

var totalFaults = func() (sum int) {
	for _, f := range faults {
		sum += f.weight
	}
	return sum
}()

// chaos lets faults happen until ctx ends, and heals what they left.
func (s *soak) chaos(ctx context.Context, chance *rand.Rand) {
	var running sync.WaitGroup
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	for done := false; !done; timer.Reset(time.Duration(chance.ExpFloat64() * float64(faultPause))) {
		pick, n, seed := chance.IntN(totalFaults), chance.IntN(len(s.bots)+1), chance.Uint64()
		select {
		case <-timer.C:
		case <-ctx.Done():
			done = true
			continue
		}
		uid := s.twin.uid
		if n < len(s.bots) {
			uid = s.bots[n].uid
		}
		for _, f := range faults {
			if pick -= f.weight; pick < 0 {
				s.detail("FAULT %s (%s)", f.name, uid)
				s.count("fault: " + f.name)
				h := hit{uid: uid, chance: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // must repeat
				h.until = func(lowest, highest time.Duration) {
					sleep(ctx, lowest+time.Duration(h.chance.Int64N(int64(highest-lowest))))
				}
				running.Go(func() { f.do(s, h) })
				break
			}
		}
	}
	running.Wait()
	s.net.Heal()
}

func sleep(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// methods are what a fault at a message waits for.
var methods = []string{
	"login", "resume", "createMeeting", "enterMeeting", "exitMeeting", "openMic", "closeMic", "openVideo", "closeVideo", "subscribe",
	"setDevices", "offer", "setNickname", "memberEntered", "memberLeft", "micStatus", "videoStatus", "devicesChanged", "nicknameChanged",
}

// rule makes something happen to the next message of some method; d restricts it to notifications.
func (s *soak) rule(h hit, do func(crvideotest.Match) *crvideotest.Rule, d crvideotest.Direction) {
	of, method := []crvideotest.Direction{toServer, toClient}[h.chance.IntN(2)], methods[h.chance.IntN(len(methods))]
	match := crvideotest.Method(of, method)
	if d != 0 {
		match = func(m crvideotest.Message) bool { return m.Direction == d && m.Seq > 0 }
	}
	r := do(match.Of(h.uid).Nth(1))
	h.until(time.Second, 5*time.Second)
	r.Remove()
}

func (s *soak) media(h hit, f crvideotest.MediaFaults, longest time.Duration) {
	s.net.Media([]crvideotest.Direction{toServer, toClient, bothWays}[h.chance.IntN(3)], f, h.uid)
	h.until(longest/4, longest)
	s.net.Media(bothWays, crvideotest.MediaFaults{}, h.uid)
}

// forgets notes that the server is about to forget everybody.
func (s *soak) forgets() {
	s.fresh.Add(1)
}

// outage is one at a time: another one meanwhile does not happen.
func (s *soak) outage(do func()) {
	if s.out.TryLock() {
		defer s.out.Unlock()
		do()
	}
}
