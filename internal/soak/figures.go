package soak

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go"
)

// figures are what is counted and measured.
type figures struct {
	samples atomic.Int64 // read by bots

	mu      sync.Mutex
	calls   map[string]int
	codes   map[crvideo.Code]int
	counts  map[string]int
	times   map[string][]time.Duration
	ebbs    []usage // without clients, one after the other; of the goroutine that runs the cycles
	final   usage   // at the end
	highest usage
	nCalls  int
	nJoins  int
	nFaults int
}

func (f *figures) init() {
	f.calls, f.codes, f.counts, f.times = map[string]int{}, map[crvideo.Code]int{}, map[string]int{}, map[string][]time.Duration{}
}

func (f *figures) called(name string, code crvideo.Code) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nCalls++
	f.calls[name]++
	f.codes[code]++
}

func (f *figures) count(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[what]++
	if strings.HasPrefix(what, "fault: ") {
		f.nFaults++
	}
}

func (f *figures) measured(what string, d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times[what] = append(f.times[what], d)
}

func (f *figures) joined(d time.Duration) {
	f.measured("join to media", d)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nJoins++
}

func (f *figures) settled(d time.Duration)                { f.measured("calm to agreement", d) }
func (f *figures) recovered(what string, d time.Duration) { f.measured("after "+what, d) }
func (f *figures) proven(what string)                     { f.count("proof: " + what) }

// Percentiles are of one thing that was measured, in milliseconds.
type Percentiles struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50ms"`
	P95   float64 `json:"p95ms"`
	P99   float64 `json:"p99ms"`
	Max   float64 `json:"maxms"`
}

func percentiles(list []time.Duration) Percentiles {
	sorted := slices.Sorted(slices.Values(list))
	at := func(share float64) float64 {
		if len(sorted) == 0 {
			return 0
		}
		return float64(sorted[int(share*float64(len(sorted)-1))]) / float64(time.Millisecond)
	}
	return Percentiles{len(sorted), at(.5), at(.95), at(.99), at(1)}
}

// progress is one line of how it goes.
func (s *soak) progress() string {
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	now := usage{Goroutines: runtime.NumGoroutine(), HeapMB: float64(m.HeapAlloc) / (1 << 20)}
	s.highest = usage{max(now.Goroutines, s.highest.Goroutines), 0, max(now.HeapMB, s.highest.HeapMB)}
	_, found := s.found.all()
	return fmt.Sprintf("%d calls, %d joins (median %.0f ms), %d faults, server forgot %d times, %d goroutines, %.0f MB, %d violations",
		s.nCalls, s.nJoins, percentiles(s.times["join to media"]).P50, s.nFaults, s.fresh.Load(), now.Goroutines, now.HeapMB, found)
}
