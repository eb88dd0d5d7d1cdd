package rtc

import (
	"slices"
	"time"

	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// Listener takes packets of sound at once as they come, in whatever order, for who decides by itself how long to wait for
// a missing one. Push must be quick, must not call into this package, and may keep the data.
type Listener interface {
	Push(ssrc uint32, seq uint16, timestamp uint32, length time.Duration, data []byte, now time.Time)
}

// Listen gives all further packets to l, until stop is called. When that returns nothing is pushed any more.
func (in *Inlet) Listen(l Listener) (stop func()) {
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	if !in.ended {
		in.listeners = append(in.listeners, l)
	}
	return func() {
		in.r.mu.Lock()
		defer in.r.mu.Unlock()
		in.listeners = slices.DeleteFunc(in.listeners, func(o Listener) bool { return o == l })
	}
}

// arrived takes a packet of sound before it is put in order.
func (in *Inlet) arrived(pkt *rtp.Packet, now time.Time) {
	if id := in.r.lvlExt; id != 0 && pkt.Extension {
		if e := pkt.GetExtension(id); len(e) == 1 {
			in.loud.Add(audio.PowerOf(rtpkit.LevelOf(e[0])))
		}
	}
	for _, l := range in.listeners {
		l.Push(pkt.SSRC, pkt.SequenceNumber, pkt.Timestamp, opusDuration(pkt.Payload), pkt.Payload, now)
	}
}

// Loudness is the mean power of the sound since it was asked for last, as the sender says it, full scale as 1; false if
// nothing was said since.
func (in *Inlet) Loudness() (power float64, ok bool) { return in.loud.Take() }
