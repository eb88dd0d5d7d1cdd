package soak

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	maxViolations = 40 // a run with more is ended at the next calm: it will not get better
	kept          = 60 // lines of each bot's log
)

// violations are what did not hold.
type violations struct {
	mu   sync.Mutex
	list []string
	more int
}

func (v *violations) add(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.list) >= maxViolations {
		v.more++
		return
	}
	v.list = append(v.list, text)
}

func (v *violations) many() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.list) >= maxViolations
}

func (v *violations) all() ([]string, int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string{}, v.list...), len(v.list) + v.more
}

// fail takes note of something that did not hold, and prints it with what the bot did before.
func (s *soak) fail(l *diary, format string, args ...any) {
	text := fmt.Sprintf("%.1f s: ", time.Since(s.begin).Seconds())
	if l != nil {
		text += l.name + ": "
	}
	text += fmt.Sprintf(format, args...)
	s.found.add(text)
	s.print("VIOLATION %s", text)
	if l != nil && !s.opts.Verbose {
		for _, line := range l.lines() {
			s.print("    %s", line)
		}
	}
}

// diary is the last of what a bot did and saw.
type diary struct {
	s    *soak
	name string
	mu   sync.Mutex
	ring [kept]string
	n    int
}

func (d *diary) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.s.detail("%s: %s", d.name, text)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ring[d.n%kept] = fmt.Sprintf("%7.2f %s", time.Since(d.s.begin).Seconds(), text)
	d.n++
}

func (d *diary) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for i := max(0, d.n-kept); i < d.n; i++ {
		out = append(out, d.ring[i%kept])
	}
	return out
}

// Write takes the log of a client.
func (d *diary) Write(p []byte) (int, error) {
	d.add("log: %s", strings.TrimSpace(string(p)))
	return len(p), nil
}
