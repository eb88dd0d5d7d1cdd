package sfu

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

const patience = 10 * time.Second

// client is a bare pion client that sends made-up packets and keeps what it receives.
type client struct {
	t        testing.TB
	id       string
	api      *webrtc.API
	pc       *webrtc.PeerConnection
	peer     *Peer
	mic, cam *upstream
	states   chan State
	shortage chan [2]int

	once      sync.Once
	connected chan struct{} // closed when the client itself is
	keepNone  atomic.Bool   // received packets are thrown away

	mu      sync.Mutex
	changed chan struct{}
	rtp     []*rtp.Packet // as received, retransmissions too
	rtcp    []rtcp.Packet
	lose    func(*rtp.Packet) bool // true: the packet is lost on its way to this client
	onRTCP  func(rtcp.Packet)
}

// upstream is a track that the test writes packets into.
type upstream struct {
	kind    webrtc.RTPCodecType
	writer  webrtc.TrackLocalWriter
	ssrc    uint32
	rtx     uint32
	seq     uint16
	time    uint32
	mu      sync.Mutex
	sent    map[uint16][]byte
	times   map[uint16]uint32
	rtxSeq  uint16
	lose    func(seq uint16) bool // true: the packet is lost on its way to the server
	payload uint8
}

func (u *upstream) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	u.writer, u.ssrc, u.rtx = c.WriteStream(), uint32(c.SSRC()), uint32(c.SSRCRetransmission())
	return c.CodecParameters()[0], nil
}
func (u *upstream) Unbind(webrtc.TrackLocalContext) error { return nil }
func (u *upstream) ID() string                            { return u.kind.String() }
func (u *upstream) RID() string                           { return "" }
func (u *upstream) StreamID() string                      { return "me" }
func (u *upstream) Kind() webrtc.RTPCodecType             { return u.kind }

// options of a client; the zero value is the layout of the SDK with 3 audio and 3 video slots.
type options struct {
	audio, video int // slots; 0: 3, negative: none
	noAudio      bool
	engine       *webrtc.MediaEngine
	onSlots      func(audio, video int)
}

func newBareClient(t testing.TB, id string, o options) *client {
	t.Helper()
	c := &client{t: t, id: id, changed: make(chan struct{}), connected: make(chan struct{}), states: make(chan State, 64), shortage: make(chan [2]int, 64)}
	engine := o.engine
	if engine == nil {
		var err error
		engine, err = rtpkit.NewMediaEngine()
		require.NoError(t, err)
	}
	settings := rtpkit.NewSettingEngine(true, nil)
	settings.DisableSRTPReplayProtection(true) // what the test loses was received as far as SRTP knows
	rtpkit.Tap(&settings, c.tapRTP, c.tapRTCP)
	c.api = webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := c.api.NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	c.pc = pc
	pc.OnTrack(func(*webrtc.TrackRemote, *webrtc.RTPReceiver) {})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			c.once.Do(func() { close(c.connected) })
		}
	})
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return c
}

// newClient makes a client with the layout of the SDK.
func newClient(t testing.TB, id string, o options) *client {
	t.Helper()
	c := newBareClient(t, id, o)
	c.mic = c.addUpstream(webrtc.RTPCodecTypeAudio, 111)
	c.cam = c.addUpstream(webrtc.RTPCodecTypeVideo, 102)
	if o.audio == 0 {
		o.audio = 3
	}
	if o.video == 0 {
		o.video = 3
	}
	c.addSlots(o.audio, o.video)
	return c
}

func (c *client) addUpstream(kind webrtc.RTPCodecType, pt uint8) *upstream {
	u := newUpstream(kind, pt)
	_, err := c.pc.AddTransceiverFromTrack(u, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	require.NoError(c.t, err)
	return u
}

// newUpstream starts near the wraps of sequence numbers and timestamps.
func newUpstream(kind webrtc.RTPCodecType, pt uint8) *upstream {
	return &upstream{kind: kind, payload: pt, sent: make(map[uint16][]byte), times: make(map[uint16]uint32), seq: 65500, time: 4294960000}
}

func (c *client) addSlots(audio, video int) {
	for range audio {
		_, err := c.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		require.NoError(c.t, err)
	}
	for range video {
		_, err := c.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		require.NoError(c.t, err)
	}
}

func (c *client) offer(o *webrtc.OfferOptions) string {
	c.t.Helper()
	offer, err := c.pc.CreateOffer(o)
	require.NoError(c.t, err)
	require.NoError(c.t, c.pc.SetLocalDescription(offer))
	return offer.SDP
}

func (c *client) answer(sdp string) {
	c.t.Helper()
	require.NoError(c.t, c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}))
}

