package whep

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// Payload types of the test's viewer: not those of the codec table.
const (
	viewerH264, viewerH264RTX = 120, 121
	viewerVP8                 = 122
	viewerOpus                = 110
)

func viewerAPI(t *testing.T, mux webrtc.SettingEngine) *webrtc.API {
	t.Helper()
	m := &webrtc.MediaEngine{}
	register := func(mime string, kind webrtc.RTPCodecType, pt webrtc.PayloadType, fmtp string, rate uint32, channels uint16) {
		require.NoError(t, m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mime, ClockRate: rate, Channels: channels, SDPFmtpLine: fmtp,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}},
		}}, kind))
	}
	video, audio := webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio
	register(webrtc.MimeTypeVP8, video, viewerVP8, "", 90000, 0)
	register(webrtc.MimeTypeH264, video, viewerH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 90000, 0)
	register(webrtc.MimeTypeRTX, video, viewerH264RTX, "apt=120", 90000, 0)
	register(webrtc.MimeTypeOpus, audio, viewerOpus, "minptime=10;useinbandfec=1", 48000, 2)
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(mux), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
}

// watch connects a viewer to the endpoint.
func watch(t *testing.T, endpoint string, settings webrtc.SettingEngine) (v *testViewer, resource string) {
	t.Helper()
	pc, err := viewerAPI(t, settings).NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = pc.GracefulClose() })
	v = &testViewer{pc: pc, video: make(chan *rtp.Packet, 1000), audio: make(chan *rtp.Packet, 1000), ssrc: make(chan webrtc.SSRC, 1)}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		_, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		require.NoError(t, err)
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		into := v.audio
		if track.Kind() == webrtc.RTPCodecTypeVideo {
			into = v.video
			v.ssrc <- track.SSRC()
		}
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			into <- p
		}
	})
	offer, err := pc.CreateOffer(nil)
	require.NoError(t, err)
	require.NoError(t, pc.SetLocalDescription(offer))
	response := post(t, endpoint, "application/sdp", offer.SDP)
	require.Equal(t, http.StatusCreated, response.status, response.body)
	require.NoError(t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: response.body}))
	assert.Contains(t, response.body, "a=ssrc-group:FID ", "repeated packets have their own stream")
	assert.Contains(t, response.body, "a=candidate:", "the answer carries all candidates")
	return v, response.location
}

type reply struct {
	status         int
	body, location string // location is absolute
}

func post(t *testing.T, url, contentType, body string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", contentType)
	return do(t, r)
}

func do(t *testing.T, r *http.Request) reply {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(r)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	out := reply{status: response.StatusCode, body: string(body)}
	if location, err := response.Location(); err == nil {
		out.location = location.String()
	}
	return out
}

// serve runs a Handler whose viewers are given up soon.
func serve(t *testing.T, src Source, disconnected, failed time.Duration) (*Handler, string) {
	t.Helper()
	h := newHandler(src, nil)
	h.setup(disconnected, failed, 200*time.Millisecond)
	server := httptest.NewServer(http.StripPrefix("/rooms/1", h))
	t.Cleanup(server.Close)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h, server.URL + "/rooms/1/whep"
}

func loopback() webrtc.SettingEngine { return rtpkit.NewSettingEngine(true, nil) }

func receive(t *testing.T, from chan *rtp.Packet) *rtp.Packet {
	t.Helper()
	select {
	case p := <-from:
		return p
	case <-time.After(patience):
		require.Fail(t, "no packet")
		return nil
	}
}

func wished(t *testing.T, track *fakeTrack) {
	t.Helper()
	select {
	case <-track.wishes:
	case <-time.After(patience):
		require.Fail(t, "no key frame was asked for")
	}
}

func TestForward(t *testing.T) {
	src := newFakeSource()
	_, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())

	video, audio := newFakeTrack(webrtc.MimeTypeH264), newFakeTrack(webrtc.MimeTypeOpus)
	src.video <- video
	src.audio <- audio

	// a picture starts at a key frame, which is asked for
	video.send(t, makePacket(65530, 1000, payload(h264Delta, 1)))
	wished(t, video)
	video.send(t, makePacket(65531, 4000, payload(h264Delta, 2)))
	for i := range uint32(10) { // across the wrap of sequence numbers
		kind := h264Delta
		if i == 0 {
			kind = h264Key
		}
		video.send(t, makePacket(uint16(65532+i), 7000+3000*i, payload(kind, 100+i)))
		audio.send(t, makePacket(uint16(i), 960*i, payload(opusFrame, 200+i)))
	}
	first := receive(t, v.video)
	assert.Equal(t, payload(h264Key, 100), first.Payload)
	assert.EqualValues(t, viewerH264, first.PayloadType, "the browser's own number")
	last := first
	for i := range uint32(9) {
		p := receive(t, v.video)
		assert.Equal(t, payload(h264Delta, 101+i), p.Payload)
		assert.Equal(t, last.SequenceNumber+1, p.SequenceNumber)
		assert.Equal(t, last.Timestamp+3000, p.Timestamp)
		assert.Equal(t, (65533+i)%2 == 0, p.Marker)
		assert.Empty(t, p.CSRC)
		assert.False(t, p.Extension)
		last = p
	}
	for i := range uint32(10) {
		p := receive(t, v.audio)
		assert.Equal(t, payload(opusFrame, 200+i), p.Payload)
		assert.EqualValues(t, viewerOpus, p.PayloadType)
		assert.Empty(t, p.CSRC)
	}
}

