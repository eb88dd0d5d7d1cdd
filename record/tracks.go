package record

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/mux"
)

// silence is an Opus packet of 20 ms (CELT, full band, mono) without sound.
var silence = []byte{0xf8, 0xff, 0xfe}

const silenceLength = 20 * time.Millisecond

// soundTrack puts packets of sound at their places in time. Each follows the clock of its sender: a packet that lasts
// 20 ms may be followed 19 or 21 ms later. Where one or more are missing there is silence.
type soundTrack struct {
	index   int // of the track in the file; -1: none
	started bool
	last    time.Duration // PTS of the last packet
	next    time.Duration // when it ends
}

// add places a packet. It reports false for one that is too late.
func (t *soundTrack) add(pts, dur time.Duration, emit func(pts, dur time.Duration, silent bool)) bool {
	if t.started && pts < t.last+dur/2 {
		if pts < t.last-dur {
			return false
		}
		pts = t.last + dur/2
	}
	t.fill(pts, emit)
	pts = max(pts, 0)
	t.started, t.last, t.next = true, pts, pts+dur
	emit(pts, dur, false)
	return true
}

// fill makes silence up to a time, in whole packets.
func (t *soundTrack) fill(until time.Duration, emit func(pts, dur time.Duration, silent bool)) {
	for until-t.next >= silenceLength {
		emit(t.next, silenceLength, true)
		t.started, t.last, t.next = true, t.next, t.next+silenceLength
	}
}

// pictureTrack puts pictures at their places in time. Each lasts until the next one, so it is held back until that comes.
type pictureTrack struct {
	index int // of the track in the file; -1: none
	codec string
	turn  int // as players turn it
	held  *mux.Sample
	end   time.Duration // of what was written
}

const (
	// freezeAfter is how long a picture is held back. Then it is written with what it lasted so far; a player shows it on.
	freezeAfter = 2 * time.Second
	shortest    = time.Millisecond // a picture lasts
)

// add takes the next picture and returns the one before it, nil if there is none.
func (t *pictureTrack) add(s mux.Sample) *mux.Sample {
	s.PTS = max(s.PTS, t.end)
	if t.held != nil {
		s.PTS = max(s.PTS, t.held.PTS+shortest)
	}
	done := t.release(s.PTS)
	t.held = &s
	return done
}

// release gives the picture that is held, which lasts until end; nil if there is none.
func (t *pictureTrack) release(end time.Duration) *mux.Sample {
	s := t.held
	if s == nil {
		return nil
	}
	t.held = nil
	t.end = max(end, s.PTS+shortest)
	s.Duration = t.end - s.PTS
	return s
}

// freeze gives a picture that is held for too long.
func (t *pictureTrack) freeze(now time.Duration) *mux.Sample {
	if t.held == nil || now-t.held.PTS < freezeAfter {
		return nil
	}
	return t.release(now)
}
