package sfu

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// keyRequests counts the PLIs that the client got. c.mu is held.
func (c *client) keyRequests() int {
	n := 0
	for _, p := range c.rtcp {
		if pli, ok := p.(*rtcp.PictureLossIndication); ok && pli.MediaSSRC == c.cam.ssrc {
			n++
		}
	}
	return n
}

func (c *client) awaitKeyRequests(n int) {
	c.t.Helper()
	c.await("key frame request", func() bool { return c.keyRequests() >= n })
}

func TestVideoStartsAtAKeyFrame(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(7, a.cam, "video/H264")
	for i := range 10 {
		a.cam.send(t, h264Delta(numbered("unseen", i)))
	}
	b.peer.Subscribe(whole(7))
	a.awaitKeyRequests(1)
	for i := range 10 {
		a.cam.send(t, h264Delta(numbered("gated", i)))
	}
	a.cam.send(t, h264Key("key"))
	for i := range 30 {
		a.cam.send(t, h264Delta(numbered("seen", i)))
	}
	b.await("31 packets", func() bool { return len(b.of(7)) == 31 })
	assert.Equal(t, h264Key("key"), b.got(7)[0].Payload)
	for i, p := range b.got(7)[1:] {
		require.Equal(t, h264Delta(numbered("seen", i)), p.Payload)
	}
	requireContinuous(t, b, 7)
	f := b.peer.Stats().Forwarded
	require.Len(t, f, 1)
	assert.True(t, f[0].Started)
	assert.EqualValues(t, 31, f[0].Sent.Packets)
	assert.NotZero(t, f[0].Gated)
}

func TestKeyFrameIsAskedForUntilItComes(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(7, a.cam, "video/H264")
	began := time.Now()
	b.peer.Subscribe(whole(7))
	a.awaitKeyRequests(3)
	assert.GreaterOrEqual(t, time.Since(began), 2*keyFrameRetry-50*time.Millisecond)
	a.cam.send(t, h264Key("at last"))
	b.await("key frame", func() bool { return len(b.of(7)) == 1 })
}

func TestLateSubscriberGetsAKeyFrame(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(7, a.cam, "video/H264")
	a.mu.Lock()
	a.onRTCP = func(p rtcp.Packet) {
		if _, ok := p.(*rtcp.PictureLossIndication); ok {
			a.cam.send(t, h264Key("key"))
		}
	}
	a.mu.Unlock()
	b.peer.Subscribe(whole(7))
	b.await("key frame", func() bool { return len(b.of(7)) == 1 })
	late := join(t, r, "late", options{})
	late.peer.Subscribe(whole(7))
	late.await("key frame", func() bool { return len(late.of(7)) >= 1 })
	assert.Equal(t, h264Key("key"), late.got(7)[0].Payload)
}

func TestKeyFrameRequestsAreDeferredNotDropped(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(7, a.cam, "video/H264")
	b.peer.Subscribe(whole(7))
	a.awaitKeyRequests(1)
	first := time.Now()
	a.cam.send(t, h264Key("key"))
	b.await("key frame", func() bool { return len(b.of(7)) == 1 })
	ssrc := b.peer.Stats().Forwarded[0].SSRC
	for range 20 { // within the throttle
		require.NoError(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{SenderSSRC: 5, MediaSSRC: ssrc}}))
	}
	a.awaitKeyRequests(2)
	assert.GreaterOrEqual(t, time.Since(first), keyFrameThrottle-50*time.Millisecond)
	assert.EqualValues(t, 2, a.peer.Stats().Published[0].KeyRequests, "the twenty are one")
}

