package server

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// withSFU uses the real media engine.
func withSFU(cfg *Config) { cfg.engine = nil }

// mediaPeerOf makes a bare peer connection with a microphone and one slot for sound.
func mediaPeerOf(t *testing.T) (*webrtc.PeerConnection, *webrtc.TrackLocalStaticRTP) {
	t.Helper()
	codecs, err := rtpkit.NewMediaEngine()
	require.NoError(t, err)
	settings := rtpkit.NewSettingEngine(true, slog.New(slog.NewTextHandler(io.Discard, nil)))
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, pc.GracefulClose()) })
	mic, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic", "mic")
	require.NoError(t, err)
	_, err = pc.AddTransceiverFromTrack(mic, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	require.NoError(t, err)
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	require.NoError(t, err)
	return pc, mic
}

// enterWithMedia enters a room with a real offer.
func (c *client) enterWithMedia(room int64, pc *webrtc.PeerConnection) {
	c.t.Helper()
	offer, err := pc.CreateOffer(nil)
	require.NoError(c.t, err)
	require.NoError(c.t, pc.SetLocalDescription(offer))
	p := enterParams(room)
	p.Offer = offer.SDP
	var result wire.EnterMeetingResult
	c.must(wire.MethodEnterMeeting, p, &result)
	require.NoError(c.t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: result.Answer}))
}

// TestMediaThroughTheSFU: sound that one member sends after openMic reaches the other, marked with its stream's
// number, and ends with closeMic.
func TestMediaThroughTheSFU(t *testing.T) {
	s := start(t, withSFU)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	room := ann.create(wire.CreateMeetingParams{}).ID
	sender, mic := mediaPeerOf(t)
	receiver, _ := mediaPeerOf(t)
	packets := make(chan *rtp.Packet, 1000)
	receiver.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			select {
			case packets <- p:
			default:
			}
		}
	})
	ann.enterWithMedia(room, sender)
	bob.enterWithMedia(room, receiver)
	stream := ann.openMic()
	bob.next(wire.NotifyMicStatus, nil)

	pace := time.NewTicker(tick)
	defer pace.Stop()
	deadline := time.After(bound)
	var got *rtp.Packet
	for seq := uint16(0); got == nil; seq++ {
		require.NoError(t, mic.WriteRTP(&rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(seq) * 960},
			Payload: []byte("sound of ann"),
		}))
		select {
		case got = <-packets:
		case <-pace.C:
		case <-deadline:
			t.Fatal("nothing is heard")
		}
	}
	assert.Equal(t, "sound of ann", string(got.Payload))
	assert.Equal(t, []uint32{stream.Num}, got.CSRC)
	require.Eventually(t, func() bool { return gather(t, s, "crvideo_media_packets_out_total") > 0 }, bound, tick)
	ann.must(wire.MethodCloseMic, wire.UIDParams{UID: "ann"}, nil)
	assert.Equal(t, wire.StatusClosed, note[wire.MicStatus](bob, wire.NotifyMicStatus).Status)
	assert.Zero(t, s.engine.Stats().Streams)
}

// TestGarbageForTheSFU: what is wrong with an offer is the client's fault, and leaves nothing behind.
func TestGarbageForTheSFU(t *testing.T) {
	s := start(t, withSFU)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	room := ann.create(wire.CreateMeetingParams{}).ID
	pc, _ := mediaPeerOf(t)
	bob.enterWithMedia(room, pc)
	for _, garbage := range []string{"garbage", "v=0", "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "\x00"} {
		p := enterParams(room)
		p.Offer = garbage
		ann.fails(wire.CodeBadParameter, wire.MethodEnterMeeting, p)
		bob.fails(wire.CodeBadParameter, wire.MethodOffer, wire.OfferParams{Offer: garbage})
	}
	bob.fails(wire.CodeBadParameter, wire.MethodOpenMic, wire.OpenMicParams{UID: "bob", Mid: "77", Codec: "audio/opus"})
	bob.openMic()
	bob.quiet()
	assert.Equal(t, 1, s.engine.Stats().Peers)
}
