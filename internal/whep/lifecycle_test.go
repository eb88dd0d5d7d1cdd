package whep

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// connected waits until packets flow, and returns the track that they come from.
func connected(t *testing.T, src *fakeSource, v *testViewer) *fakeTrack {
	t.Helper()
	track := newFakeTrack(webrtc.MimeTypeOpus)
	src.audio <- track
	track.send(t, makePacket(1, 960, payload(opusFrame, 1)))
	receive(t, v.audio)
	return track
}

func gone(t *testing.T, h *Handler, track *fakeTrack) {
	t.Helper()
	select {
	case <-track.closed:
	case <-time.After(patience):
		require.Fail(t, "the track was not closed")
	}
	require.Eventually(t, func() bool { return h.Viewers() == 0 }, patience, 5*time.Millisecond)
}

func TestDelete(t *testing.T) {
	src := newFakeSource()
	h, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, resource := watch(t, endpoint, loopback())
	require.True(t, strings.HasPrefix(resource, endpoint+"/"), "%s", resource)
	track := connected(t, src, v)
	assert.Equal(t, 1, h.Viewers())

	assert.Equal(t, http.StatusNotFound, request(t, http.MethodDelete, endpoint+"/nobody").status)
	assert.Equal(t, http.StatusMethodNotAllowed, request(t, http.MethodPatch, resource).status)
	assert.Equal(t, 1, h.Viewers())
	assert.Equal(t, http.StatusOK, request(t, http.MethodDelete, resource).status)
	gone(t, h, track)
	assert.Equal(t, http.StatusNotFound, request(t, http.MethodDelete, resource).status)
}

func TestViewerThatLeaves(t *testing.T) {
	src := newFakeSource()
	h, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())
	track := connected(t, src, v)
	require.NoError(t, v.pc.Close())
	gone(t, h, track)
}

func TestViewerThatVanishes(t *testing.T) {
	src := newFakeSource()
	h, endpoint := serve(t, src, 300*time.Millisecond, 300*time.Millisecond)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	settings := loopback()
	mux := webrtc.NewICEUDPMux(nil, socket)
	settings.SetICEUDPMux(mux)
	v, _ := watch(t, endpoint, settings)
	track := connected(t, src, v)
	require.NoError(t, socket.Close()) // no goodbye
	gone(t, h, track)
	_ = mux.Close()
}

func TestViewerThatNeverConnects(t *testing.T) {
	src := newFakeSource()
	h, endpoint := serve(t, src, iceDisconnected, iceFailed)
	h.connectTimeout = 100 * time.Millisecond
	reply := post(t, endpoint, "application/sdp", offer(t, webrtc.RTPTransceiverDirectionRecvonly))
	require.Equal(t, http.StatusCreated, reply.status)
	require.Eventually(t, func() bool { return h.Viewers() == 0 }, patience, 5*time.Millisecond)
}

func TestLimit(t *testing.T) {
	src := newFakeSource()
	h, endpoint := serve(t, src, iceDisconnected, iceFailed)
	h.maxViewers = 2
	sdp := offer(t, webrtc.RTPTransceiverDirectionRecvonly)
	for range 3 { // what is refused takes no place
		require.Equal(t, http.StatusBadRequest, post(t, endpoint, "application/sdp", "v=0\r\n").status)
	}
	first := post(t, endpoint, "application/sdp", sdp)
	require.Equal(t, http.StatusCreated, first.status)
	require.Equal(t, http.StatusCreated, post(t, endpoint, "application/sdp", sdp).status)
	refused := post(t, endpoint, "application/sdp", sdp)
	assert.Equal(t, http.StatusServiceUnavailable, refused.status)
	assert.Equal(t, "too many viewers at the moment\n", refused.body)

	require.Equal(t, http.StatusOK, request(t, http.MethodDelete, first.location).status)
	require.Eventually(t, func() bool { return h.Viewers() == 1 }, patience, 5*time.Millisecond)
	assert.Equal(t, http.StatusCreated, post(t, endpoint, "application/sdp", sdp).status)
}

func TestClose(t *testing.T) {
	src := newFakeSource()
	h, endpoint := serve(t, src, iceDisconnected, iceFailed)
	v, _ := watch(t, endpoint, loopback())
	track := connected(t, src, v)
	require.NoError(t, h.Close())
	assert.Zero(t, h.Viewers())
	select {
	case <-track.closed:
	default:
		assert.Fail(t, "Close returned before the track was closed")
	}
	refused := post(t, endpoint, "application/sdp", offer(t, webrtc.RTPTransceiverDirectionRecvonly))
	assert.Equal(t, http.StatusServiceUnavailable, refused.status)
	require.NoError(t, h.Close())
}

func TestBadOffers(t *testing.T) {
	h, endpoint := serve(t, newFakeSource(), iceDisconnected, iceFailed)
	good := offer(t, webrtc.RTPTransceiverDirectionRecvonly)
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"no type":         {"", good, http.StatusUnsupportedMediaType},
		"JSON":            {"application/json", good, http.StatusUnsupportedMediaType},
		"text":            {"text/plain", good, http.StatusUnsupportedMediaType}, // with these three a foreign page needs no permission
		"more than text":  {"text/plain;application/sdp", good, http.StatusUnsupportedMediaType},
		"a form":          {"multipart/form-data; boundary=x", good, http.StatusUnsupportedMediaType},
		"empty":           {"application/sdp", "", http.StatusBadRequest},
		"garbage":         {"application/sdp", "v=0\r\nGET / HTTP/1.1", http.StatusBadRequest},
		"no media":        {"application/sdp", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", http.StatusBadRequest},
		"half":            {"application/sdp", good[:len(good)/2], http.StatusBadRequest},
		"a publisher":     {"application/sdp", offer(t, webrtc.RTPTransceiverDirectionSendonly), http.StatusBadRequest},
		"giant":           {"application/sdp", strings.Repeat("a", 1<<20), http.StatusRequestEntityTooLarge},
		"with parameters": {"application/sdp; charset=utf-8", good, http.StatusCreated},
	} {
		t.Run(name, func(t *testing.T) {
			reply := post(t, endpoint, c.contentType, c.body)
			assert.Equal(t, c.status, reply.status, reply.body)
			assert.NotEmpty(t, reply.body)
		})
	}
	assert.Equal(t, 1, h.Viewers(), "only the good one")
}

// offer makes the offer of a viewer that will not come.
func offer(t *testing.T, direction webrtc.RTPTransceiverDirection) string {
	t.Helper()
	pc, err := viewerAPI(t, loopback()).NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	defer func() { require.NoError(t, pc.GracefulClose()) }()
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: direction})
	require.NoError(t, err)
	sdp, err := pc.CreateOffer(nil)
	require.NoError(t, err)
	return sdp.SDP
}

func request(t *testing.T, method, url string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	return do(t, r)
}
