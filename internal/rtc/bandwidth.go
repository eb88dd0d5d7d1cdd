package rtc

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// How the rate of the camera follows the estimate.
const (
	soundShare   = 50_000                 // bit/s that are kept free for sound, packet headers included
	leastVideo   = 40_000                 // bit/s
	tellAbove    = 0.04                   // changes below are not worth another setting of an encoder
	limitHolds   = 3 * time.Second        // the server repeats its limit more often
	reportSelf   = 1                      // we as a receiver
	paceTimes    = 2.5                    // the estimate, at which bursts are sent
	paceStep     = 4 * time.Millisecond   // between two portions of a burst
	paceFree     = 16                     // packets that are sent at once
	paceLongest  = 150 * time.Millisecond // one picture takes at most
	unlimitedBps = 1 << 30
)

// bandwidth is what a connection knows about its path to the server.
type bandwidth struct {
	sent     rtpkit.Departures
	received rtpkit.Arrivals

	mu      sync.Mutex
	est     rtpkit.Estimator
	acks    []rtpkit.Ack
	counted rtpkit.Counted
	demands []*demand // of the cameras that are on
	shares  []int     // scratch
	orders  []order   // of the feedback goroutine
}

// demand is what one camera wants to send, and may. Guarded by bandwidth.mu.
type demand struct {
	ssrc    atomic.Uint32
	most    int       // bit/s that it wants
	limit   int       // bit/s that the server can pass on; 0: any
	limitAt time.Time // when it said so
	told    int       // what the source was told; 0: the camera is off
	tell    func(bps int)
}

// wants is what the camera would send if it had the path for itself.
func (d *demand) wants(now time.Time) int {
	if d.limit > 0 && now.Sub(d.limitAt) < limitHolds {
		return min(d.most, d.limit)
	}
	return d.most
}

// Estimate is what is known about the way to the server.
type Estimate struct {
	Bps     int           // bit/s that it carries; an upper bound while Limited is false
	Limited bool          // it carries less than we would send
	Queue   time.Duration // how long packets wait on it
	Video   int           // bit/s that the cameras may send together; 0: as much as they want
	Server  bool          // Video is so small because of the way from the server to those who watch
}

// Estimate returns what is known now.
func (c *Conn) Estimate() Estimate {
	b := &c.bw
	b.mu.Lock()
	defer b.mu.Unlock()
	bps, limited := b.est.Target()
	e := Estimate{Bps: bps, Limited: limited, Queue: b.est.Queue()}
	most, video := 0, 0
	for i, share := range b.share(time.Now()) {
		most += b.demands[i].most
		video += share
	}
	if video < most {
		e.Video, e.Server = video, video < bps-soundShare
	}
	return e
}

// Counted tells how many packets were sent and received, and arrived, in each direction since the beginning.
func (c *Conn) Counted() (up, down rtpkit.Counted) {
	b := &c.bw
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counted, b.received.Counted()
}

// Adapt lets a source follow the network: tell is called with the bit/s that the stream may have, whenever that changes
// by some percent, and with most when nothing limits it any more. It must not block. It holds until Stop; pictures only.
func (o *Outlet) Adapt(most int, tell func(bps int)) {
	b, d := &o.c.bw, &o.demand
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.demands, d) {
		b.demands = append(b.demands, d)
	}
	d.most, d.tell, d.told = most, tell, most
	b.want()
	o.c.feed.poke()
}

func (b *bandwidth) stop(d *demand) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.demands = slices.DeleteFunc(b.demands, func(o *demand) bool { return o == d })
	d.most, d.tell, d.told, d.limit = 0, nil, 0, 0
	b.want()
}

// want tells the estimator how much would be sent.
func (b *bandwidth) want() {
	all := 0
	for _, d := range b.demands {
		all += d.most
	}
	if all > 0 {
		all += soundShare
	}
	b.est.SetWanted(all)
}

// share divides what the path carries among the cameras: evenly, but to none more than it can use. The result is in the
// order of demands, and good until the next call.
func (b *bandwidth) share(now time.Time) []int {
	b.shares = b.shares[:0]
	for _, d := range b.demands {
		b.shares = append(b.shares, d.wants(now))
	}
	if bps, limited := b.est.Target(); limited {
		divide(bps-soundShare, b.shares)
	}
	for i := range b.shares {
		b.shares[i] = max(b.shares[i], leastVideo)
	}
	return b.shares
}