func TestSlotChangesItsStream(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	c := join(t, r, "c", options{video: 1, audio: -1, noAudio: true})
	a.publish(1, a.cam, "video/H264")
	b.publish(2, b.cam, "video/H264")
	b.cam.time = 77 // clocks of publishers have nothing in common
	want := []uint32{1, 2, 1, 2}
	total := 0
	for _, num := range want {
		c.peer.Subscribe(whole(num))
		from := map[uint32]*client{1: a, 2: b}[num]
		for i := range 20 {
			payload := h264Delta(numbered("x", i))
			if i == 3 {
				payload = h264Key(numbered("x", i))
			}
			from.cam.send(t, payload)
		}
		total += 17
		c.await("17 packets", func() bool { return len(c.rtp) == total })
	}
	requireContinuous(t, c, 1, 2)
	for i, p := range c.rtp {
		assert.Equal(t, want[i/17], p.CSRC[0], "packet %d", i)
		if i%17 == 0 {
			assert.Equal(t, h264Key("x-3"), p.Payload)
		}
	}
}

// Browsers put pictures of VP8 in order by the numbers in their packets, which each publisher counts for itself.
func TestVP8PicturesGoOnCounting(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	c := join(t, r, "c", options{video: 1, audio: -1, noAudio: true})
	d := join(t, r, "d", options{video: 1, audio: -1, noAudio: true}) // has another history
	for num, p := range map[uint32]*client{1: a, 2: b} {
		p.cam.payload = 96
		p.publish(num, p.cam, "video/VP8")
	}
	next := map[*client]rtpkit.VP8Numbers{a: {Picture: 0x7ffa, Base: 250}, b: {Picture: 500, Base: 3}}
	picture := func(from *client, key bool) {
		n := next[from]
		next[from] = rtpkit.VP8Numbers{Picture: (n.Picture + 1) & 0x7fff, Base: n.Base + 1}
		payload := []byte{0x90, 0xc0, 0x80 | byte(n.Picture>>8), byte(n.Picture), n.Base, 0x11, 1, 2}
		if key {
			payload[5] = 0x10
		}
		from.cam.send(t, payload)
	}
	d.peer.Subscribe(whole(2))
	total := 0
	for _, num := range []uint32{1, 2, 1} {
		c.peer.Subscribe(whole(num))
		from := map[uint32]*client{1: a, 2: b}[num]
		for i := range 10 {
			picture(from, i == 3)
		}
		total += 7
		c.await("7 packets", func() bool { return len(c.rtp) == total })
	}
	d.await("7 packets", func() bool { return len(d.rtp) == 7 })
	for _, to := range []*client{c, d} {
		for i, p := range to.rtp {
			if i > 0 {
				last, n := rtpkit.ReadVP8Numbers(to.rtp[i-1].Payload), rtpkit.ReadVP8Numbers(p.Payload)
				assert.Equal(t, (last.Picture+1)&0x7fff, n.Picture, "picture %d", i)
				assert.Equal(t, last.Base+1, n.Base, "picture %d", i)
			}
		}
	}
	last := c.rtp[total-1]
	nack := &rtcp.TransportLayerNack{SenderSSRC: 5, MediaSSRC: last.SSRC, Nacks: []rtcp.NackPair{{PacketID: last.SequenceNumber}}}
	require.NoError(t, c.pc.WriteRTCP([]rtcp.Packet{nack}))
	c.await("the last packet once more", func() bool {
		p := c.rtp[len(c.rtp)-1]
		return p.PayloadType == 97 && len(p.Payload) > 2
	})
	assert.Equal(t, last.Payload, c.rtp[len(c.rtp)-1].Payload[2:], "with the same numbers")
}

func TestCodecsPassThrough(t *testing.T) {
	for _, codec := range []struct {
		mime       string
		pt         uint8
		key, delta []byte
	}{
		{"video/VP8", 96, []byte{0x10, 0x10, 1, 2}, []byte{0x10, 0x11, 1, 2}},
		{"video/VP9", 98, []byte{0x88, 0x12, 0x82}, []byte{0xc8, 0x12, 0x82}},
		{"video/AV1", 45, []byte{0x18, 0x0a, 1}, []byte{0x10, 0x32, 1}},
	} {
		t.Run(strings.TrimPrefix(codec.mime, "video/"), func(t *testing.T) {
			r := newTestRoom(t)
			a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
			a.cam.payload = codec.pt
			a.publish(3, a.cam, codec.mime)
			b.peer.Subscribe(whole(3))
			a.awaitKeyRequests(1)
			a.cam.send(t, codec.delta)
			a.cam.send(t, codec.key)
			a.cam.send(t, codec.delta)
			b.await("two packets", func() bool { return len(b.of(3)) == 2 })
			assert.Equal(t, codec.key, b.got(3)[0].Payload)
			assert.Equal(t, codec.delta, b.got(3)[1].Payload)
			assert.Equal(t, codec.pt, b.got(3)[0].PayloadType)
		})
	}
}

