package rtc

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// Packets kept for repetition: about two seconds of pictures at 2 Mbit/s, and five of sound.
const (
	ringVideo = 512
	ringAudio = 256
)

// reporting is how far the first sender report of a stream is. It follows the first sample at once, so that receivers
// need not guess what belongs to it.
type reporting uint8

const (
	reportRegularly reporting = iota
	reportWithFirst
	reportDue
)

// onKeyFrameInterval is how often a source is asked for a key frame at most; a request in between is deferred.
const onKeyFrameInterval = 200 * time.Millisecond

var (
	// ErrStopped is returned by WriteSample before Start and after Stop.
	ErrStopped = errors.New("outlet is not started")
	// ErrNotNegotiated is returned when the server does not take the codec.
	ErrNotNegotiated = errors.New("codec was not negotiated")
)

// Outlet sends one stream: the microphone's or one camera's. It keeps its RTP stream from one Start to the next.
type Outlet struct {
	c           *Conn
	kind        webrtc.RTPCodecType
	place       int // among all outlets
	demand      demand
	transceiver *webrtc.RTPTransceiver
	layers      []*Outlet // itself, and of a camera the smaller sizes, each an outlet of its own; nil: it is one of those
	rid         string    // names the layer towards the server

	mu         sync.Mutex
	bound      webrtc.TrackLocalContext // nil before the answer
	negotiated []webrtc.RTPCodecParameters
	codec      string // "": stopped
	payloader  rtp.Payloader
	onKeyFrame func()
	pt, rtxPT  uint8
	redPT      uint8 // 0: not negotiated
	red        rtpkit.REDWriter
	rate       int64

	pausing   bool      // nothing is sent until sound begins (again)
	reporting reporting // of this Start
	gap       bool      // samples were dropped since the last one that was sent
	audience  audience
	ring      *rtpkit.Ring
	send      *rtpkit.SendStats
	seq       uint16
	rtxSeq    uint16
	base      uint32        // timestamp at Start
	elapsed   time.Duration // since Start, by the samples' durations
	startedAt time.Time
	header    rtp.Header
	levelExt  uint8 // ID of the header extension that tells how loud sound is, 0: none
	level     [1]byte
	repair    []byte

	repairHeader rtp.Header
	repeats      rtpkit.Repeats
	again        rtpkit.Again
	transportExt uint8 // ID of the header extension that numbers all packets of the transport, 0: none
	number       [2]byte
	writing      sync.Mutex // held by WriteSample; taken before mu

	keyWanted bool
	keyAsked  time.Time
	stats     OutStats
	measured  meter
}

func newOutlet(c *Conn, kind webrtc.RTPCodecType, place int) *Outlet {
	o := &Outlet{c: c, kind: kind, place: place, rate: rtpkit.OpusClockRate}
	if kind == webrtc.RTPCodecTypeVideo {
		o.rate, o.rid = rtpkit.VideoClockRate, rids[0]
	}
	o.layers = []*Outlet{o}
	o.send = rtpkit.NewSendStats(uint32(o.rate)) // a constant
	o.seq, o.rtxSeq, o.base = randomStart()
	return o
}

// Mid names the outlet towards the server; it is known after Offer.
func (o *Outlet) Mid() string { return o.transceiver.Mid() }

// Start begins a stream of a codec, such as "video/H264". onKeyFrame, which may be nil, is called when a receiver needs
// a key frame, at most every 200 ms; it must not block. Starting again replaces codec and function.
func (o *Outlet) Start(codec string, onKeyFrame func()) error {
	if err := o.start(codec, onKeyFrame); err != nil {
		return err
	}
	o.stopLayers(1)
	return nil
}

func (o *Outlet) start(codec string, onKeyFrame func()) error {
	if !strings.HasPrefix(strings.ToLower(codec), o.kind.String()+"/") {
		return fmt.Errorf("codec %q is not %s", codec, o.kind)
	}
	payloader, err := newPayloader(codec)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.c.closing.Load() {
		return ErrClosed
	}
	if o.bound != nil && !o.negotiate(codec) {
		return fmt.Errorf("%w: %s", ErrNotNegotiated, codec)
	}
	now := time.Now()
	if !o.startedAt.IsZero() { // the timestamps go on as the clock did
		o.base += o.units(max(now.Sub(o.startedAt), o.elapsed))
	}
	o.codec, o.payloader, o.onKeyFrame = codec, payloader, onKeyFrame
	o.startedAt, o.elapsed, o.reporting, o.pausing, o.audience = now, 0, reportWithFirst, true, audience{}
	if o.ring == nil {
		size := ringAudio
		if o.kind == webrtc.RTPCodecTypeVideo {
			size = ringVideo
		}
		o.ring = rtpkit.NewRing(size)
	}
	return nil
}

// Stop ends the stream. The transport stays for the next Start.
func (o *Outlet) Stop() {
	o.stopLayers(1)
	o.stop()
}

func (o *Outlet) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.codec, o.payloader, o.onKeyFrame, o.keyWanted = "", nil, nil, false
	o.ring = nil
	o.c.bw.stop(&o.demand)
}

func (o *Outlet) units(d time.Duration) uint32 {
	seconds, rest := int64(d/time.Second), int64(d%time.Second)
	return uint32(seconds*o.rate + rest*o.rate/int64(time.Second)) // wraps
}

