package rtc

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func drain(t *testing.T, q *queue[int]) (out []int) {
	t.Helper()
	q.end()
	for {
		v, err := q.read(t.Context())
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			return out
		}
		out = append(out, v)
	}
}

func TestQueueDropsTheOldestSound(t *testing.T) {
	q := newQueue[int](3, false)
	for i := range 10 {
		assert.False(t, q.push(i, false))
	}
	assert.Equal(t, []int{7, 8, 9}, drain(t, q))
	assert.EqualValues(t, 7, q.drops())
	assert.False(t, q.push(10, true), "after the end")
}

func TestQueueOfPicturesGoesOnAtAKeyFrame(t *testing.T) {
	q := newQueue[int](4, true)
	assert.True(t, q.push(0, false), "nothing before the first key frame")
	assert.False(t, q.push(1, true))
	for _, v := range []int{2, 3, 4} {
		assert.False(t, q.push(v, false))
	}
	assert.True(t, q.push(5, false), "full, and no key frame in it")
	assert.True(t, q.push(6, false))
	assert.False(t, q.push(7, true))
	assert.EqualValues(t, 7, q.drops())
	assert.False(t, q.push(8, false))
	assert.False(t, q.push(9, true))
	assert.False(t, q.push(10, false))
	assert.False(t, q.push(11, false), "full, goes on at the key frame that waits")
	assert.Equal(t, []int{9, 10, 11}, drain(t, q))
}

func TestQueueFullTakesAKeyFrame(t *testing.T) {
	q := newQueue[int](2, true)
	q.push(1, true)
	q.push(2, false)
	assert.False(t, q.push(3, true))
	assert.Equal(t, []int{3}, drain(t, q))
}

func TestQueueManyReadersAndClose(t *testing.T) {
	q := newQueue[int](10, false)
	got, failed := make(chan int), make(chan error)
	for range 3 {
		go func() {
			for {
				v, err := q.read(context.Background())
				if err != nil {
					failed <- err
					return
				}
				got <- v
			}
		}()
	}
	sum := 0
	for i := range 10 {
		q.push(i, false)
	}
	for range 10 {
		sum += <-got
	}
	assert.Equal(t, 45, sum)
	q.close()
	for range 3 {
		require.ErrorIs(t, <-failed, io.ErrClosedPipe)
	}
}
