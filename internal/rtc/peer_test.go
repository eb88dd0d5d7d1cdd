package rtc

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const patience = 10 * time.Second

// peer answers a Conn the way the server does, on a bare peer connection: it sends in the offered slots, with the
// stream's number as CSRC, and keeps what it sent for NACKs.
type peer struct {
	tb    testing.TB
	pc    *webrtc.PeerConnection
	slots []*peerSlot

	connected chan struct{}

	mu      sync.Mutex
	dropIn  func(h *rtp.Header) bool // original packets that it pretends not to receive
	in      map[uint32][]*rtp.Packet // received, by SSRC, with RTX undone
	rtxOf   map[uint32]uint32
	rtcp    []rtcp.Packet
	changed chan struct{}
}

func newPeer(tb testing.TB) *peer {
	engine, err := rtpkit.NewMediaEngine()
	require.NoError(tb, err)
	p := &peer{tb: tb, in: map[uint32][]*rtp.Packet{}, rtxOf: map[uint32]uint32{}, changed: make(chan struct{}, 1)}
	settings := rtpkit.NewSettingEngine(true, nil)
	settings.DisableSRTPReplayProtection(true) // dropIn drops after SRTP, so a repeated packet comes twice there
	rtpkit.Tap(&settings, p.onRTP, p.onRTCP)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	cert, err := certificate()
	require.NoError(tb, err)
	p.pc, err = api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{*cert}})
	require.NoError(tb, err)
	p.connected = make(chan struct{})
	var once sync.Once
	p.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) {
		if p.pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(p.connected) })
		}
	})
	p.pc.OnTrack(func(*webrtc.TrackRemote, *webrtc.RTPReceiver) {})
	tb.Cleanup(func() { require.NoError(tb, p.pc.GracefulClose()) })
	return p
}

// answer answers an offer, with a sender in every slot that has none.
func (p *peer) answer(offer string) string {
	require.NoError(p.tb, p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}))
	for _, t := range p.pc.GetTransceivers() {
		if t.Direction() != webrtc.RTPTransceiverDirectionSendonly || t.Sender() != nil {
			continue
		}
		s := &peerSlot{peer: p, kind: t.Kind(), ring: rtpkit.NewRing(1024), seq: 65500}
		_, err := p.pc.AddTrack(s)
		require.NoError(p.tb, err)
		p.slots = append(p.slots, s)
	}
	answer, err := p.pc.CreateAnswer(nil)
	require.NoError(p.tb, err)
	gathered := webrtc.GatheringCompletePromise(p.pc)
	require.NoError(p.tb, p.pc.SetLocalDescription(answer))
	<-gathered
	p.mu.Lock()
	for _, group := range regexp.MustCompile(`a=ssrc-group:FID (\d+) (\d+)`).FindAllStringSubmatch(offer, -1) {
		main, err := strconv.ParseUint(group[1], 10, 32)
		require.NoError(p.tb, err)
		rtx, err := strconv.ParseUint(group[2], 10, 32)
		require.NoError(p.tb, err)
		p.rtxOf[uint32(rtx)] = uint32(main)
	}
	p.mu.Unlock()
	return p.pc.LocalDescription().SDP
}

func (p *peer) video() []*peerSlot { return p.ofKind(webrtc.RTPCodecTypeVideo) }
func (p *peer) audio() []*peerSlot { return p.ofKind(webrtc.RTPCodecTypeAudio) }

func (p *peer) ofKind(kind webrtc.RTPCodecType) (out []*peerSlot) {
	for _, s := range p.slots {
		if s.kind == kind {
			out = append(out, s)
		}
	}
	return out
}

func (p *peer) onRTP(_ uint32, raw []byte) {
	pkt := &rtp.Packet{}
	if pkt.Unmarshal(bytes.Clone(raw)) != nil {
		return
	}
	p.mu.Lock()
	if params, rtx, ok := rtpkit.ByPayloadType(pkt.PayloadType); ok && rtx {
		pkt.Payload, _ = rtpkit.UnwrapRTX(&pkt.Header, pkt.Payload, p.rtxOf[pkt.SSRC], uint8(params.PayloadType))
	} else if p.dropIn != nil && p.dropIn(&pkt.Header) {
		p.mu.Unlock()
		return
	}
	p.in[pkt.SSRC] = append(p.in[pkt.SSRC], pkt)
	p.mu.Unlock()
	p.note()
}

