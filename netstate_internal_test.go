package crvideo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

func TestScore(t *testing.T) {
	for _, s := range []struct {
		delay   time.Duration
		loss    float64
		limited bool
		want    float64
	}{
		{0, 0, false, 10},
		{60 * time.Millisecond, 0.01, false, 9.6},
		{300 * time.Millisecond, 0, false, 8},
		{0, 0.1, false, 6},
		{0, 0.3, false, 3},
		{0, 0, true, 8},
		{5 * time.Second, 1, true, 0},
	} {
		assert.InDelta(t, s.want, score(s.delay, s.loss, s.limited), 0.01, "%+v", s)
	}
}

func TestLossSince(t *testing.T) {
	assert.InDelta(t, 0.25, lossSince(rtpkit.Counted{Sent: 100, Arrived: 100}, rtpkit.Counted{Sent: 200, Arrived: 175}, 0), 1e-9)
	assert.InDelta(t, 0.5, lossSince(rtpkit.Counted{}, rtpkit.Counted{Sent: 3, Arrived: 1}, 0.5), 1e-9, "too few to say anything")
	assert.Zero(t, lossSince(rtpkit.Counted{Sent: 3}, rtpkit.Counted{Sent: 3}, 0.5), "nothing is sent any more")
}
