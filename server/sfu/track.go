package sfu

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// How many packets of a stream are kept for subscribers that lose some: about two seconds of good video, and of sound.
const (
	videoRing = 512
	audioRing = 128
)

// maxLeap is the jump of sequence numbers above which a stream counts as started anew.
const maxLeap = 512

// track is a published stream in one of its sizes. The first one stands for all of them.
type track struct {
	peer    *Peer
	uplink  *uplink
	num     uint32
	codec   string
	first   *track   // of the stream
	layers  []*track // of the first one: all of them, the largest first
	size    Layer
	smaller bool // there is a smaller layer
	kind    webrtc.RTPCodecType
	clock   uint32
	nack    bool
	ring    *rtpkit.Ring
	totals  *totals

	subscribers atomic.Pointer[[]*slot] // changed with room.mu held
	waiting     atomic.Int32            // subscribers that wait for a key frame
	declared    atomic.Uint32           // the SSRC that the offer declares, 0 if none
	ssrc        atomic.Uint32           // that the packets come with, 0 before the first
	turned      atomic.Uint32           // how the picture is turned, as in the header extension, with turnedKnown
	loud        atomic.Uint32           // how loud the last packet of sound was, as in the header extension, with loudKnown
	peak        atomic.Uint32           // how loud it was since that was last asked for, 0 to 127
	keys        keyFrames
	packet      packet // in hand; on the goroutine that reads RTP

	started atomic.Bool  // changed with mu held
	lastAt  atomic.Int64 // when the last packet came, in ns since 1970

	mu      sync.Mutex
	gaps    rtpkit.Gaps
	stats   *rtpkit.ReceiveStats
	highest int64 // extended sequence number of the highest packet
	epoch   uint32
	clockAt publisherClock
	nacks   uint64
	repairs uint64

	lately atomic.Uint32 // the loudest since whose sound is forwarded was looked at
	level  float64       // of late, in decibels above silence; with room.mu held

	layered layered      // of the first layer
	nominal atomic.Int64 // bit/s, as the publisher says; 0: not known

	fullRate atomic.Int64 // highest rate of late in bit/s
	// Of the control goroutine.
	rate struct {
		at    time.Time
		bytes uint64
	}
	bps     float64
	limited limit
}

// publisherClock is the publisher's last sender report.
type publisherClock struct {
	at  time.Time // when the RTP timestamp was the current one, by the server's clock
	rtp uint32
}

// packet is a packet that is being forwarded.
type packet struct {
	header  *rtp.Header
	payload []byte
	seq     int64 // extended; the low 16 bits are those of the packet
	epoch   uint32
	now     time.Time
	codec   string
	key     keyness
}

type keyness uint8

const (
	keyUnknown keyness = iota
	keyYes
	keyNo
)

// isKey tells whether a receiver can start with the packet. It looks at most once.
func (p *packet) isKey() bool {
	if p.key == keyUnknown {
		p.key = keyNo
		if rtpkit.IsKeyFrame(p.codec, p.payload) {
			p.key = keyYes
		}
	}
	return p.key == keyYes
}

func newTrack(p *Peer, u *uplink, s wire.Stream, size Layer) *track {
	t := &track{peer: p, uplink: u, num: s.Num, codec: s.Codec, kind: u.kind, totals: &p.room.sfu.totals, size: size}
	t.nominal.Store(int64(size.Bitrate))
	for _, c := range *u.payloads.Load() {
		if c.mime == s.Codec {
			t.clock, t.nack = c.clock, c.nack
			break
		}
	}
	packets := videoRing
	if t.kind == webrtc.RTPCodecTypeAudio {
		packets = audioRing
	}
	t.ring = rtpkit.NewRing(packets)
	t.stats = rtpkit.NewReceiveStats(t.clock)
	t.subscribers.Store(new([]*slot))
	return t
}