func (p *peer) onRTCP(ssrc uint32, raw []byte) {
	packets, err := rtcp.Unmarshal(raw)
	if err != nil {
		return
	}
	p.mu.Lock()
	p.rtcp = append(p.rtcp, packets...)
	p.mu.Unlock()
	p.note()
	for _, pkt := range packets {
		nack, ok := pkt.(*rtcp.TransportLayerNack)
		for _, s := range p.slots {
			if ok && uint32(s.ctx.SSRC()) == ssrc {
				rtpkit.EachNacked(nack, func(seq uint16) bool { s.repeat(seq); return true })
			}
		}
	}
}

func (p *peer) note() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// wait waits until a condition on what was received holds.
func (p *peer) wait(what string, cond func() bool) {
	p.tb.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		ok := cond()
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-p.changed:
		case <-deadline:
			require.FailNow(p.tb, "never came: "+what)
		}
	}
}

// sent counts the RTCP packets for which match is true; only inside of wait.
func (p *peer) sent(match func(rtcp.Packet) bool) (n int) {
	for _, pkt := range p.rtcp {
		if match(pkt) {
			n++
		}
	}
	return n
}

func isPLI(pkt rtcp.Packet) bool { _, ok := pkt.(*rtcp.PictureLossIndication); return ok }

// peerSlot is a sender of the peer; it is its own track.
type peerSlot struct {
	peer *peer
	kind webrtc.RTPCodecType
	ctx  webrtc.TrackLocalContext
	ring *rtpkit.Ring
	seq  uint16
	ts   uint32
	rtx  uint16
	mu   sync.Mutex
	drop func(seq uint16) bool // packets that are lost the first time
	lost int
}

func (s *peerSlot) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	s.ctx = ctx
	return ctx.CodecParameters()[0], nil
}
func (s *peerSlot) Unbind(webrtc.TrackLocalContext) error { return nil }
func (s *peerSlot) ID() string                            { return "slot" }
func (s *peerSlot) RID() string                           { return "" }
func (s *peerSlot) StreamID() string                      { return "server" }
func (s *peerSlot) Kind() webrtc.RTPCodecType             { return s.kind }

// send cuts a sample into packets and sends them as stream num.
func (s *peerSlot) send(num uint32, mime string, data []byte, units uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	params, _ := rtpkit.CodecParameters(mime)
	payloader, err := newPayloader(mime)
	require.NoError(s.peer.tb, err)
	payloads := payloader.Payload(maxPayload, data)
	s.ts += units
	for i, payload := range payloads {
		h := rtp.Header{
			Version: 2, PayloadType: uint8(params.PayloadType), SSRC: uint32(s.ctx.SSRC()), SequenceNumber: s.seq, Timestamp: s.ts,
			CSRC: []uint32{num}, Marker: i == len(payloads)-1 && strings.HasPrefix(mime, "video"),
		}
		s.seq++
		s.ring.Store(&h, payload)
		if s.drop != nil && s.drop(h.SequenceNumber) {
			s.lost++
			continue
		}
		_, err := s.ctx.WriteStream().WriteRTP(&h, payload)
		require.NoError(s.peer.tb, err)
	}
}

// lose makes packets get lost the first time they are sent; forget makes it for ever.
func (s *peerSlot) lose(forget bool, drop func(seq uint16) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop = drop
	if forget {
		s.ring = rtpkit.NewRing(2)
	}
}

// repeat answers a NACK, as RTX for pictures.
func (s *peerSlot) repeat(seq uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	buf := make([]byte, 2000)
	var h rtp.Header
	n, ok := s.ring.Load(seq, &h, buf[2:])
	if !ok {
		return
	}
	payload := buf[2 : 2+n]
	if rtx := uint32(s.ctx.SSRCRetransmission()); rtx != 0 && s.kind == webrtc.RTPCodecTypeVideo {
		payload = buf[:2+n]
		rtpkit.WrapRTX(&h, payload, rtx, h.PayloadType+1, s.rtx)
		s.rtx++
	}
	_, _ = s.ctx.WriteStream().WriteRTP(&h, payload)
}

// pair returns a connected Conn and its peer.
func pair(tb testing.TB, cfg Config) (*Conn, *peer) {
	cfg.Loopback = true
	c, err := New(cfg)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, c.Close()) })
	p := newPeer(tb)
	offer, err := c.Offer()
	require.NoError(tb, err)
	require.NoError(tb, c.Answer(p.answer(offer)))
	waitFor(tb, c.Connected(), "connected")
	waitFor(tb, p.connected, "the peer connected")
	return c, p
}

func waitFor(tb testing.TB, ch <-chan struct{}, what string) {
	tb.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		require.FailNow(tb, "never came: "+what)
	}
}

func ssrcOf(o *Outlet) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return uint32(o.bound.SSRC())
}
