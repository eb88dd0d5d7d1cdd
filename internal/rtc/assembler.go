package rtc

import (
	"time"

	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const maxFrame = 8 << 20 // bytes; a longer frame is broken

// assembler makes samples from the packets of one stream, in order. A frame of which anything is missing is never
// passed on: it starts again at the next key frame, and the inlet asks for one.
type assembler struct {
	in    *Inlet
	dep   depacketizer // nil for sound
	clock clock

	frame   []byte
	ts      uint32
	open    bool // a frame has begun
	key     bool // which is a key frame
	needKey bool
	missing int // packets of sound that were lost since the last sample
	hint    int // size of the last frame
}

func newAssembler(in *Inlet) *assembler {
	a := &assembler{in: in, clock: clock{rate: rtpkit.OpusClockRate}}
	if in.video {
		a.dep, a.needKey, a.clock.rate = newDepacketizer(in.codec), true, rtpkit.VideoClockRate
	}
	return a
}

func (a *assembler) push(pkt *rtp.Packet, key bool, now time.Time) {
	if !a.in.video {
		a.emit(Sample{Data: pkt.Payload, Duration: opusDuration(pkt.Payload), Timestamp: pkt.Timestamp, Received: now, Missing: a.missing})
		a.missing = 0
		return
	}
	if a.open && pkt.Timestamp != a.ts {
		a.finish(now) // its last packet had no marker
	}
	if !a.open {
		if a.needKey && !key {
			a.in.wantKey()
			return
		}
		a.open, a.key, a.ts = true, false, pkt.Timestamp
		a.frame = make([]byte, 0, max(a.hint+a.hint/8, len(pkt.Payload)+64))
		a.dep.reset()
	}
	a.key = a.key || key
	var err error
	if a.frame, err = a.dep.append(a.frame, pkt.Payload); err != nil || len(a.frame) > maxFrame {
		a.broken()
		return
	}
	if pkt.Marker {
		a.finish(now)
	}
}

func (a *assembler) finish(now time.Time) {
	if !a.dep.complete() {
		a.broken()
		return
	}
	a.open, a.needKey, a.hint = false, false, len(a.frame)
	if len(a.frame) > 0 {
		a.emit(Sample{Data: a.frame, Timestamp: a.ts, Key: a.key, Received: now})
	}
	a.frame = nil
}

func (a *assembler) emit(s Sample) {
	s.PTS = a.clock.pts(s.Timestamp, s.Received)
	if a.in.slot != nil {
		s.Captured = a.in.slot.line.time(s.Timestamp)
	}
	s.Rotation = a.in.rotation
	if a.in.video {
		s.Duration = a.clock.step
	}
	a.in.stats.Samples++
	for _, r := range a.in.samples {
		if r.q.push(s, s.Key) {
			a.in.wantKey()
		}
	}
}

// lost tells that packets are missing right before the next one.
func (a *assembler) lost(n int) {
	a.missing += n
	if a.in.video {
		a.broken()
	}
}

func (a *assembler) broken() {
	if a.open {
		a.in.stats.Broken++
	}
	a.open, a.needKey, a.frame = false, true, nil
	a.in.wantKey()
}

// moved tells that the stream goes on in another slot, whose timestamps are others. There it starts at a key frame: what
// comes before one hangs on pictures that were not seen.
func (a *assembler) moved() {
	if a.in.video {
		a.broken()
	}
	a.clock.moved = true
}

// clock turns RTP timestamps into time since the first.
type clock struct {
	rate    int64
	started bool
	moved   bool
	last    uint32
	units   int64 // since the first
	at      time.Time
	step    time.Duration // between the last two
}

func (c *clock) pts(ts uint32, now time.Time) time.Duration {
	var units int64
	switch {
	case !c.started:
	case c.moved:
		units = int64(now.Sub(c.at)) * c.rate / int64(time.Second)
	default:
		units = int64(int32(ts - c.last)) // wraps
	}
	c.started, c.moved, c.last, c.at = true, false, ts, now
	c.units += units
	c.step = time.Duration(max(units, 0)) * time.Second / time.Duration(c.rate)
	return time.Duration(c.units/c.rate)*time.Second + time.Duration(c.units%c.rate)*time.Second/time.Duration(c.rate)
}