// receive takes a packet of the stream and forwards it to all subscribers.
func (t *track) receive(h *rtp.Header, payload []byte, size int, repeated bool, now time.Time) {
	t.totals.packetsIn.Add(1)
	t.totals.bytesIn.Add(uint64(size)) // not negative
	seq, epoch, ok := t.accept(h, size, repeated, now)
	if !ok {
		return
	}
	t.ring.Store(h, payload)
	t.lastAt.Store(now.UnixNano())
	subscribers := *t.subscribers.Load()
	if len(subscribers) == 0 {
		return
	}
	t.packet = packet{header: h, payload: payload, seq: seq, epoch: epoch, now: now, codec: t.codec}
	sent := uint64(0)
	for _, s := range subscribers {
		if s.forward(t, &t.packet) {
			sent++
		}
	}
	t.totals.packetsOut.Add(sent)
	t.totals.bytesOut.Add(sent * uint64(len(payload)+forwardedHeader)) // not negative
}

// accept counts a packet and gives it its extended sequence number. It refuses duplicates.
func (t *track) accept(h *rtp.Header, size int, repeated bool, now time.Time) (seq int64, epoch uint32, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if repeated {
		if !t.gaps.Repaired(h.SequenceNumber) {
			return 0, 0, false
		}
		t.repairs++
		return t.extend(h.SequenceNumber), t.epoch, true
	}
	if t.started.Load() && h.SSRC != t.ssrc.Load() {
		t.gaps.Reset()
		t.stats = rtpkit.NewReceiveStats(t.clock)
		t.restart(h)
	}
	had := t.gaps.Open()
	fresh := t.gaps.Received(h.SequenceNumber, now)
	t.stats.Received(h, size, now)
	if !fresh {
		return 0, 0, false
	}
	if had == 0 && t.gaps.Open() > 0 {
		t.peer.room.wakeUp()
	}
	if !t.started.Load() {
		t.started.Store(true)
		t.restart(h)
		t.keys.sourceKnown(t)
		return t.highest, t.epoch, true
	}
	seq = t.extend(h.SequenceNumber)
	if seq-t.highest > maxLeap || t.highest-seq > maxLeap {
		t.restart(h)
		return t.highest, t.epoch, true
	}
	t.highest = max(t.highest, seq)
	return seq, t.epoch, true
}

// restart begins a new epoch: the packets have nothing to do with those before.
func (t *track) restart(h *rtp.Header) {
	t.ssrc.Store(h.SSRC)
	t.ring.Reset()
	t.epoch++
	t.clockAt = publisherClock{}
	t.highest = (t.highest | 0xffff) + 1 + int64(h.SequenceNumber) // above all, with the same low bits
}

// extend finds the extended number nearest to the highest one.
func (t *track) extend(seq uint16) int64 {
	return t.highest + int64(int16(seq-uint16(t.highest))) // wraps
}

// senderReport takes note of the publisher's clock.
func (t *track) senderReport(sr *rtcp.SenderReport, at, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.SenderReport(sr, now)
	if t.clockAt.at.IsZero() {
		for _, s := range *t.subscribers.Load() {
			s.peer.reportSoon.Store(true)
		}
		t.peer.room.wakeUp()
	}
	t.clockAt = publisherClock{at: at, rtp: sr.RTPTime}
}

// add and remove change the subscribers, with room.mu held.
func (t *track) add(s *slot) {
	old := *t.subscribers.Load()
	next := make([]*slot, 0, len(old)+1)
	next = append(append(next, old...), s)
	t.subscribers.Store(&next)
}

func (t *track) has(s *slot) bool { return slices.Contains(*t.subscribers.Load(), s) }

func (t *track) remove(s *slot) {
	old := *t.subscribers.Load()
	if !t.has(s) {
		return
	}
	next := make([]*slot, 0, len(old))
	for _, o := range old {
		if o != s {
			next = append(next, o)
		}
	}
	t.subscribers.Store(&next)
}
