package rtpkit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSoundIsSentTwiceWhileMuchIsLost(t *testing.T) {
	var a Again
	now := time.Now()
	wide := func() (time.Duration, int) { return 0, 0 }
	assert.Empty(t, a.Back(0.04, wide, now))
	assert.Equal(t, []uint16{1, 3}, a.Back(0.05, wide, now))
	assert.Equal(t, []uint16{1, 3}, a.Back(0, wide, now.Add(9*time.Second)), "what is sent twice is lost less, and the network is as it was")
	assert.Empty(t, a.Back(0, wide, now.Add(10*time.Second)))
	assert.Equal(t, []uint16{1, 2, 3}, a.Back(0.2, wide, now))
}

func TestSoundIsNotSentTwiceOnAFullPath(t *testing.T) {
	var a Again
	now := time.Now()
	assert.Empty(t, a.Back(0.3, func() (time.Duration, int) { return 150 * time.Millisecond, 0 }, now), "packets wait")
	assert.NotEmpty(t, a.Back(0.3, func() (time.Duration, int) { return 50 * time.Millisecond, 0 }, now), "a machine that was busy")
	assert.Empty(t, a.Back(0.3, func() (time.Duration, int) { return 50 * time.Millisecond, 500_000 }, now), "they wait, and it is limited")
	assert.Empty(t, a.Back(0.3, func() (time.Duration, int) { return 0, 200_000 }, now), "it carries little")
	assert.NotEmpty(t, a.Back(0.3, func() (time.Duration, int) { return 0, 500_000 }, now))
}
