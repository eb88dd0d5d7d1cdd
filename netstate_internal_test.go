package crvideo

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

func TestScore(t *testing.T) {
	for loss, want := range map[float64]float64{
		0: 10, 0.029: 10, 0.03: 9, 0.079: 9, 0.08: 8, 0.15: 7, 0.2: 6, 0.25: 5, 0.3: 4, 0.35: 3, 0.4: 2, 0.45: 1, 0.499: 1, 0.5: 0, 1: 0,
	} {
		assert.InDelta(t, want, score(loss), 0, "%v lost", loss)
	}
}

func TestLossSince(t *testing.T) {
	assert.InDelta(t, 0.25, lossSince(rtpkit.Counted{Sent: 100, Arrived: 100}, rtpkit.Counted{Sent: 200, Arrived: 175}, 0), 1e-9)
	assert.InDelta(t, 0.5, lossSince(rtpkit.Counted{}, rtpkit.Counted{Sent: 3, Arrived: 1}, 0.5), 1e-9, "too few to say anything")
	assert.Zero(t, lossSince(rtpkit.Counted{Sent: 3}, rtpkit.Counted{Sent: 3}, 0.5), "nothing is sent any more")
}
