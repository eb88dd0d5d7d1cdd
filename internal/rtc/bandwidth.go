package rtc

import (
	"encoding/binary"
	"sync"
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
	most    int       // bit/s that the camera wants; 0: it is off
	limit   int       // bit/s of the camera that the server can pass on; 0: any
	limitAt time.Time // when it said so
	told    int       // what the camera's source was told
	tell    func(bps int)
}

// Estimate is what is known about the way to the server.
type Estimate struct {
	Bps     int           // bit/s that it carries; an upper bound while Limited is false
	Limited bool          // it carries less than we would send
	Queue   time.Duration // how long packets wait on it
	Video   int           // bit/s that the camera may send; 0: as much as it wants
	Camera  int           // bit/s that the camera was told; 0: it is off
	Server  bool          // Video is so small because of the way from the server to those who watch
}

// Estimate returns what is known now.
func (c *Conn) Estimate() Estimate {
	b := &c.bw
	b.mu.Lock()
	defer b.mu.Unlock()
	bps, limited := b.est.Target()
	e := Estimate{Bps: bps, Limited: limited, Queue: b.est.Queue(), Camera: b.told}
	if video := b.video(time.Now()); video < b.most {
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
	b := &o.c.bw
	b.mu.Lock()
	defer b.mu.Unlock()
	b.most, b.tell, b.told = most, tell, most
	b.est.SetWanted(most + soundShare)
	o.c.feed.poke()
}

func (b *bandwidth) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.most, b.tell, b.told = 0, nil, 0
	b.est.SetWanted(0)
}

// video is what the camera may send.
func (b *bandwidth) video(now time.Time) int {
	video := b.most
	if bps, limited := b.est.Target(); limited {
		video = min(video, bps-soundShare)
	}
	if b.limit > 0 && now.Sub(b.limitAt) < limitHolds {
		video = min(video, b.limit)
	}
	return max(video, leastVideo)
}

// change returns the function to call, and with what.
func (b *bandwidth) change(now time.Time) (tell func(int), bps int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tell == nil {
		return nil, 0
	}
	bps = b.video(now)
	diff := max(bps-b.told, b.told-bps)
	if diff == 0 || float64(diff) < tellAbove*float64(b.told) && bps != b.most {
		return nil, 0
	}
	b.told = bps
	return b.tell, bps
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

// limited takes the server's word on what it can pass on.
func (b *bandwidth) limited(p *rtcp.ReceiverEstimatedMaximumBitrate, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limit, b.limitAt = 0, now
	if p.Bitrate < unlimitedBps {
		b.limit = max(int(p.Bitrate), 1)
	}
}

// repeating tells how long a repetition waits on its way, and what the path carries if that is little.
func (b *bandwidth) repeating() (wait time.Duration, bps int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.est.Repeating()
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
func (o *Outlet) padding(now time.Time) time.Duration {
	b := &o.c.bw
	b.mu.Lock()
	bytes, probe, again := b.est.Padding(now)
	b.mu.Unlock()
	if bytes <= 0 {
		return again
	}
	o.mu.Lock()
	sent := o.pad(bytes, probe, now)
	o.mu.Unlock()
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
	perStep := paceTimes * float64(bps) / 8 * paceStep.Seconds()
	return int(max(perStep, float64(picture)*paceStep.Seconds()/paceLongest.Seconds(), maxPayload))
}
