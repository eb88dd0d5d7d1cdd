package sfu

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const (
	shareInterval = 250 * time.Millisecond // between looks at what a path has to carry
	leastShare    = 40_000                 // bit/s of one camera
	naturalRate   = 1.25                   // the highest rate seen, is what a camera may want
	naturalFade   = 0.98                   // a second
	maxPad        = 32                     // packets in one portion of padding
)

// downlink is the way from the server to one client: what is on it, and what it carries.
type downlink struct {
	sent  rtpkit.Departures
	soon  time.Time // of the control goroutine, as the next two
	sound uint64    // bytes of sound at the last look
	wants []want

	mu   sync.Mutex
	est  rtpkit.Estimator
	acks []rtpkit.Ack
}

// stamp numbers a packet for the client's feedback. The slot's lock is held.
func (s *slot) stamp(h *rtp.Header, payload int, probe uint8, now time.Time) {
	id := s.peer.layout.Load().numExt
	if id == 0 {
		return
	}
	binary.BigEndian.PutUint16(s.number[:], s.peer.down.sent.Sent(payload+forwardedHeader, probe, now))
	_ = h.SetExtension(id, s.number[:]) // fails for an ID that no header can carry: then there is no feedback
}

// feedback takes a transport-wide feedback packet.
func (p *Peer) feedback(raw []byte, now time.Time) {
	d := &p.down
	d.mu.Lock()
	_, before := d.est.Target()
	d.acks = d.acks[:0]
	d.sent.Feedback(raw, func(a rtpkit.Ack) { d.acks = append(d.acks, a) })
	d.est.Report(d.acks, now)
	_, after := d.est.Target()
	d.mu.Unlock()
	if after || before {
		p.room.wakeUp()
	}
}

// limits looks at what the client's path carries, shares it out among its cameras, and finds out whether it is more. It
// tells when to look again.
func (p *Peer) limits(now time.Time) (next time.Time) {
	d := &p.down
	if !now.Before(d.soon) {
		p.shareOut(now)
	}
	d.mu.Lock()
	bytes, probe, again := d.est.Padding(now)
	_, limited := d.est.Target()
	d.mu.Unlock()
	if bytes > 0 {
		sent := p.pad(bytes, probe, now)
		d.mu.Lock()
		d.est.Padded(sent)
		d.mu.Unlock()
	}
	if !limited {
		return time.Time{}
	}
	next = d.soon
	if at := now.Add(again); again > 0 && at.Before(next) {
		next = at
	}
	return next
}

func (d *downlink) repeating() (wait time.Duration, bps int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.est.Repeating()
}

// repeatingSound is repeating for sound that is sent more than once unasked.
func (d *downlink) repeatingSound() (wait time.Duration, bps int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.est.RepeatingSound()
}

// want is what a slot would be sent if its path carried everything, in bit/s.
type want struct {
	slot *slot
	bps  float64
}

// shareOut divides what the path carries: sound first, the rest evenly among the cameras, of which none gets more than it
// wants while another one lacks.
func (p *Peer) shareOut(now time.Time) {
	d := &p.down
	passed := shareInterval
	if !d.soon.IsZero() {
		passed += now.Sub(d.soon)
	}
	d.soon = now.Add(shareInterval)
	sound, natural := uint64(0), 0.0
	d.wants = d.wants[:0]
	for _, s := range p.layout.Load().slots {
		s.mu.Lock()
		switch {
		case s.kind == webrtc.RTPCodecTypeAudio:
			sound += s.stats.Snapshot().Bytes
		case s.track != nil && s.started:
			bps := naturalRate * s.stream.layers[s.wished.Load()].demand()
			natural += bps
			d.wants = append(d.wants, want{s, bps})
		}
		s.mu.Unlock()
	}
	soundRate := float64(sound-min(d.sound, sound)) * 8 / passed.Seconds()
	d.sound = sound
	d.mu.Lock()
	d.est.SetWanted(int(natural + soundRate))
	bps, limited := d.est.Target()
	d.mu.Unlock()
	if d.divide(float64(bps)-soundRate, limited) {
		p.room.lookAtLayers()
	}
}

// divide gives each camera its share. It tells whether layers are to be chosen anew.
func (d *downlink) divide(left float64, limited bool) (changed bool) {
	slices.SortFunc(d.wants, func(a, b want) int { return cmp.Compare(a.bps, b.bps) })
	for i, w := range d.wants {
		share := int64(0)
		if limited {
			even := left / float64(len(d.wants)-i)
			left -= min(even, w.bps)
			share = max(int64(even), leastShare)
		}
		changed = w.slot.share.Swap(share) != share || changed
	}
	return changed
}

// pad sends old packets of a camera again, which the client knows already.
func (p *Peer) pad(bytes int, probe uint8, now time.Time) (sent int) {
	for _, s := range p.layout.Load().slots {
		if s.kind != webrtc.RTPCodecTypeVideo || s.rtxSSRC == 0 {
			continue
		}
		s.mu.Lock()
		if s.rtxPT != 0 && s.started {
			for back := range uint16(maxPad) {
				if sent >= bytes {
					break
				}
				sent += s.resend(uint16(s.top)-back+s.seqOffset, probe, &p.padding, now)
			}
		}
		s.mu.Unlock()
		if sent >= bytes {
			break
		}
	}
	return sent
}

// natural is the rate in bit/s that the stream has, or had, when nothing limits it.
func (t *track) natural() float64 {
	return float64(t.fullRate.Load())
}

// measure looks at the rate of the stream once in a while.
func (t *track) measure(now time.Time, bytes uint64) {
	r := &t.rate
	passed := now.Sub(r.at).Seconds()
	if passed < reportInterval.Seconds()/2 {
		return
	}
	if !r.at.IsZero() {
		t.bps = float64(bytes-min(r.bytes, bytes)) * 8 / passed
		peak := t.natural()
		if t.limited.bps == 0 && t.peer.limited.bps == 0 {
			peak *= naturalFade
		}
		t.fullRate.Store(int64(max(peak, t.bps)))
	}
	r.at, r.bytes = now, bytes
}
