package sfu

import (
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// slot is an m-line on which the client receives: the place for one stream at a time. It is the webrtc.TrackLocal of
// its sender.
type slot struct {
	peer     *Peer
	mid      string
	kind     webrtc.RTPCodecType
	sender   *webrtc.RTPSender
	payloads map[string]slotPayload // by mime type in lower case; shared, never changed
	ssrc     uint32
	rtxSSRC  uint32 // 0: no retransmission stream
	usable   bool   // the client wants to receive here; with room.mu held

	mu        sync.Mutex
	writer    webrtc.TrackLocalWriter
	ready     bool              // writer can be used
	closed    bool              // nothing may be written any more
	stream    *track            // first layer of what the slot is for; changed with room.mu held too, so that either lock is enough to read it
	track     *track            // the layer that is sent
	next      *track            // the one to go over to at a key frame, nil: none
	started   bool              // the first packet of track was sent
	waiting   bool              // track may start at a key frame only
	epoch     uint32            // of track, since started
	first     int64             // number of the first packet of track that was sent
	top       int64             // and of the highest
	seqOffset uint16            // to be added to the packet's number
	tsOffset  uint32            // to be added to the packet's timestamp
	vp8       bool              // track is VP8
	shift     rtpkit.VP8Numbers // to be added to the packet's, zero for other codecs
	lastVP8   rtpkit.VP8Numbers // what the packet numbered top was sent with
	lastSeq   uint16            // what the packet numbered top was sent with
	lastTS    uint32
	lastAt    time.Time
	header    rtp.Header // of the packets that are sent
	csrc      [1]uint32
	described [1]byte // the value of a header extension
	number    [2]byte // and of another one
	rtxHeader rtp.Header
	mainPT    uint8
	rtxPT     uint8
	redPT     uint8 // 0: earlier packets of sound are taken out
	rtxSeq    uint16
	stats     *rtpkit.SendStats
	counts    slotCounts
	repeats   rtpkit.Repeats
	again     rtpkit.Again
	spare     repeatBuffer
	before    stretch // what the slot sent before track

	aimed  aimed        // with room.mu held
	wished atomic.Int32 // number of the layer that is large enough
	share  atomic.Int64 // bit/s that the path carries for this slot, 0: as much as it wants
}

type slotPayload struct{ main, rtx uint8 }

func newSlot(p *Peer, mid string, kind webrtc.RTPCodecType) *slot {
	s := &slot{
		peer: p, mid: mid, kind: kind,
		lastSeq: uint16(rand.Uint32()), lastTS: rand.Uint32(), rtxSeq: uint16(rand.Uint32()), //nolint:gosec // need not be secret
	}
	clock := uint32(rtpkit.VideoClockRate)
	if kind == webrtc.RTPCodecTypeAudio {
		clock = rtpkit.OpusClockRate
	}
	s.stats = rtpkit.NewSendStats(clock)
	s.header = rtp.Header{Version: 2, CSRC: s.csrc[:]}
	return s
}

func slotPayloads(codecs []webrtc.RTPCodecParameters) map[string]slotPayload {
	payloads := make(map[string]slotPayload, len(codecs))
	for _, c := range codecs {
		mime := strings.ToLower(c.MimeType)
		if _, known := payloads[mime]; !known && c.PayloadType < 128 {
			payloads[mime] = slotPayload{uint8(c.PayloadType), uint8(rtpkit.RTXPayloadType(codecs, c.PayloadType))}
		}
	}
	return payloads
}

func (s *slot) supports(t *track) bool {
	_, ok := s.payloads[strings.ToLower(t.codec)]
	return ok
}

// Bind implements webrtc.TrackLocal.
func (s *slot) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codecs := c.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	s.ssrc, s.rtxSSRC = uint32(c.SSRC()), uint32(c.SSRCRetransmission())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writer = c.WriteStream()
	s.header.SSRC, s.rtxHeader.SSRC = s.ssrc, s.rtxSSRC
	return codecs[0], nil
}

// Unbind implements webrtc.TrackLocal.
func (s *slot) Unbind(webrtc.TrackLocalContext) error {
	s.close()
	return nil
}

// ID implements webrtc.TrackLocal.
func (s *slot) ID() string { return "slot" + s.mid }

// RID implements webrtc.TrackLocal.
func (*slot) RID() string { return "" }

// StreamID implements webrtc.TrackLocal. Every slot has its own, lest a browser synchronises streams of different members.
func (s *slot) StreamID() string { return "stream" + s.mid }

// Kind implements webrtc.TrackLocal.
func (s *slot) Kind() webrtc.RTPCodecType { return s.kind }

// open lets packets through once the transport is there. pion sets up a writer at its first use, under a lock that it
// also holds while it waits for the goroutines that forward packets; here that happens on another one.
func (s *slot) open() {
	if s.isClosed() || s.sender.SetReadDeadline(time.Time{}) != nil {
		return
	}
	s.mu.Lock()
	s.ready = s.writer != nil
	s.mu.Unlock()
}

// restart begins the stream anew, without a gap and with a key frame: what was sent since the client was away is lost.
func (s *slot) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.track == nil || !s.started {
		return
	}
	s.started, s.before = false, stretch{}
	s.setWaiting(s.track.kind == webrtc.RTPCodecTypeVideo)
}

// close ends all writing; when it returns no writer is inside.
func (s *slot) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}

func (s *slot) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// assign gives the slot to a stream, of which the peer wants that height, with room.mu held.
func (s *slot) assign(stream *track, height int) {
	payload := s.payloads[strings.ToLower(stream.codec)]
	s.aimed = aimed{height: height}
	wished := stream.wished(height)
	s.wished.Store(int32(wished)) // at most 2
	s.share.Store(0)
	t := stream.layers[wished]
	s.mu.Lock()
	s.stream, s.track, s.started = stream, t, false
	s.before = stretch{}
	s.csrc[0] = t.num
	s.mainPT, s.rtxPT, s.redPT = payload.main, payload.rtx, s.payloads[rtpkit.MimeRED].main
	s.setWaiting(t.kind == webrtc.RTPCodecTypeVideo)
	s.mu.Unlock()
	t.add(s)
	s.requestKeyFrame()
}

// release makes the slot free for another stream, with room.mu held.
func (s *slot) release() {
	if s.stream == nil {
		return
	}
	for _, t := range s.stream.layers {
		t.remove(s)
	}
	s.mu.Lock()
	s.setWaiting(false)
	s.setNext(nil)
	s.stream, s.track, s.started = nil, nil, false
	s.mu.Unlock()
}

// setWaiting wants s.mu held.
func (s *slot) setWaiting(waiting bool) {
	if s.waiting == waiting {
		return
	}
	s.waiting = waiting
	if waiting {
		s.track.waiting.Add(1)
	} else {
		s.track.waiting.Add(-1)
	}
}

// waitsFor tells whether packets of t could be sent, if only a key frame came.
func (s *slot) waitsFor(t *track) bool {
	if !s.peer.live.Load() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return (s.waiting && s.track == t || s.next == t) && s.ready && !s.closed
}

// requestKeyFrame asks the publisher, if that is what the slot waits for.
func (s *slot) requestKeyFrame() {
	s.mu.Lock()
	t := s.track
	s.mu.Unlock()
	if t != nil && s.waitsFor(t) {
		t.keys.want(t)
	}
}
