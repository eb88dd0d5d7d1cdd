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
	assert.False(t, a.Due(0.04, wide, now))
	assert.True(t, a.Due(0.05, wide, now))
	assert.True(t, a.Due(0, wide, now.Add(9*time.Second)), "what is sent twice is lost less, and the network is as it was")
	assert.False(t, a.Due(0, wide, now.Add(10*time.Second)))
}

func TestSoundIsNotSentTwiceOnAFullPath(t *testing.T) {
	var a Again
	now := time.Now()
	assert.False(t, a.Due(0.3, func() (time.Duration, int) { return 50 * time.Millisecond, 0 }, now), "packets wait")
	assert.False(t, a.Due(0.3, func() (time.Duration, int) { return 0, 200_000 }, now), "it carries little")
	assert.True(t, a.Due(0.3, func() (time.Duration, int) { return 0, 500_000 }, now))
}