// divide cuts wishes down to a level at which all of them together are no more than there is.
func divide(all int, wishes []int) {
	level, open := 0, len(wishes)
	for left := all; open > 0 && left/open > 0; {
		step := left / open
		level += step
		left, open = all, 0
		for _, w := range wishes {
			left -= min(w, level)
			if w > level {
				open++
			}
		}
	}
	for i, w := range wishes {
		wishes[i] = min(w, level)
	}
}

// toldTo is what the source of a camera was told last.
func (b *bandwidth) toldTo(d *demand) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return d.told
}

// order is a source that is to be told another rate.
type order struct {
	tell func(bps int)
	bps  int
}

// changes tells which sources are to be told another rate, and which. The result is good until the next call.
func (b *bandwidth) changes(now time.Time) []order {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders = b.orders[:0]
	for i, bps := range b.share(now) {
		d := b.demands[i]
		diff := max(bps-d.told, d.told-bps)
		if diff == 0 || float64(diff) < tellAbove*float64(d.told) && bps != d.most {
			continue
		}
		d.told = bps
		b.orders = append(b.orders, order{d.tell, bps})
	}
	return b.orders
}

// feedback takes a transport-wide feedback packet.
func (b *bandwidth) feedback(raw []byte, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acks = b.acks[:0]
	b.sent.Feedback(raw, func(a rtpkit.Ack) { b.acks = append(b.acks, a) })
	b.est.Report(b.acks, now)
	for _, a := range b.acks {
		b.counted.Sent++
		if a.Arrived >= 0 {
			b.counted.Arrived++
		}
	}
}

// limited takes the server's word on what it can pass on of a camera's stream.
func (b *bandwidth) limited(p *rtcp.ReceiverEstimatedMaximumBitrate, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.demands {
		if !slices.Contains(p.SSRCs, d.ssrc.Load()) {
			continue
		}
		d.limit, d.limitAt = 0, now
		if p.Bitrate < unlimitedBps {
			d.limit = max(int(p.Bitrate), 1)
		}
	}
}

// repeating tells how long a repetition waits on its way, and what the path carries if that is little.
func (b *bandwidth) repeating() (wait time.Duration, bps int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.est.Repeating()
}

// repeatingSound is repeating for sound that is sent more than once unasked.
func (b *bandwidth) repeatingSound() (wait time.Duration, bps int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.est.RepeatingSound()
}

// another begins anew on another path.
func (b *bandwidth) another() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.est.Reset()
}

// stamp numbers a packet for the server's feedback.
func (o *Outlet) stamp(h *rtp.Header, payload int, probe uint8, now time.Time) {
	if o.transportExt == 0 {
		return
	}
	binary.BigEndian.PutUint16(o.number[:], o.c.bw.sent.Sent(h.MarshalSize()+payload, probe, now))
	_ = h.SetExtension(o.transportExt, o.number[:]) // an ID that no header can carry: then there is no feedback
}

// padding sends old packets again to find out whether the path carries more. It tells when to look again.
func (c *Conn) padding(now time.Time) time.Duration {
	b := &c.bw
	b.mu.Lock()
	bytes, probe, again := b.est.Padding(now)
	b.mu.Unlock()
	if bytes <= 0 {
		return again
	}
	sent := 0
	for _, o := range c.pictures() {
		if sent < bytes {
			o.mu.Lock()
			sent += o.pad(bytes-sent, probe, now)
			o.mu.Unlock()
		}
	}
	b.mu.Lock()
	b.est.Padded(sent)
	b.mu.Unlock()
	return again
}

// pad sends so many bytes of the newest packets again, which the receiver knows already. Only a separate stream can
// carry them.
func (o *Outlet) pad(bytes int, probe uint8, now time.Time) (sent int) {
	if o.ring == nil || o.bound == nil || o.rtxPT == 0 || o.transportExt == 0 || o.c.State() != StateConnected {
		return 0
	}
	for back := uint16(1); sent < bytes && back <= maxPad; back++ {
		n, _ := o.resend(o.seq-back, probe, now)
		sent += n
	}
	return sent
}

// maxPad is how many packets one portion of padding has at most.
const maxPad = 32

// pace waits when a burst has to be stretched. It is called without locks.
func (o *Outlet) pace() bool {
	timer := time.NewTimer(paceStep)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-o.c.closed:
		return false
	}
}

// portion is how many bytes of a picture may be sent at a time.
func (b *bandwidth) portion(picture int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	bps, limited := b.est.Target()
	if !limited {
		return picture
	}
	perStep := paceTimes * float64(bps) / float64(max(len(b.demands), 1)) / 8 * paceStep.Seconds()
	return int(max(perStep, float64(picture)*paceStep.Seconds()/paceLongest.Seconds(), maxPayload))
}
