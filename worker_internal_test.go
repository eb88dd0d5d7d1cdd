package crvideo

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// However it is poked, a worker's calls never overlap, each poke is followed by a call that began after it, and its end
// is told once, after the last call.
func TestWorker(t *testing.T) {
	t.Parallel()
	for range 200 {
		var w worker
		var inside, calls, ends atomic.Int64
		var seen, asked atomic.Int64
		var last atomic.Bool
		over := make(chan struct{})
		w.poke() // before start: nobody is called
		w.start(func() {
			assert.EqualValues(t, 1, inside.Add(1))
			seen.Store(asked.Load())
			calls.Add(1)
			if last.Load() {
				w.end()
			}
			inside.Add(-1)
		}, func() {
			assert.Zero(t, inside.Load())
			if ends.Add(1) == 1 {
				close(over)
			}
		})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					asked.Add(1)
					w.poke()
				}
			})
		}
		wg.Wait()
		last.Store(true)
		w.poke()
		<-over
		w.end()
		w.poke()
		assert.Equal(t, asked.Load(), seen.Load())
		assert.Positive(t, calls.Load())
		assert.EqualValues(t, 1, ends.Load())
	}
}
