package soak

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go"
)

// Report is what a run found.
type Report struct {
	Bots       int                    `json:"bots"`
	Seed       uint64                 `json:"seed"`
	Seconds    float64                `json:"seconds"`
	Calls      int                    `json:"calls"`
	ByCall     map[string]int         `json:"byCall"`
	ByCode     map[int]int            `json:"byCode"` // how calls ended; 0 is well
	Joins      int                    `json:"joins"`
	Faults     int                    `json:"faults"`
	Counts     map[string]int         `json:"counts"`
	Samples    int64                  `json:"samples"` // encoded samples that bots read while they acted
	Times      map[string]Percentiles `json:"times"`
	Highest    usage                  `json:"highest"` // while it ran
	Ebbs       []usage                `json:"ebbs"`    // without clients, one after the other
	Final      usage                  `json:"final"`   // when everything was closed
	Found      int                    `json:"found"`   // violations
	Violations []string               `json:"violations"`
}

// Good tells whether everything held.
func (r *Report) Good() bool { return r.Found == 0 }

func (s *soak) report() *Report {
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	r := &Report{
		Bots: s.opts.Bots, Seed: s.opts.Seed, Seconds: time.Since(s.begin).Seconds(), Calls: s.nCalls, ByCall: s.figures.calls,
		ByCode: map[int]int{}, Joins: s.nJoins, Faults: s.nFaults, Counts: s.counts, Samples: s.samples.Load(),
		Times: map[string]Percentiles{}, Highest: s.highest, Ebbs: s.ebbs, Final: s.final,
	}
	for code, n := range s.codes {
		r.ByCode[int(code)] = n
	}
	for what, list := range s.times {
		r.Times[what] = percentiles(list)
	}
	r.Violations, r.Found = s.found.all()
	return r
}

// Print prints the report for people.
func (r *Report) Print(w io.Writer) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("\n%d bots for %.0f s, seed %d", r.Bots, r.Seconds, r.Seed)
	line("%d joins, %d faults, %d calls:", r.Joins, r.Faults, r.Calls)
	for _, code := range slices.Sorted(maps.Keys(r.ByCode)) {
		line("  %8d  %v", r.ByCode[code], crvideo.Code(code))
	}
	for _, what := range slices.Sorted(maps.Keys(r.Counts)) {
		line("  %8d  %s", r.Counts[what], what)
	}
	line("  %8d  samples read while acting", r.Samples)
	line("%-36s %8s %9s %9s %9s %9s", "ms", "count", "p50", "p95", "p99", "max")
	for _, what := range slices.Sorted(maps.Keys(r.Times)) {
		p := r.Times[what]
		line("%-36s %8d %9.1f %9.1f %9.1f %9.1f", what, p.Count, p.P50, p.P95, p.P99, p.Max)
	}
	line("at most %d goroutines and %.0f MB of heap; without clients:", r.Highest.Goroutines, r.Highest.HeapMB)
	for _, u := range append(slices.Clone(r.Ebbs), r.Final) {
		line("  %6d goroutines %6d files %8.1f MB of heap", u.Goroutines, u.Files, u.HeapMB)
	}
	for _, v := range r.Violations {
		line("VIOLATION %s", v)
	}
	if r.Good() {
		line("all invariants held")
	} else {
		line("%d violations", r.Found)
	}
}
