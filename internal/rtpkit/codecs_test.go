package rtpkit

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMediaEngineOffersTheTable(t *testing.T) {
	m, err := NewMediaEngine()
	require.NoError(t, err)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(NewSettingEngine(true, nil)),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	defer func() { require.NoError(t, pc.GracefulClose()) }()
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		_, err = pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		require.NoError(t, err)
	}
	offer, err := pc.CreateOffer(nil)
	require.NoError(t, err)
	assert.Contains(t, offer.SDP, " 102 103 96 97 98 99 45 46\r\n")
	for _, line := range []string{
		"rtpmap:102 H264/90000", "fmtp:103 apt=102", "rtpmap:96 VP8/90000", "fmtp:97 apt=96", "rtpmap:98 VP9/90000", "fmtp:99 apt=98",
		"rtpmap:45 AV1/90000", "fmtp:46 apt=45", "rtpmap:111 opus/48000/2", "fmtp:111 minptime=10;useinbandfec=1",
		"fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		"rtcp-fb:102 nack pli", "rtcp-fb:102 ccm fir", "urn:ietf:params:rtp-hdrext:sdes:mid",
	} {
		assert.Contains(t, offer.SDP, line)
	}
	assert.NotContains(t, offer.SDP, "goog-remb")
}

func TestCodecLookups(t *testing.T) {
	p, ok := CodecParameters("VIDEO/h264")
	require.True(t, ok)
	assert.EqualValues(t, 102, p.PayloadType)
	p.RTCPFeedback[0].Type = "changed"
	again, _ := CodecParameters(webrtc.MimeTypeH264)
	assert.Equal(t, "nack", again.RTCPFeedback[0].Type, "the caller's copy is its own")
	_, ok = CodecParameters("video/H265")
	assert.False(t, ok)
	_, ok = CodecParameters("video/rtx")
	assert.False(t, ok)

	p, rtx, ok := ByPayloadType(97)
	assert.True(t, ok && rtx)
	assert.Equal(t, webrtc.MimeTypeVP8, p.MimeType)
	p, rtx, ok = ByPayloadType(111)
	assert.True(t, ok && !rtx)
	assert.Equal(t, webrtc.MimeTypeOpus, p.MimeType)
	_, _, ok = ByPayloadType(0)
	assert.False(t, ok)

	negotiated := []webrtc.RTPCodecParameters{
		{PayloadType: 120, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "video/VP8"}},
		{PayloadType: 121, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "video/rtx", SDPFmtpLine: "apt=120"}},
		{PayloadType: 12, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "video/H264"}},
	}
	pt, ok := PayloadType(negotiated, "video/vp8")
	assert.True(t, ok)
	assert.EqualValues(t, 120, pt)
	assert.EqualValues(t, 121, RTXPayloadType(negotiated, 120))
	assert.Zero(t, RTXPayloadType(negotiated, 12), "12 is a beginning of 120, but not it")
	_, ok = PayloadType(negotiated, "video/AV1")
	assert.False(t, ok)
}

func TestLoggerLevels(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	l := NewLoggerFactory(log).NewLogger("ice")
	l.Info("info")
	l.Warnf("warning %d", 1)
	l.Errorf("error %d %%", 2)
	assert.NotContains(t, out.String(), "info\"")
	assert.NotContains(t, out.String(), "warning")
	assert.Contains(t, out.String(), `level=WARN msg="error 2 %" pion=ice`)
	NewLoggerFactory(nil).NewLogger("x").Error("goes nowhere")
}
