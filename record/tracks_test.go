package record

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Pauses of any length, in sound whose packets come early and late, are as long in the file as they were: also for a player that
// looks at no times and puts packet after packet.
func TestPausesAreAsLongAsTheyWere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var track soundTrack
	var played, last time.Duration
	emit := func(pts, dur time.Duration, silence []byte) {
		if last > 0 {
			require.Greater(t, pts, last)
		}
		last = pts
		if silence == nil && pts > 0 {
			require.InDelta(t, pts, played, float64(25*time.Millisecond), "at %v", pts)
		}
		played += dur
	}
	at := time.Duration(0)
	for range 500 {
		for range 1 + r.IntN(20) {
			early := time.Duration(r.IntN(2000)-1000) * time.Microsecond
			require.True(t, track.add(max(at+early, 0), 20*time.Millisecond, emit))
			at += 20 * time.Millisecond
		}
		at += time.Duration(20_000+r.IntN(900_000)) * time.Microsecond
		if r.IntN(2) == 0 {
			track.fill(at-100*time.Millisecond, emit) // as the clock does
		}
	}
	assert.InDelta(t, track.next, played, float64(25*time.Millisecond), "after %v", track.next)
	assert.Greater(t, track.next, 4*time.Minute)
}
