package rtpkit

import "time"

// Packets of sound, counted back from the one that is sent, that are sent once more with it while many are lost: the one
// before, which bridges single losses, and the third, which bridges most bursts; and the second where so many are lost that
// two copies and the first are still lost together too often. What is asked for again comes a round trip later, and is lost as
// often.
var (
	againSome = []uint16{1, 3}
	againMuch = []uint16{1, 2, 3}
)

const (
	againAbove = 0.05 // part of the packets that is lost
	muchAbove  = 0.2
	againStays = 10 * time.Second
	againNeeds = 300_000     // bit/s that the path must carry: less is full with what is sent once
	againWait  = queueAlways // a path without a known limit is full if packets wait longer; less may be a busy machine
)

// Again tells when packets of sound are sent twice unasked: while the receiver reports much loss. The zero value is ready.
type Again struct{ until, much time.Time }

// Back are the packets to be sent once more now, counted back from the newest, by the last report and by what is known of the
// path: how long packets wait on it, and how many bit/s it carries if that is a limit. A path that loses packets because it
// is full must not be given more.
func (a *Again) Back(loss float64, path func() (wait time.Duration, bps int), now time.Time) []uint16 {
	if loss >= againAbove {
		a.until = now.Add(againStays)
	}
	if loss >= muchAbove {
		a.much = now.Add(againStays)
	}
	if !now.Before(a.until) {
		return nil
	}
	wait, bps := path()
	switch {
	case wait > againWait || bps != 0 && (wait != 0 || bps < againNeeds):
		return nil
	case now.Before(a.much):
		return againMuch
	}
	return againSome
}
