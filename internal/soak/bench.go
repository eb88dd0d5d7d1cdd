package soak

import (
	"fmt"
	"strings"
	"sync"
)

// bench is what crvideotest takes for a test.
type bench struct {
	s        *soak
	mu       sync.Mutex
	cleanups []func()
}

type fatal string // ends the run

func (b *bench) Helper()                           {}
func (b *bench) Logf(format string, args ...any)   { b.s.detail(format, args...) }
func (b *bench) Errorf(format string, args ...any) { b.s.fail(nil, format, args...) }
func (b *bench) Fatalf(format string, args ...any) { panic(fatal(fmt.Sprintf(format, args...))) }

func (b *bench) Cleanup(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cleanups = append(b.cleanups, fn)
}

// end ends what was started, last one first.
func (b *bench) end() {
	for {
		b.mu.Lock()
		n := len(b.cleanups)
		if n == 0 {
			b.mu.Unlock()
			return
		}
		fn := b.cleanups[n-1]
		b.cleanups = b.cleanups[:n-1]
		b.mu.Unlock()
		fn()
	}
}

// serverLog is where the server's warnings go.
type serverLog struct{ s *soak }

func (w serverLog) Write(p []byte) (int, error) {
	w.s.detail("server: %s", strings.TrimSpace(string(p)))
	return len(p), nil
}
