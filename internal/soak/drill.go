package soak

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
)

// drillTime is how long the server is away in a drill.
const drillTime = 2 * time.Second

// drills are outages of which it is measured how long everybody takes to be back. One comes at the end of each calm.
var drills = []struct {
	name string
	do   func(*soak)
}{
	{"signalling cut", func(s *soak) {
		s.net.RefuseConnections(true)
		s.net.Cut()
		time.Sleep(drillTime)
		s.net.RefuseConnections(false)
	}},
	{"server away", func(s *soak) { s.net.Restart(drillTime) }},
	{"server crashed", func(s *soak) {
		s.forgets()
		s.net.RestartFresh(drillTime)
	}},
}

// drill makes an outage while nobody acts, and measures from its end until a call made during it has ended well, and
// until sound arrives again.
func (s *soak) drill(cycle int) {
	d := drills[(cycle-1)%len(drills)]
	var waiting sync.WaitGroup
	var mu sync.Mutex
	var back time.Time
	returned := make(chan struct{})
	for _, b := range s.bots {
		if b.life == nil || b.life.c.GetMeetInfo().ID == 0 {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		waiting.Go(func() {
			defer cancel()
			<-returned
			err := b.rename()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				s.recovered(d.name+": a call", time.Since(back))
			}
		})
		if heard := hearing(b.life.c); heard != "" {
			waiting.Go(func() {
				last, gap := time.Now(), time.Duration(0)
				for ctx.Err() == nil || time.Since(last) > 500*time.Millisecond && time.Since(last) < proofTime {
					now := lastHeard(b.life.c, heard)
					if now.After(last) {
						gap = max(gap, now.Sub(last))
						last = now
					}
					time.Sleep(20 * time.Millisecond)
				}
				s.recovered(d.name+": gap of sound", gap)
			})
		}
	}
	s.print("drill: %s for %v", d.name, drillTime)
	d.do(s)
	mu.Lock()
	back = time.Now()
	mu.Unlock()
	close(returned)
	waiting.Wait()
}

// hearing is somebody whose sound arrives.
func hearing(c *crvideo.Client) string {
	stats := c.GetStats().Receiving
	i := slices.IndexFunc(stats, func(in crvideo.StreamStats) bool {
		return in.Kind == crvideo.KindAudio && time.Since(in.LastPacket) < time.Second
	})
	if i < 0 {
		return ""
	}
	return stats[i].UID
}

// lastHeard is when the last sound of somebody arrived.
func lastHeard(c *crvideo.Client, uid string) (last time.Time) {
	for _, in := range c.GetStats().Receiving {
		if in.Kind == crvideo.KindAudio && in.UID == uid {
			last = in.LastPacket
		}
	}
	return last
}
