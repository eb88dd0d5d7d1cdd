package rtc

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// BenchmarkConnect is from New to connected, with the default slots, against an answering peer in the same process.
// Compare it with BenchmarkConnectBare.
func BenchmarkConnect(b *testing.B) {
	for b.Loop() {
		c, p := connect(b)
		b.StopTimer()
		require.NoError(b, c.Close())
		require.NoError(b, p.GracefulClose())
		b.StartTimer()
	}
}

func connect(b *testing.B) (*Conn, *webrtc.PeerConnection) {
	c, err := New(Config{Loopback: true})
	require.NoError(b, err)
	offer, err := c.Offer()
	require.NoError(b, err)
	p := newBare(b, func(p *webrtc.PeerConnection) {
		require.NoError(b, p.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}))
		for _, t := range p.GetTransceivers() {
			if t.Direction() == webrtc.RTPTransceiverDirectionSendonly {
				_, err := p.AddTrack(&peerSlot{kind: t.Kind()})
				require.NoError(b, err)
			}
		}
	})
	require.NoError(b, c.Answer(answerBare(b, p)))
	<-c.Connected()
	return c, p
}

// BenchmarkConnectBare is two peer connections of pion with the same settings, one audio and one video track.
func BenchmarkConnectBare(b *testing.B) {
	for b.Loop() {
		a, p := connectBare(b)
		b.StopTimer()
		require.NoError(b, a.GracefulClose())
		require.NoError(b, p.GracefulClose())
		b.StartTimer()
	}
}

func connectBare(b *testing.B) (a, p *webrtc.PeerConnection) {
	connected := make(chan struct{})
	var once sync.Once
	a = newBare(b, func(p *webrtc.PeerConnection) {
		p.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
			if s == webrtc.PeerConnectionStateConnected {
				once.Do(func() { close(connected) })
			}
		})
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			_, err := p.AddTrack(&peerSlot{kind: kind})
			require.NoError(b, err)
		}
	})
	offer, err := a.CreateOffer(nil)
	require.NoError(b, err)
	require.NoError(b, a.SetLocalDescription(offer))
	p = newBare(b, func(p *webrtc.PeerConnection) { require.NoError(b, p.SetRemoteDescription(offer)) })
	require.NoError(b, a.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answerBare(b, p)}))
	<-connected
	return a, p
}

func newBare(b *testing.B, prepare func(*webrtc.PeerConnection)) *webrtc.PeerConnection {
	engine, err := mediaEngine()
	require.NoError(b, err)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(rtpkit.NewSettingEngine(true, nil)),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	cert, err := certificate()
	require.NoError(b, err)
	p, err := api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{*cert}})
	require.NoError(b, err)
	prepare(p)
	return p
}

func answerBare(b *testing.B, p *webrtc.PeerConnection) string {
	answer, err := p.CreateAnswer(nil)
	require.NoError(b, err)
	gathered := webrtc.GatheringCompletePromise(p)
	require.NoError(b, p.SetLocalDescription(answer))
	<-gathered
	return p.LocalDescription().SDP
}

// BenchmarkOffer is what EnterMeeting does before its request can leave.
func BenchmarkOffer(b *testing.B) {
	for b.Loop() {
		c, err := New(Config{Loopback: true})
		require.NoError(b, err)
		_, err = c.Offer()
		require.NoError(b, err)
		b.StopTimer()
		require.NoError(b, c.Close())
		b.StartTimer()
	}
}

// BenchmarkIdle reports what a connected Conn costs on which nothing flows, with the bare peer it is connected to, and
// what the same costs for two bare peers.
func BenchmarkIdle(b *testing.B) {
	const n = 20
	measure := func() (bytes, goroutines float64) {
		time.Sleep(100 * time.Millisecond) // what is left of connecting
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc + m.StackInuse), float64(runtime.NumGoroutine())
	}
	for b.Loop() {
		bytes0, goroutines0 := measure()
		var ends []func() error
		for range n {
			c, p := connect(b)
			ends = append(ends, c.Close, p.GracefulClose)
		}
		bytes1, goroutines1 := measure()
		for range n {
			a, p := connectBare(b)
			ends = append(ends, a.GracefulClose, p.GracefulClose)
		}
		bytes2, goroutines2 := measure()
		b.ReportMetric((bytes1-bytes0)/n/1024, "kB/pair")
		b.ReportMetric((goroutines1-goroutines0)/n, "goroutines/pair")
		b.ReportMetric((bytes2-bytes1)/n/1024, "kB/barepair")
		b.ReportMetric((goroutines2-goroutines1)/n, "goroutines/barepair")
		for _, end := range ends {
			require.NoError(b, end())
		}
	}
}
