package rtc

import "time"

const (
	timelineStep = 50 * time.Millisecond // a difference above is not noise: the stream's clock is another one now
	timelineGain = 8                     // reports over which noise is levelled out
)

// timeline tells when by our clock the media of a slot was captured. Sender reports tell it; until the first one comes,
// arrivals do, of which the quickest is nearest to the truth.
type timeline struct {
	rate    int64
	started bool
	reports int // since restart
	ts      uint32
	at      time.Time // what ts stands for
}

// arrived takes note of a packet.
func (l *timeline) arrived(ts uint32, now time.Time) {
	if l.reports > 0 {
		return
	}
	if !l.started || now.Before(l.time(ts)) {
		l.started, l.ts, l.at = true, ts, now
	}
}

// report takes note that ts was the timestamp of media captured at that time.
func (l *timeline) report(ts uint32, at time.Time) {
	l.reports++
	if l.started && l.reports > 1 {
		expected := l.time(ts)
		if diff := at.Sub(expected); diff.Abs() < timelineStep {
			at = expected.Add(diff / time.Duration(min(l.reports, timelineGain)))
		}
	}
	l.started, l.ts, l.at = true, ts, at
}

// restart tells that another stream begins: it goes on with its timestamps about where the last one ended.
func (l *timeline) restart() { l.started, l.reports = false, 0 }

// time is when the media with that timestamp was captured; zero if nothing is known.
func (l *timeline) time(ts uint32) time.Time {
	if !l.started {
		return time.Time{}
	}
	units := int64(int32(ts - l.ts))
	return l.at.Add(time.Duration(units/l.rate)*time.Second + time.Duration(units%l.rate)*time.Second/time.Duration(l.rate))
}
