package rtpkit

import "time"

// RemoteClock converts the other end's clock, as its sender reports tell it, to our own. All streams of one peer are
// converted alike, so they stay synchronised. It is not safe for concurrent use.
type RemoteClock struct {
	known  bool
	offset time.Duration
}

// clockStep is a change of the offset that cannot come from the network.
const clockStep = time.Second

// Local tells when by our clock a sender report was made that arrived now.
func (c *RemoteClock) Local(ntp uint64, now time.Time) time.Time {
	remote := FromNTP(ntp)
	offset := now.Sub(remote)
	switch change := offset - c.offset; {
	case !c.known, change > clockStep, change < 0: // the quickest report is nearest to the truth
		c.known, c.offset = true, offset
	default:
		c.offset += change / 64 // follow a clock that drifts
	}
	return remote.Add(c.offset)
}

// FromNTP is the reverse of NTP.
func FromNTP(ntp uint64) time.Time {
	const since1900 = 2208988800
	return time.Unix(int64(ntp>>32)-since1900, int64((ntp&0xffffffff)*1e9>>32))
}
