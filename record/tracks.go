package record

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/mux"
)

// silences are Opus packets (CELT, full band, mono) without sound, the longest first.
var silences = []silentPacket{
	{20 * time.Millisecond, []byte{0xf8, 0xff, 0xfe}},
	{10 * time.Millisecond, []byte{0xf0, 0xff, 0xfe}},
	{5 * time.Millisecond, []byte{0xe8, 0xff, 0xfe}},
	{2500 * time.Microsecond, []byte{0xe0, 0xff, 0xfe}},
}

type silentPacket struct {
	length time.Duration
	packet []byte
}

// shortSilence is the shortest of them, and leastGap what is filled at all: packets come a millisecond early or late.
const (
	shortSilence = 2500 * time.Microsecond
	leastGap     = 10 * time.Millisecond
)

// soundTrack puts packets of sound at their places in time. Each follows the clock of its sender: a packet that lasts
// 20 ms may be followed 19 or 21 ms later. Where one or more are missing there is silence.
type soundTrack struct {
	index   int // of the track in the file; -1: none
	started bool
	silent  bool          // the last packet was silence
	last    time.Duration // PTS of the last packet
	next    time.Duration // when it ends
	owed    time.Duration // silence that was too short to be made, or, below 0, made beyond the need
}

// add places a packet. It reports false for one that is too late.
func (t *soundTrack) add(pts, dur time.Duration, emit func(pts, dur time.Duration, silence []byte)) bool {
	if t.started && pts < t.next-dur/2 {
		if pts < t.next-2*dur {
			return false
		}
		pts = t.next - dur/2
	}
	t.fillUp(pts, emit)
	if pts = max(pts, 0); t.started {
		pts = max(pts, t.last+shortest) // the silence before may be short
	}
	t.started, t.silent, t.last, t.next = true, false, pts, pts+dur
	emit(pts, dur, nil)
	return true
}

// fill makes silence up to a time, in whole packets.
func (t *soundTrack) fill(until time.Duration, emit func(pts, dur time.Duration, silence []byte)) {
	for until-t.next >= silences[0].length {
		t.rest(silences[0], emit)
	}
}

// fillUp makes silence up to the packet that begins then, in shorter packets too. What is shorter than those is made with the
// next silence: so a player that puts packet after packet, whatever their times, stays together with the pictures.
func (t *soundTrack) fillUp(until time.Duration, emit func(pts, dur time.Duration, silence []byte)) {
	if !t.silent && until-t.next < leastGap {
		return
	}
	t.fill(until, emit)
	t.owed += until - t.next
	for _, s := range silences {
		for t.owed >= s.length || s.length == shortSilence && t.owed >= shortSilence/2 {
			t.rest(s, emit)
			t.owed -= s.length
		}
	}
}

func (t *soundTrack) rest(s silentPacket, emit func(pts, dur time.Duration, silence []byte)) {
	emit(t.next, s.length, s.packet)
	t.started, t.silent, t.last, t.next = true, true, t.next, t.next+s.length
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
