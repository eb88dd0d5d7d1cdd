package sfu

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

const header = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
	"a=fingerprint:sha-256 0F:74:31:25:CB:A2:13:EC:28:6F:6D:2C:61:FF:5D:C2:BC:B9:DB:3D:98:14:8D:1A:BB:EA:33:0C:A4:60:A8:8E\r\n" +
	"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n"

func audioLine(mid, rest string) string {
	return "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:" + mid + "\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n" + rest
}

// badOffers are refused by Join and by Offer.
func badOffers() map[string]string {
	lines := func(n int, line func(i int) string) string {
		var b strings.Builder
		b.WriteString(header)
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	return map[string]string{
		"empty":              "",
		"not SDP":            "hello",
		"binary":             "\x00\xff\xfe v=0",
		"no media":           header,
		"cut":                (header + audioLine("0", ""))[:len(header)+30],
		"enormous":           header + audioLine("0", "") + strings.Repeat("a=x\r\n", wire.MaxSDPBytes),
		"enormous line":      header + audioLine("0", "a=x:"+strings.Repeat("y", wire.MaxSDPBytes)),
		"thousands of lines": lines(5000, func(i int) string { return fmt.Sprintf("m=audio 9 RTP 1\r\na=mid:%d\r\n", i) })[:wire.MaxSDPBytes],
		"too many lines":     lines(maxMediaLines+1, func(i int) string { return fmt.Sprintf("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:%d\r\n", i) }),
		"no mid":             header + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
		"mid twice":          header + audioLine("0", "") + audioLine("0", ""),
		"long mid":           header + audioLine(strings.Repeat("m", 17), ""),
		"unknown kind":       header + "m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:0\r\n",
		"many SSRCs":         header + audioLine("0", lines(17, func(i int) string { return fmt.Sprintf("a=ssrc:%d cname:x\r\n", i+1) })[len(header):]),
		"many attributes":    header + audioLine("0", strings.Repeat("a=x\r\n", 1025)),
		"many formats":       header + "m=audio 9 UDP/TLS/RTP/SAVPF" + strings.Repeat(" 111", 129) + "\r\na=mid:0\r\n",
		"no fingerprint":     "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n" + audioLine("0", ""),
		"no credentials":     strings.ReplaceAll(header, "a=ice-", "a=nice-") + audioLine("0", ""),
	}
}

func TestBadOffersLeaveNothingBehind(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	before := runtime.NumGoroutine()
	for name, sdp := range badOffers() {
		t.Run(name, func(t *testing.T) {
			_, _, err := r.Join(context.Background(), PeerConfig{ID: name}, sdp)
			requireCode(t, wire.CodeBadParameter, err)
			_, err = a.peer.Offer(context.Background(), sdp)
			requireCode(t, wire.CodeBadParameter, err)
		})
	}
	assert.Equal(t, 2, r.sfu.Stats().Peers)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() < before+len(badOffers()) }, patience, 10*time.Millisecond,
		"less than one a bad offer: the connected ones may have started some in between")
	a.mic.send(t, []byte("undisturbed"))
	b.await("a packet", func() bool { return len(b.of(1)) == 1 })
	a.addSlots(1, 0)
	a.renegotiate(nil)
	assert.Equal(t, 4, a.peer.Stats().AudioSlots, "good offers work after bad ones")
}

func TestOtherLayouts(t *testing.T) {
	r := newTestRoom(t)
	a := join(t, r, "a", options{})
	a.publish(1, a.mic, "audio/opus")
	a.publish(2, a.cam, "video/H264")
	// as browsers do: a camera that is also a slot, before a microphone that is one, and a data channel
	c := newBareClient(t, "page", options{})
	c.cam = c.addTwoWay(webrtc.RTPCodecTypeVideo, 102)
	c.mic = c.addTwoWay(webrtc.RTPCodecTypeAudio, 111)
	_, err := c.pc.CreateDataChannel("data", nil)
	require.NoError(t, err)
	c.join(r, options{})
	c.waitState(StateConnected)
	c.waitConnected()
	c.peer.Subscribe(whole(2))
	s := c.peer.Stats()
	assert.Equal(t, [2]int{1, 1}, [2]int{s.AudioSlots, s.VideoSlots})
	require.NoError(t, c.peer.Publish(stream(3, "video/H264"), c.transceiver(c.cam).Mid()))
	require.NoError(t, c.peer.Publish(stream(4, "audio/opus"), c.transceiver(c.mic).Mid()))
	a.peer.Subscribe(whole(3))
	for _, x := range []*client{a, c} {
		x.awaitKeyRequests(1)
		x.mic.send(t, []byte(x.id))
		x.cam.send(t, h264Key(x.id))
	}
	c.await("both", func() bool { return len(c.of(1)) == 1 && len(c.of(2)) == 1 })
	a.await("both", func() bool { return len(a.of(3)) == 1 && len(a.of(4)) == 1 })
}

