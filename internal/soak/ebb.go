package soak

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

// What may be there more than before clients came: nothing of goroutines and sockets. Of memory, what pools and caches
// keep, and for a while what the server remembers of sessions that may come back.
const (
	emptyTime  = 3 * serverTimeout
	heapSlack  = 8.0  // MB
	heapPerBot = 0.05 // MB
)

// usage is what the process holds.
type usage struct {
	Goroutines int     `json:"goroutines"`
	Files      int     `json:"files"` // sockets and other descriptors; 0 where that is not known
	HeapMB     float64 `json:"heapMB"`
}

// measure tells what is held, except for the ports of the network, which come when they are needed and stay.
func measure() usage {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := usage{Goroutines: runtime.NumGoroutine(), HeapMB: float64(m.HeapAlloc) / (1 << 20)}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		u.Files = len(list)
	}
	for _, g := range goroutines() {
		if strings.Contains(g.stack, "crvideotest.(*mediaPort).run") || strings.Contains(g.stack, "crvideotest.(*gateway).accept") {
			u.Goroutines -= g.count
			u.Files = max(0, u.Files-g.count)
		}
	}
	return u
}

// group is goroutines at the same place.
type group struct {
	count int
	stack string
}

// goroutines are those that there are.
func goroutines() (all []group) {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	for block := range strings.SplitSeq(b.String(), "\n\n") {
		var g group
		if _, err := fmt.Sscanf(block[strings.LastIndex(block[:max(0, strings.Index(block, "@"))], "\n")+1:], "%d @", &g.count); err == nil {
			g.stack = block
			all = append(all, g)
		}
	}
	return all
}

// ebb closes every client and measures what is left: the server, and the network.
func (s *soak) ebb() {
	s.gate.Lock()
	defer s.gate.Unlock()
	var closing sync.WaitGroup
	for _, b := range s.bots {
		closing.Go(b.end)
	}
	closing.Go(s.twin.end)
	closing.Wait()
	s.destroyRooms()
	s.net.ForgetPaths()
	now := s.drained("without clients", s.idle)
	s.ebbs = append(s.ebbs, now)
	s.print("ebb: %d goroutines, %d files, %.1f MB of heap without clients", now.Goroutines, now.Files, now.HeapMB)
}

// destroyRooms ends the rooms, which would live on without anybody in them.
func (s *soak) destroyRooms() {
	b := newBot(s, 0, medium{sound: &recording{}})
	b.begin()
	_ = b.login()
	for _, place := range s.board.slots {
		for _, id := range place.made {
			s.ended.Store(id, true)
			_ = b.call("DestroyMeeting", func(ctx context.Context) error { return b.life.c.DestroyMeeting(ctx, id) })
		}
		place.id, place.made = 0, nil
	}
	b.end()
}

// drained waits until no more is left than before.
func (s *soak) drained(when string, before usage) (now usage) {
	limit := before.HeapMB + heapSlack + heapPerBot*float64(s.opts.Bots)
	for since := time.Now(); time.Since(since) < emptyTime; time.Sleep(settleLook) {
		if now = measure(); now.Goroutines <= before.Goroutines && now.Files <= before.Files && now.HeapMB <= limit {
			return now
		}
	}
	s.fail(nil, "%s %d goroutines, %d files and %.1f MB of heap are left, %d, %d and %.1f were there before\n%s",
		when, now.Goroutines, now.Files, now.HeapMB, before.Goroutines, before.Files, before.HeapMB, stacks())
	return now
}

// stacks are the goroutines that there are, as text.
func stacks() string {
	var b strings.Builder
	for _, g := range goroutines()[:min(len(goroutines()), 30)] {
		b.WriteString(g.stack + "\n\n")
	}
	return b.String()
}
