package dispatch

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const patience = 10 * time.Second

func waitDone(t *testing.T, q *Queue) {
	t.Helper()
	wait(t, q.Done(), "the queue did not end")
}

func wait(t *testing.T, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		require.FailNow(t, what)
	}
}

// blocked gives a queue whose goroutine is held inside a function until release is called.
func blocked(t *testing.T, limit int, onOverflow func()) (q *Queue, release func()) {
	t.Helper()
	q = New(limit, onOverflow)
	entered, hold := make(chan struct{}), make(chan struct{})
	require.True(t, q.Post(func() { close(entered); <-hold }))
	wait(t, entered, "the first function did not run")
	release = sync.OnceFunc(func() { close(hold) })
	t.Cleanup(func() { release(); q.Close(); waitDone(t, q) })
	return q, release
}

func TestOrderIsThatOfPosting(t *testing.T) {
	const n = 10 * keep
	q := New(n, nil)
	var got []int
	for i := range n {
		require.True(t, q.Post(func() { got = append(got, i) }))
	}
	q.Close()
	waitDone(t, q)
	require.Len(t, got, n)
	for i := range n {
		require.Equal(t, i, got[i])
	}
}

func TestEachPosterKeepsItsOrder(t *testing.T) {
	const posters, each = 8, 500
	q := New(posters*each, nil)
	last := make([]int, posters)
	ordered := true
	var group sync.WaitGroup
	for p := range posters {
		group.Go(func() {
			for i := 1; i <= each; i++ {
				q.Post(func() { ordered = ordered && last[p] == i-1; last[p] = i })
			}
		})
	}
	group.Wait()
	q.Close()
	waitDone(t, q)
	assert.True(t, ordered)
	for p := range posters {
		assert.Equal(t, each, last[p])
	}
}

func TestNeverTwoAtATime(t *testing.T) {
	q := New(1000, nil)
	var running, most atomic.Int32
	for range 200 {
		q.Post(func() {
			most.Store(max(most.Load(), running.Add(1)))
			runtime.Gosched()
			running.Add(-1)
		})
	}
	q.Close()
	waitDone(t, q)
	assert.EqualValues(t, 1, most.Load())
}

func TestQueuedBeforeCloseStillRuns(t *testing.T) {
	q, release := blocked(t, 10, nil)
	ran := 0
	for range 5 {
		require.True(t, q.Post(func() { ran++ }))
	}
	q.Close()
	assert.False(t, q.Post(func() { ran += 100 }), "a closed queue takes nothing")
	assert.False(t, q.Force(func() { ran += 100 }), "not even by force")
	release()
	waitDone(t, q)
	assert.Equal(t, 5, ran)
}

func TestCloseFromInsideAFunction(t *testing.T) {
	q := New(10, nil)
	ran := false
	q.Post(func() { q.Post(func() { ran = true }); q.Close(); q.Close() })
	waitDone(t, q)
	assert.True(t, ran)
}

func TestPostFromInsideAFunction(t *testing.T) {
	q := New(1, nil)
	n := 0
	var again func()
	again = func() {
		if n++; n < 5000 {
			assert.True(t, q.Post(again))
			return
		}
		q.Close()
	}
	q.Post(again)
	waitDone(t, q)
	assert.Equal(t, 5000, n)
}

func TestOverflowIsToldOncePerEpisode(t *testing.T) {
	var told atomic.Int32
	var q *Queue
	var mu sync.Mutex // taken by the callback: shows that it is not called under the queue's lock
	q, release := blocked(t, 3, func() { mu.Lock(); told.Add(1); _ = q.Len(); mu.Unlock() })
	for range 3 {
		require.True(t, q.Post(func() {}))
	}
	for range 4 {
		require.False(t, q.Post(func() {}))
	}
	assert.EqualValues(t, 1, told.Load())
	forced := make(chan struct{})
	require.True(t, q.Force(func() { close(forced) }), "the news of the overflow gets in")
	release()
	wait(t, forced, "the forced function did not run")

	require.Eventually(t, func() bool { // empty again: the next overflow is news
		entered, hold := make(chan struct{}), make(chan struct{})
		defer close(hold)
		if !q.Post(func() { close(entered); <-hold }) {
			return false
		}
		<-entered
		for q.Post(func() {}) {
		}
		return told.Load() == 2
	}, patience, time.Millisecond)
}

func TestOverflowWithoutListener(t *testing.T) {
	q, _ := blocked(t, 1, nil)
	require.True(t, q.Post(func() {}))
	assert.False(t, q.Post(func() {}))
}

func TestNeverEmptyQueueDoesNotGrow(t *testing.T) {
	q := New(100, nil)
	n := 0
	most := 0
	var step func()
	step = func() {
		q.mu.Lock()
		most = max(most, cap(q.items))
		q.mu.Unlock()
		if n++; n < 50*keep {
			q.Post(step)
		} else {
			q.Close()
		}
	}
	for range 3 {
		q.Post(step)
	}
	waitDone(t, q)
	assert.LessOrEqual(t, most, 4*keep)
}

func TestGoexitInAFunctionEndsOnlyThatFunction(t *testing.T) {
	q := New(10, nil)
	ran := false
	q.Post(runtime.Goexit)
	q.Post(func() { ran = true })
	q.Close()
	waitDone(t, q)
	assert.True(t, ran)
}

func BenchmarkPost(b *testing.B) {
	q := New(1<<30, nil)
	b.ReportAllocs()
	fn := func() {}
	for b.Loop() {
		q.Post(fn)
	}
	q.Close()
	<-q.Done()
}