func (c *client) addTwoWay(kind webrtc.RTPCodecType, pt uint8) *upstream {
	u := newUpstream(kind, pt)
	_, err := c.pc.AddTrack(u)
	require.NoError(c.t, err)
	return u
}

func (c *client) transceiver(u *upstream) *webrtc.RTPTransceiver {
	for _, tr := range c.pc.GetTransceivers() {
		if tr.Sender() != nil && tr.Sender().Track() == webrtc.TrackLocal(u) {
			return tr
		}
	}
	return nil
}

// TestRecordedOffers joins with offers of real browsers, in testdata/offers.
func TestRecordedOffers(t *testing.T) {
	files, err := filepath.Glob("testdata/offers/*.sdp")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			sdp, err := os.ReadFile(file)
			require.NoError(t, err)
			r := newTestRoom(t)
			p, answer, err := r.Join(context.Background(), PeerConfig{}, string(sdp))
			require.NoError(t, err)
			assert.Contains(t, answer, "a=candidate:")
			if filepath.Base(file) == "chromium.sdp" {
				assert.Contains(t, answer, "a=simulcast:recv q;h;f")
				assert.Contains(t, answer, rtpkit.LayerURIs[0])
			} else {
				assert.NotContains(t, answer, "simulcast")
			}
			s := p.Stats()
			assert.Equal(t, [2]int{2, 2}, [2]int{s.AudioSlots, s.VideoSlots})
			for _, slot := range p.slots {
				for _, mime := range []string{"video/h264", "video/vp8", "video/vp9", "video/av1"} {
					if slot.kind == webrtc.RTPCodecTypeVideo {
						assert.NotZero(t, slot.payloads[mime].main, mime)
						assert.NotZero(t, slot.payloads[mime].rtx, mime)
					}
				}
				t.Log(slot.mid, slot.payloads)
			}
			require.NoError(t, p.Publish(stream(1, "audio/opus"), "0"))
			require.NoError(t, p.Publish(stream(2, "video/H264"), "1"))
			require.NoError(t, p.Publish(stream(3, "video/VP8"), "4"))
			p.Close()
		})
	}
}

func TestAnswerHasCandidatesOfTheOnePort(t *testing.T) {
	r := newTestRoom(t)
	_, answer, err := r.Join(context.Background(), PeerConfig{}, newClient(t, "a", options{}).offer(nil))
	require.NoError(t, err)
	_, port, _ := strings.Cut(r.sfu.Addr().String(), ":")
	assert.Contains(t, answer, " 127.0.0.1 "+port+" typ host")
	assert.NotContains(t, answer, "a=ice-lite")
	assert.NotContains(t, answer, "cryptex")
	assert.Contains(t, answer, "a=end-of-candidates")
}

func TestPublicIPs(t *testing.T) {
	s, err := New(Config{Listen: "127.0.0.1:0", PublicIPs: []string{"203.0.113.7"}})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, answer, err := s.NewRoom().Join(context.Background(), PeerConfig{}, newClient(t, "a", options{}).offer(nil))
	require.NoError(t, err)
	assert.Contains(t, answer, " 203.0.113.7 ")
	assert.NotContains(t, answer, " 127.0.0.1 ")
}

func TestAllInterfaces(t *testing.T) {
	s, err := New(Config{Listen: ":0"})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	r := s.NewRoom()
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	a.mic.send(t, []byte("x"))
	b.await("a packet", func() bool { return len(b.of(1)) == 1 })
	_, err = New(Config{Listen: s.Addr().String()})
	require.Error(t, err, "the port is taken")
	_, err = New(Config{Listen: "nonsense"})
	require.Error(t, err)
}