// negotiate looks up the codec's payload types.
func (o *Outlet) negotiate(codec string) bool {
	pt, ok := rtpkit.PayloadType(o.negotiated, codec)
	if ok {
		red, _ := rtpkit.PayloadType(o.negotiated, rtpkit.MimeRED)
		o.pt, o.rtxPT, o.redPT = uint8(pt), uint8(rtpkit.RTXPayloadType(o.negotiated, pt)), uint8(red)
	}
	return ok
}

// WriteSample sends a sample, cut into packets. While the transport is not connected samples are dropped, and a key
// frame is asked for when it is. The data is not kept. On a path that carries little a large picture is sent in
// portions, which takes up to 150 ms: a source that has to wait makes fewer pictures, as it should.
func (o *Outlet) WriteSample(s Sample) error {
	o.writing.Lock()
	defer o.writing.Unlock()
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	timestamp, err := o.advance(&s, now)
	switch {
	case err != nil:
		return err
	case len(s.Layers) > 0:
		o.mu.Unlock()
		defer o.mu.Lock()
		return o.writeLayers(s.Layers, timestamp, now)
	case len(s.Data) == 0 || o.audience.none:
		o.pausing = true
		return nil
	}
	return o.write(&s, timestamp, now)
}

// advance moves the stream on by a sample, and returns when that is.
func (o *Outlet) advance(s *Sample, now time.Time) (timestamp uint32, err error) {
	if o.codec == "" {
		if o.c.closing.Load() {
			return 0, ErrClosed
		}
		return 0, ErrStopped
	}
	at := o.elapsed
	if s.Duration > 0 {
		o.elapsed += s.Duration
	} else {
		at = max(at, now.Sub(o.startedAt))
		o.elapsed = at
	}
	return o.base + o.units(at), nil
}

func (o *Outlet) write(s *Sample, timestamp uint32, now time.Time) error {
	// Disconnected may be a matter of the other direction only, and what is lost can be asked for again
	if s := o.c.State(); o.bound == nil || s != StateConnected && s != StateDisconnected {
		o.stats.Dropped++
		if !o.gap { // receivers must see that something is missing, lest they go on from a picture that they never had
			o.gap = true
			o.seq++
			o.red.Reset()
		}
		o.keyWanted = o.kind == webrtc.RTPCodecTypeVideo
		return nil
	}
	o.gap = false
	if o.pt == 0 && !o.negotiate(o.codec) {
		return fmt.Errorf("%w: %s", ErrNotNegotiated, o.codec)
	}
	payloads := o.payloader.Payload(maxPayload, s.Data)
	if !o.goesOn(payloads) {
		return nil
	}
	o.stats.Samples++
	o.writePackets(s, payloads, timestamp, now)
	if o.reporting == reportWithFirst {
		o.reporting = reportDue
		o.c.feed.poke()
	}
	return nil
}

func (o *Outlet) writePackets(s *Sample, payloads [][]byte, timestamp uint32, now time.Time) {
	h := &o.header
	portion, left := 0, 0
	if o.kind == webrtc.RTPCodecTypeVideo && len(payloads) > paceFree {
		portion = o.c.bw.portion(len(s.Data))
		left = max(portion, paceFree*maxPayload)
	}
	for i, p := range payloads {
		if portion > 0 {
			if left <= 0 && !o.waitTurn(&now) {
				return
			} else if left <= 0 {
				left = portion
			}
			left -= len(p)
		}
		pt, p := o.redundant(s, p, timestamp)
		*h = rtp.Header{
			Version: 2, PayloadType: pt, SSRC: uint32(o.bound.SSRC()), SequenceNumber: o.seq, Timestamp: timestamp,
			Marker:     o.kind == webrtc.RTPCodecTypeAudio && o.pausing || o.kind == webrtc.RTPCodecTypeVideo && i == len(payloads)-1,
			Extensions: h.Extensions[:0],
		}
		if s.Leveled && o.levelExt != 0 {
			o.level[0] = rtpkit.LevelByte(s.Level)
			_ = h.SetExtension(o.levelExt, o.level[:]) // an ID that no header can carry: then nobody knows
		}
		o.seq++
		o.ring.Store(h, p)
		o.send.Sent(h, len(p), now)
		o.stamp(h, len(p), 0, now)
		_, _ = o.bound.WriteStream().WriteRTP(h, p) // fails while there is no path: a loss like others, and no matter of the source
	}
	o.pausing = false
	if o.kind == webrtc.RTPCodecTypeAudio && h.PayloadType == o.pt { // RED has them in it
		back := o.again.Back(o.send.Snapshot().FractionLost, o.c.bw.repeatingSound, now)
		for _, back := range back {
			_, _ = o.resend(o.seq-1-back, 0, now)
		}
		if len(back) > 0 && codec.IsPause(s.Data) { // nothing follows it for a while
			_, _ = o.resend(o.seq-1, 0, now)
		}
	}
}

// waitTurn lets others use the outlet until the next portion of a picture may be sent. It tells false when the stream
// was stopped, or is another one, meanwhile.
func (o *Outlet) waitTurn(now *time.Time) bool {
	started := o.startedAt
	o.mu.Unlock()
	ok := o.pace()
	o.mu.Lock()
	*now = time.Now()
	return ok && o.codec != "" && o.bound != nil && o.startedAt.Equal(started)
}