// join brings the client into the room and waits until both sides are connected.
func join(t testing.TB, r *Room, id string, o options) *client {
	t.Helper()
	c := newClient(t, id, o)
	c.join(r, o)
	c.waitState(StateConnected)
	c.waitConnected()
	return c
}

func (c *client) join(r *Room, o options) {
	c.t.Helper()
	onSlots := o.onSlots
	if onSlots == nil {
		onSlots = func(audio, video int) { c.shortage <- [2]int{audio, video} }
	}
	p, answer, err := r.Join(context.Background(), PeerConfig{
		ID: c.id, Audio: !o.noAudio, OnState: func(s State) { c.states <- s }, OnSlotsNeeded: onSlots,
	}, c.offer(nil))
	require.NoError(c.t, err)
	c.peer = p
	c.t.Cleanup(p.Close)
	c.answer(answer)
}

// renegotiate sends another offer.
func (c *client) renegotiate(o *webrtc.OfferOptions) {
	c.t.Helper()
	answer, err := c.peer.Offer(context.Background(), c.offer(o))
	require.NoError(c.t, err)
	c.answer(answer)
}

func (c *client) waitState(want State) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case s := <-c.states:
			if s == want {
				return
			}
		case <-deadline:
			require.FailNow(c.t, "state did not come", "%s: %s", c.id, want)
		}
	}
}

func (c *client) waitConnected() {
	c.t.Helper()
	select {
	case <-c.connected:
	case <-time.After(patience):
		require.FailNow(c.t, "client did not connect", c.id)
	}
}

func (c *client) tapRTP(_ uint32, raw []byte) {
	if c.keepNone.Load() {
		return
	}
	p := &rtp.Packet{}
	if p.Unmarshal(slices.Clone(raw)) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lose == nil || !c.lose(p) {
		c.rtp = append(c.rtp, p)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *client) tapRTCP(_ uint32, raw []byte) {
	packets, err := rtcp.Unmarshal(slices.Clone(raw))
	if err != nil {
		return
	}
	c.mu.Lock()
	c.rtcp = append(c.rtcp, packets...)
	fn := c.onRTCP
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	for _, p := range packets {
		if fn != nil {
			fn(p)
		}
	}
}

// await waits until ok is true of what the client has received. ok is called with the lock held.
func (c *client) await(what string, ok func() bool) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		if ok() {
			c.mu.Unlock()
			return
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(c.t, "did not come", "%s: %s", c.id, what)
		}
	}
}

// of returns the packets of a stream, retransmissions left out. c.mu is held.
func (c *client) of(num uint32) []*rtp.Packet {
	var out []*rtp.Packet
	for _, p := range c.rtp {
		if len(p.CSRC) == 1 && p.CSRC[0] == num && p.PayloadType != 103 && p.PayloadType != 97 {
			out = append(out, p)
		}
	}
	return out
}

// got is of for those who do not hold the lock.
func (c *client) got(num uint32) []*rtp.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(num)
}

// publish opens a camera or microphone.
func (c *client) publish(num uint32, u *upstream, codec string) {
	c.t.Helper()
	mid := "0"
	if u == c.cam {
		mid = "1"
	}
	require.NoError(c.t, c.peer.Publish(wire.Stream{Num: num, Codec: codec}, mid))
}

// send writes one packet and returns its sequence number.
func (u *upstream) send(t testing.TB, payload []byte) uint16 {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	seq := u.seq
	u.seq++
	u.time += 960
	u.sent[seq], u.times[seq] = payload, u.time
	if u.lose != nil && u.lose(seq) {
		return seq
	}
	_, err := u.writer.WriteRTP(&rtp.Header{
		Version: 2, PayloadType: u.payload, SequenceNumber: seq, Timestamp: u.time, SSRC: u.ssrc, Marker: true,
	}, payload)
	require.NoError(t, err)
	return seq
}

func h264Key(s string) []byte   { return append([]byte{0x67}, s...) }
func h264Delta(s string) []byte { return append([]byte{0x41}, s...) }

func numbered(prefix string, i int) string { return fmt.Sprintf("%s-%d", prefix, i) }

func newSFU(t testing.TB) *SFU {
	t.Helper()
	s, err := New(Config{Listen: "127.0.0.1:0", Loudest: -1}) // what is sent is what is received
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func newTestRoom(t testing.TB) *Room { t.Helper(); return newSFU(t).NewRoom() }

func stream(num uint32, codec string) wire.Stream { return wire.Stream{Num: num, Codec: codec} }

// whole wishes for streams as large as they are.
func whole(nums ...uint32) []Wish {
	wishes := make([]Wish, 0, len(nums))
	for _, num := range nums {
		wishes = append(wishes, Wish{Num: num})
	}
	return wishes
}
