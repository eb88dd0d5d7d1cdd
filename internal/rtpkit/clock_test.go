package rtpkit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRemoteClock(t *testing.T) {
	base := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var c RemoteClock
	ms := func(n int) time.Time { return base.Add(time.Duration(n) * time.Millisecond) }
	near := func(want, got time.Time) { t.Helper(); assert.WithinDuration(t, want, got, time.Microsecond) }
	near(ms(50), c.Local(NTP(ms(0)), ms(50)))
	near(ms(140), c.Local(NTP(ms(100)), ms(140)))              // a quicker report: nearer to the truth
	near(ms(241), c.Local(NTP(ms(200)), ms(240+64)))           // a slower one: hardly believed
	near(ms(3*3600e3), c.Local(NTP(ms(300)), ms(3*3600e3)))    // the clock was set
	near(ms(-3600e3), c.Local(NTP(ms(2*3600e3)), ms(-3600e3))) // and set back
	c.Local(0, base)
	c.Local(^uint64(0), base)
}
