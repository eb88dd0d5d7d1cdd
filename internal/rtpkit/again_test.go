package rtpkit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSoundIsSentTwiceWhileMuchIsLost(t *testing.T) {
	var a Again
	now := time.Now()
	assert.False(t, a.Due(0.04, now))
	assert.True(t, a.Due(0.05, now))
	assert.True(t, a.Due(0, now.Add(9*time.Second)), "what is sent twice is lost less, and the network is as it was")
	assert.False(t, a.Due(0, now.Add(10*time.Second)))
}
