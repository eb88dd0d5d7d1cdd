package soak

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

// What may be there more than before: nothing of goroutines and sockets, and of memory what caches and pools keep.
const (
	emptyTime  = 20 * time.Second
	heapGrowth = 1.2
	heapSlack  = 6 << 20 // bytes
)

// usage is what the process holds.
type usage struct {
	Goroutines int     `json:"goroutines"`
	Files      int     `json:"files"` // sockets and other descriptors; 0 where that is not known
	HeapMB     float64 `json:"heapMB"`
}

func measure() usage {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := usage{Goroutines: runtime.NumGoroutine(), HeapMB: float64(m.HeapAlloc) / (1 << 20)}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		u.Files = len(list)
	}
	return u
}

// ebb closes every client and measures what is left. Only the server and the network are there then.
func (s *soak) ebb() {
	s.gate.Lock()
	defer s.gate.Unlock()
	var closing sync.WaitGroup
	for _, b := range s.bots {
		closing.Go(b.end)
	}
	closing.Go(s.twin.end)
	closing.Wait()
	first := usage{Goroutines: 1 << 30, Files: 1 << 30}
	if len(s.ebbs) > 0 {
		first = s.ebbs[0]
	}
	now := s.drained(first)
	if now.Goroutines > first.Goroutines || now.Files > first.Files {
		s.fail(nil, "without clients there are %d goroutines and %d files, %d and %d before\n%s",
			now.Goroutines, now.Files, first.Goroutines, first.Files, stacks())
	}
	s.ebbs = append(s.ebbs, now)
	if n := len(s.ebbs); n > 2 { // the first one has not been through everything yet
		if limit := s.ebbs[1].HeapMB*heapGrowth + heapSlack>>20; now.HeapMB > limit {
			s.fail(nil, "memory grows: %.1f MB of heap without clients, %.1f MB before", now.HeapMB, s.ebbs[1].HeapMB)
		}
	}
	s.print("ebb: %d goroutines, %d files, %.1f MB of heap without clients", now.Goroutines, now.Files, now.HeapMB)
}

// drained waits until no more is left than before, or does not become less.
func (s *soak) drained(before usage) usage {
	least, since := measure(), time.Now()
	for at := since; time.Since(since) < emptyTime; {
		now := measure()
		if now.Goroutines < least.Goroutines || now.Files < least.Files {
			at = time.Now()
		}
		least = usage{min(now.Goroutines, least.Goroutines), min(now.Files, least.Files), now.HeapMB}
		if time.Since(at) > 3*time.Second && least.Goroutines <= before.Goroutines && least.Files <= before.Files {
			break
		}
		time.Sleep(settleLook)
	}
	return least
}

// leftover holds that nothing is left when everything has been closed.
func (s *soak) leftover(before usage) {
	after := s.drained(before)
	s.final = after
	if after.Goroutines > before.Goroutines || after.Files > before.Files {
		s.fail(nil, "at the end %d goroutines and %d files are left, %d and %d were there before\n%s",
			after.Goroutines, after.Files, before.Goroutines, before.Files, stacks())
	}
}

// stacks are the goroutines that there are, those at the same place together.
func stacks() string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	blocks := strings.Split(b.String(), "\n\n")
	return fmt.Sprint(strings.Join(blocks[:min(len(blocks), 30)], "\n\n"))
}