func TestSwitchOfTrackAndCodec(t *testing.T) {
	src := newFakeSource()
	_, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())

	one, two := newFakeTrack(webrtc.MimeTypeH264), newFakeTrack(webrtc.MimeTypeVP8)
	src.video <- one
	one.send(t, makePacket(100, 5000, payload(h264Key, 1)))
	before := receive(t, v.video)

	close(one.ended)
	src.video <- two
	two.send(t, makePacket(40000, 4_000_000_000, payload(vp8Key, 2)))
	after := receive(t, v.video)
	<-one.closed
	assert.Equal(t, payload(vp8Key, 2), after.Payload)
	assert.EqualValues(t, viewerVP8, after.PayloadType)
	assert.Equal(t, before.SequenceNumber+1, after.SequenceNumber, "sequence numbers go on")
	step := after.Timestamp - before.Timestamp
	assert.Positive(t, step)
	assert.Less(t, step, uint32(patience.Seconds()*rtpkit.VideoClockRate), "timestamps go on with the clock")
}

func TestUnknownCodecIsPassedOver(t *testing.T) {
	src := newFakeSource()
	_, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())

	strange, known := newFakeTrack(webrtc.MimeTypeAV1), newFakeTrack(webrtc.MimeTypeVP8)
	src.video <- strange
	strange.send(t, makePacket(1, 1, []byte{0x18, 1, 2, 3, 4, 5}))
	close(strange.ended)
	src.video <- known
	known.send(t, makePacket(1, 1, payload(vp8Key, 9)))
	assert.Equal(t, payload(vp8Key, 9), receive(t, v.video).Payload)
}

func TestFeedback(t *testing.T) {
	src := newFakeSource()
	_, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())
	video := newFakeTrack(webrtc.MimeTypeH264)
	src.video <- video
	video.send(t, makePacket(1, 3000, payload(h264Key, 1)))
	first := receive(t, v.video)
	ssrc := uint32(<-v.ssrc)

	// lost packets are repeated, and read as what they were
	require.NoError(t, v.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
		MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{first.SequenceNumber}),
	}}))
	// pion hands repeated packets over when the next ordinary one comes
	seq := uint16(1)
	until(t, "the repeated packet", func() bool {
		seq++
		video.send(t, makePacket(seq, 3000*uint32(seq), payload(h264Delta, uint32(seq))))
		p := receive(t, v.video)
		if p.SequenceNumber != first.SequenceNumber {
			return false
		}
		assert.Equal(t, first.Payload, p.Payload)
		assert.Equal(t, first.Timestamp, p.Timestamp)
		return true
	})

	// the wish for a key frame reaches the source
	require.Empty(t, video.wishes)
	require.NoError(t, v.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}))
	wished(t, video)
	require.NoError(t, v.pc.WriteRTCP([]rtcp.Packet{&rtcp.FullIntraRequest{
		MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc, SequenceNumber: 1}},
	}}))
	wished(t, video)
}

func TestSenderReports(t *testing.T) {
	src := newFakeSource()
	_, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())
	audio := newFakeTrack(webrtc.MimeTypeOpus)
	src.audio <- audio
	audio.send(t, makePacket(1, 960, payload(opusFrame, 1)))
	receive(t, v.audio)
	var receiver *webrtc.RTPReceiver
	for _, r := range v.pc.GetReceivers() {
		if r.Track().Kind() == webrtc.RTPCodecTypeAudio {
			receiver = r
		}
	}
	require.NoError(t, receiver.SetReadDeadline(time.Now().Add(patience)))
	packets, _, err := receiver.ReadRTCP()
	require.NoError(t, err)
	report, ok := packets[0].(*rtcp.SenderReport)
	require.True(t, ok, "%T", packets[0])
	assert.EqualValues(t, 1, report.PacketCount)
	assert.EqualValues(t, len(opusFrame)+4, report.OctetCount)
}
