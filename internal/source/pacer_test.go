package source

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPacerDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pacer
		start := time.Now()
		for n := range int64(30 * 3600) { // an hour of pictures, each handled with another delay
			require.NoError(t, p.wait(t.Context(), nil, frameDuration(n, 30)))
			time.Sleep(time.Duration(n%7) * time.Millisecond)
		}
		require.NoError(t, p.wait(t.Context(), nil, 0))
		assert.Equal(t, time.Hour, time.Since(start))
	})
}

func TestPacerDoesNotBurstAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pacer
		const interval = 20 * time.Millisecond
		require.NoError(t, p.wait(t.Context(), nil, interval))
		time.Sleep(10 * time.Second)
		resumed, atOnce := time.Now(), 0
		for range 100 {
			require.NoError(t, p.wait(t.Context(), nil, interval))
			if time.Since(resumed) == 0 {
				atOnce++
			}
		}
		assert.Equal(t, 1, atOnce)
		assert.Equal(t, 99*interval, time.Since(resumed))
	})
}

func TestPacerCatchesUpAfterAHiccup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pacer
		const interval = 20 * time.Millisecond
		start := time.Now()
		require.NoError(t, p.wait(t.Context(), nil, interval))
		time.Sleep(90 * time.Millisecond)
		for range 9 {
			require.NoError(t, p.wait(t.Context(), nil, interval))
		}
		require.NoError(t, p.wait(t.Context(), nil, interval))
		assert.Equal(t, 10*interval, time.Since(start))
	})
}

func TestPacerEndsWithItsContextAndWithClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pacer
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, p.wait(ctx, nil, time.Hour))
		time.AfterFunc(time.Second, cancel)
		require.ErrorIs(t, p.wait(ctx, nil, time.Hour), context.Canceled)
		done := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(done) })
		require.ErrorIs(t, p.wait(t.Context(), done, time.Hour), ErrClosed)
		require.ErrorIs(t, p.wait(t.Context(), done, time.Hour), ErrClosed)
		require.ErrorIs(t, p.wait(ctx, nil, time.Hour), context.Canceled)
	})
}
