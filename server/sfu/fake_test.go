package sfu

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// fakeWriter takes the place of a transport.
type fakeWriter struct {
	packets int
	last    rtp.Header
	check   func(h *rtp.Header, payload []byte)
}

func (w *fakeWriter) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.packets++
	w.last = *h
	if w.check != nil {
		w.check(h, payload)
	}
	return len(payload), nil
}

func (w *fakeWriter) Write(b []byte) (int, error) { return len(b), nil }

// fakeLevel is the ID of the header extension with the level of sound.
const fakeLevel = 5

func fakeCodecs(t testing.TB) (codecs []webrtc.RTPCodecParameters) {
	t.Helper()
	for _, mime := range []string{webrtc.MimeTypeH264, webrtc.MimeTypeVP8, webrtc.MimeTypeVP9, webrtc.MimeTypeAV1, webrtc.MimeTypeOpus} {
		c, ok := rtpkit.CodecParameters(mime)
		require.True(t, ok)
		codecs = append(codecs, c)
		if mime != webrtc.MimeTypeOpus {
			codecs = append(codecs, webrtc.RTPCodecParameters{PayloadType: c.PayloadType + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, SDPFmtpLine: fmt.Sprintf("apt=%d", c.PayloadType),
			}})
		}
	}
	return codecs
}

func newEmptyFakeRoom() *Room {
	return newRoom(&SFU{log: slog.New(slog.DiscardHandler), rooms: map[*Room]struct{}{}, loudest: DefaultLoudest})
}

// newFakePeer makes a peer without a transport: it may send sound as 1000 and pictures as 1001, and has so many slots.
func newFakePeer(r *Room, id string, codecs []webrtc.RTPCodecParameters, audio, video int) (p *Peer, writers []*fakeWriter) {
	p = &Peer{
		room: r, log: r.sfu.log, done: make(chan struct{}), uplinks: map[string]*uplink{}, assigned: map[*track]*slot{},
		video: map[uint32]int{}, sources: map[uint32]*source{}, strangers: map[uint32]struct{}{}, cfg: PeerConfig{ID: id, Audio: true},
	}
	p.tracks.Store(new([]*track))
	p.live.Store(true)
	l := &layout{bySSRC: map[uint32]origin{}, byMid: map[string]*uplink{}, slots: map[uint32]*slot{}, midExt: 1, levelExt: fakeLevel}
	for i, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		u := &uplink{mid: fmt.Sprint(i), kind: kind}
		u.payloads.Store(newPayloadTable(codecs))
		p.uplinks[u.mid] = u
		l.add(u, []layerLine{{ssrcs: []uint32{uint32(1000 + i), uint32(2000 + i)}}})
	}
	p.layout.Store(l)
	for j := range audio + video {
		kind := webrtc.RTPCodecTypeAudio
		if j >= audio {
			kind = webrtc.RTPCodecTypeVideo
		}
		w := &fakeWriter{}
		s := newSlot(p, fmt.Sprint(j+2), kind)
		s.payloads = slotPayloads(codecs)
		s.writer, s.ready, s.usable = w, true, true
		s.ssrc, s.rtxSSRC = uint32(3000+j), uint32(4000+j)
		s.header.SSRC = s.ssrc
		p.slots = append(p.slots, s)
		l.slots[s.ssrc] = s
		writers = append(writers, w)
	}
	members := append(*r.members.Load(), p)
	r.members.Store(&members)
	return p, writers
}

// newFakeRoom makes a room with a publisher and n subscribers without transports. Nothing runs in it.
func newFakeRoom(t testing.TB, n int) (publisher *Peer, writers []*fakeWriter) {
	t.Helper()
	r, codecs := newEmptyFakeRoom(), fakeCodecs(t)
	for i := range n {
		p, w := newFakePeer(r, fmt.Sprint(i), codecs, 1, 1)
		writers = append(writers, w...)
		p.Subscribe(whole(2))
	}
	publisher, _ = newFakePeer(r, "", codecs, 0, 0)
	require.NoError(t, publisher.Publish(stream(1, "audio/opus"), "0"))
	require.NoError(t, publisher.Publish(stream(2, "video/H264"), "1"))
	return publisher, writers
}

func rtpBytes(t testing.TB, h rtp.Header, payload []byte) []byte {
	t.Helper()
	h.Version = 2
	b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	require.NoError(t, err)
	return b
}
