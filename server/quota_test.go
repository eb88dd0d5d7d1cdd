package server

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuotasAreForgotten(t *testing.T) {
	limits := Limits{}.withDefaults()
	q := newQuotas[string](limits.addressQuota)
	one := q.hold("192.0.2.1", 1)
	require.NotNil(t, one)
	require.Nil(t, q.hold("192.0.2.1", 1), "one connection is the limit")
	q.release("192.0.2.1")
	assert.Empty(t, q.entries)

	for i := range minSweep {
		q.hold(strconv.Itoa(i), math.MaxInt).failures.Allow()
		q.release(strconv.Itoa(i))
	}
	assert.Len(t, q.entries, minSweep, "they failed just now")
	q.sweep(time.Now().Add(time.Hour))
	assert.Empty(t, q.entries)
}

// TestQuotasAreSwept: the harmless ones are forgotten when there are many, those in use never.
func TestQuotasAreSwept(t *testing.T) {
	limits := Limits{}.withDefaults()
	q := newQuotas[int](limits.userQuota)
	held := q.hold(-1, math.MaxInt)
	for i := range minSweep - 1 {
		q.hold(i, math.MaxInt).holders = 0 // as if it had been used, and is fresh again by now
	}
	require.Len(t, q.entries, minSweep)
	q.hold(minSweep, math.MaxInt)
	assert.Len(t, q.entries, 2)
	assert.Same(t, held, q.hold(-1, math.MaxInt))
}
