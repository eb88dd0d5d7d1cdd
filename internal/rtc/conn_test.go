package rtc

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestStatesInOrderAndClose(t *testing.T) {
	before := goleak.IgnoreCurrent()
	var mu sync.Mutex
	var states []State
	c, err := New(Config{Loopback: true, OnState: func(s State) {
		mu.Lock()
		defer mu.Unlock()
		states = append(states, s)
	}})
	require.NoError(t, err)
	assert.Equal(t, StateNew, c.State())
	p := newPeer(t)
	offer, err := c.Offer()
	require.NoError(t, err)
	require.NoError(t, c.Answer(p.answer(offer)))
	waitFor(t, c.Connected(), "connected")
	assert.Equal(t, StateConnected, c.State())
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	require.NoError(t, p.pc.GracefulClose())
	goleak.VerifyNone(t, before)
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, StateClosed, states[len(states)-1])
	for i := 1; i < len(states); i++ {
		assert.Greater(t, states[i], states[i-1], "%v", states)
	}
	_, err = c.Offer()
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, c.Answer(""), ErrClosed)
	_, err = c.Grow(1, 1)
	require.ErrorIs(t, err, ErrClosed)
}

func TestCloseWithoutNegotiation(t *testing.T) {
	before := goleak.IgnoreCurrent()
	c, err := New(Config{Loopback: true})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	c, err = New(Config{Loopback: true})
	require.NoError(t, err)
	_, err = c.Offer()
	require.NoError(t, err)
	require.NoError(t, c.Close())
	goleak.VerifyNone(t, before)
}

func TestOfferLayout(t *testing.T) {
	for _, tc := range []struct {
		cfg          Config
		audio, video int
	}{{Config{}, 8, 4}, {Config{AudioSlots: 1, VideoSlots: 2}, 1, 2}, {Config{AudioSlots: -1, VideoSlots: -1}, 0, 0}} {
		tc.cfg.Loopback = true
		c, err := New(tc.cfg)
		require.NoError(t, err)
		offer, err := c.Offer()
		require.NoError(t, err)
		var got []string
		sd := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}
		parsed, err := sd.Unmarshal()
		require.NoError(t, err)
		for _, m := range parsed.MediaDescriptions {
			line := m.MediaName.Media
			for _, dir := range []string{"sendonly", "recvonly", "sendrecv", "inactive"} {
				if _, ok := m.Attribute(dir); ok {
					line += " " + dir
				}
			}
			got = append(got, line)
		}
		want := []string{"audio sendonly", "video sendonly"}
		for range tc.audio {
			want = append(want, "audio recvonly")
		}
		for range tc.video {
			want = append(want, "video recvonly")
		}
		assert.Equal(t, want, got)
		t.Logf("offer with %d slots: %d bytes", tc.audio+tc.video, len(offer))
		require.NoError(t, c.Close())
	}
}

func TestGrowAddsSlots(t *testing.T) {
	c, p := pair(t, Config{AudioSlots: 1, VideoSlots: 1})
	ctx := reading(t)
	old := c.AddStream(1, "video/H264").Samples(0)
	p.video()[0].send(1, "video/H264", frame("video/H264", 0, 2000, true), 3000)
	_, err := old.Read(ctx)
	require.NoError(t, err)
	require.NoError(t, c.Mic().Start("audio/opus", nil))

	offer, err := c.Grow(2, 3)
	require.NoError(t, err)
	answer := p.answer(offer)
	require.Len(t, p.audio(), 3)
	require.Len(t, p.video(), 4)
	// the server sends in the new slot before its answer has come
	p.video()[3].send(2, "video/VP8", frame("video/VP8", 1, 2000, true), 3000)
	early := c.AddStream(2, "video/VP8").Samples(0)
	got, err := early.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("video/VP8", 1, 2000, true), got.Data)
	require.NoError(t, c.Answer(answer))

	for i, slot := range p.video() {
		num := uint32(10 + i)
		slot.send(num, "video/H264", frame("video/H264", i, 2000, true), 3000)
		got, err := c.AddStream(num, "video/H264").Samples(0).Read(ctx)
		require.NoError(t, err)
		require.Equal(t, frame("video/H264", i, 2000, true), got.Data)
	}
	p.video()[0].send(1, "video/H264", frame("video/H264", 1, 2000, false), 3000)
	got, err = old.Read(ctx)
	require.NoError(t, err, "the old stream goes on")
	require.Equal(t, frame("video/H264", 1, 2000, false), got.Data)

	slot := p.video()[3] // loss in a new slot is repaired too
	lost := slot.seq + 1
	slot.lose(false, func(seq uint16) bool { return seq == lost })
	slot.send(2, "video/VP8", frame("video/VP8", 2, 4000, true), 3000)
	got, err = early.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("video/VP8", 2, 4000, true), got.Data)

	require.NoError(t, c.Mic().WriteSample(Sample{Data: frame("audio/opus", 1, 40, false), Duration: 20 * time.Millisecond}))
	ssrc := ssrcOf(c.Mic())
	p.wait("the microphone, still", func() bool { return len(p.in[ssrc]) == 1 })
}

func TestBadAnswer(t *testing.T) {
	c, err := New(Config{Loopback: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Offer()
	require.NoError(t, err)
	require.Error(t, c.Answer("nonsense"))
}

func TestGarbagePacketsAreIgnored(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	r := c.AddStream(1, "video/H264").Samples(0)
	slot := p.video()[0]
	w := slot.ctx.WriteStream()
	for i, payload := range [][]byte{{}, {0}, {0x7c}, {0x78, 9}, {0x67}} {
		h := rtp.Header{Version: 2, PayloadType: 102, SSRC: uint32(slot.ctx.SSRC()), SequenceNumber: slot.seq, CSRC: []uint32{1}, Marker: i%2 == 0}
		slot.seq++
		_, err := w.WriteRTP(&h, payload)
		require.NoError(t, err)
	}
	h := rtp.Header{Version: 2, PayloadType: 102, SSRC: uint32(slot.ctx.SSRC()), SequenceNumber: slot.seq} // of no stream
	slot.seq++
	_, err := w.WriteRTP(&h, []byte{0x67, 1})
	require.NoError(t, err)
	slot.send(1, "video/H264", frame("video/H264", 1, 2000, true), 3000)
	got, err := r.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, frame("video/H264", 1, 2000, true), got.Data)
}

func TestServerEndsTheConnection(t *testing.T) {
	states := make(chan State, 10)
	c, p := pair(t, Config{OnState: func(s State) { states <- s }})
	require.NoError(t, c.Mic().Start("audio/opus", nil))
	require.NoError(t, p.pc.Close())
	deadline := time.After(patience)
	for s := StateNew; s != StateClosed; {
		select {
		case s = <-states:
		case <-deadline:
			require.FailNow(t, "the end was not seen")
		}
	}
	require.NoError(t, c.Mic().WriteSample(Sample{Data: []byte{8, 1}}), "dropped, like before the connection")
	assert.NotZero(t, c.Mic().Stats().Dropped)
}
