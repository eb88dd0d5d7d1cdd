package whep

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const (
	ringPackets = 512  // kept for retransmission: about two seconds of video at 2 Mbit/s
	maxPacket   = 1500 // bytes of the longest packet that can be repeated
)

// output is the outgoing stream of one kind of media to one viewer. It is a webrtc.TrackLocal whose payload type
// follows the codec of the track that is forwarded.
type output struct {
	kind  webrtc.RTPCodecType
	bound chan struct{} // closed when the viewer negotiated this kind

	// set before bound is closed
	codecs        []webrtc.RTPCodecParameters
	ssrc, rtxSSRC uint32
	writer        webrtc.TrackLocalWriter
	ring          *rtpkit.Ring // nil for sound, which browsers do not ask for again

	mu      sync.Mutex
	track   Track // that is forwarded now
	numbers continuity
	stats   *rtpkit.SendStats

	rtxSequence uint16 // of the goroutine that reads feedback
}

func newOutput(kind webrtc.RTPCodecType) *output {
	rate := uint32(rtpkit.VideoClockRate)
	if kind == webrtc.RTPCodecTypeAudio {
		rate = rtpkit.OpusClockRate
	}
	return &output{
		kind: kind, bound: make(chan struct{}),
		numbers: continuity{clockRate: float64(rate)}, stats: rtpkit.NewSendStats(rate),
	}
}

// Bind implements webrtc.TrackLocal. It is called once, when the offer has been answered.
func (o *output) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	o.codecs = c.CodecParameters()
	if len(o.codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	o.ssrc, o.rtxSSRC, o.writer = uint32(c.SSRC()), uint32(c.SSRCRetransmission()), c.WriteStream()
	if o.kind == webrtc.RTPCodecTypeVideo {
		o.ring = rtpkit.NewRing(ringPackets)
	}
	close(o.bound)
	return o.codecs[0], nil
}

// Unbind implements webrtc.TrackLocal.
func (o *output) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID implements webrtc.TrackLocal.
func (o *output) ID() string { return o.kind.String() }

// RID implements webrtc.TrackLocal.
func (o *output) RID() string { return "" }

// StreamID implements webrtc.TrackLocal. Sound and picture are of one stream, so that they are played in step.
func (o *output) StreamID() string { return "live" }

// Kind implements webrtc.TrackLocal.
func (o *output) Kind() webrtc.RTPCodecType { return o.kind }

// begin starts another track. It tells the payload type that the viewer expects its codec under, if it does.
func (o *output) begin(t Track) (uint8, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.track, o.numbers.switched = t, true
	pt, ok := rtpkit.PayloadType(o.codecs, t.Codec())
	return uint8(pt), ok
}

// end is the end of the track.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.track = nil
}

// write sends a packet, and tells whether it went out. CSRCs and header extensions are those of another connection,
// so they stay behind.
func (o *output) write(p *rtp.Packet, pt uint8) bool {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	h := rtp.Header{Version: 2, Marker: p.Marker, PayloadType: pt, SSRC: o.ssrc}
	h.SequenceNumber, h.Timestamp = o.numbers.next(&p.Header, now)
	if o.ring != nil { // first, since who is near may ask for it again before WriteRTP has returned
		o.ring.Store(&h, p.Payload)
	}
	n, err := o.writer.WriteRTP(&h, p.Payload)
	if err != nil || n == 0 {
		return false
	}
	o.stats.Sent(&h, len(p.Payload), now)
	return true
}

func (o *output) senderReport(now time.Time) (*rtcp.SenderReport, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stats.SenderReport(o.ssrc, now)
}

func (o *output) requestKeyFrame() {
	o.mu.Lock()
	track := o.track
	o.mu.Unlock()
	if track != nil {
		track.RequestKeyFrame()
	}
}