// otherNumbers is an engine that knows only some codecs, by numbers of its own, as browsers do.
func otherNumbers(t *testing.T, mimes ...string) *webrtc.MediaEngine {
	t.Helper()
	m := &webrtc.MediaEngine{}
	fb := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	pt := webrtc.PayloadType(120)
	for _, mime := range mimes {
		fmtp := ""
		if mime == webrtc.MimeTypeH264 {
			fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
		}
		require.NoError(t, m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mime, ClockRate: 90000, SDPFmtpLine: fmtp, RTCPFeedback: fb,
		}}, webrtc.RTPCodecTypeVideo))
		pt++
	}
	require.NoError(t, m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 63, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
	}}, webrtc.RTPCodecTypeAudio))
	return m
}

func TestOtherPayloadTypes(t *testing.T) {
	r := newTestRoom(t)
	a := join(t, r, "a", options{})
	b := join(t, r, "b", options{engine: otherNumbers(t, webrtc.MimeTypeVP8, webrtc.MimeTypeH264)})
	a.publish(3, a.cam, "video/H264")
	a.publish(4, a.mic, "audio/opus")
	b.cam.payload, b.mic.payload = 121, 63
	b.publish(5, b.cam, "video/H264")
	b.publish(6, b.mic, "audio/opus")
	a.peer.Subscribe(whole(5))
	b.peer.Subscribe(whole(3))
	for _, c := range []*client{a, b} {
		c.awaitKeyRequests(1)
		c.cam.send(t, h264Key(c.id))
		c.mic.send(t, []byte(c.id))
	}
	b.await("two packets", func() bool { return len(b.of(3)) == 1 && len(b.of(4)) == 1 })
	a.await("two packets", func() bool { return len(a.of(5)) == 1 && len(a.of(6)) == 1 })
	assert.EqualValues(t, 121, b.got(3)[0].PayloadType)
	assert.EqualValues(t, 63, b.got(4)[0].PayloadType)
	assert.EqualValues(t, 102, a.got(5)[0].PayloadType)
	assert.EqualValues(t, 111, a.got(6)[0].PayloadType)
}

func TestCodecThatASubscriberDoesNotKnow(t *testing.T) {
	r := newTestRoom(t)
	a := join(t, r, "a", options{})
	b := join(t, r, "b", options{engine: otherNumbers(t, webrtc.MimeTypeVP8)})
	c := join(t, r, "c", options{})
	a.publish(3, a.cam, "video/H264")
	b.peer.Subscribe(whole(3))
	assert.Equal(t, 1, b.peer.Stats().Unsupported)
	c.peer.Subscribe(whole(3))
	a.awaitKeyRequests(1)
	a.cam.send(t, h264Key("key"))
	c.await("a packet", func() bool { return len(c.of(3)) == 1 })
	assert.Empty(t, b.peer.Stats().Forwarded)
	assert.Empty(t, b.shortage, "more slots would not help")
	assert.Error(t, b.peer.Publish(stream(9, "video/H264"), "1"), "not negotiated for sending either")
}

func TestWrongCodecIsDroppedAndCounted(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(3, a.cam, "video/H264")
	b.peer.Subscribe(whole(3))
	a.awaitKeyRequests(1)
	a.cam.payload = 96
	a.cam.send(t, []byte{0x10, 0x10, 1, 2})
	a.cam.payload = 102
	a.cam.send(t, h264Key("key"))
	b.await("a packet", func() bool { return len(b.of(3)) == 1 })
	assert.Equal(t, h264Key("key"), b.got(3)[0].Payload)
	assert.EqualValues(t, 1, a.peer.Stats().Dropped)
	assert.EqualValues(t, 1, r.sfu.Stats().Dropped)
}
