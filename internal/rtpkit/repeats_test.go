package rtpkit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRepeatsAreNotSentTwiceIntoOneQueue(t *testing.T) {
	var r Repeats
	now := time.Now()
	require.True(t, r.May(7, 1000, 300*time.Millisecond, 0, now))
	require.False(t, r.May(7, 1000, 300*time.Millisecond, 0, now.Add(200*time.Millisecond)))
	require.True(t, r.May(8, 1000, 300*time.Millisecond, 0, now.Add(200*time.Millisecond)))
	require.True(t, r.May(7, 1000, 300*time.Millisecond, 0, now.Add(300*time.Millisecond)))
	require.True(t, r.May(7, 1000, 0, 0, now.Add(301*time.Millisecond)), "an empty path")
}

func TestRepeatsTakeAPartOfALimitedPath(t *testing.T) {
	var r Repeats
	now := time.Now()
	sent := 0
	for i := range 10_000 { // ten seconds
		now = now.Add(time.Millisecond)
		if r.May(uint16(i), 1000, 0, 240_000, now) {
			sent += 1000
		}
	}
	require.InDelta(t, 100_000, sent, 6_000)
}
