package rtpkit

import (
	"io"
	"log/slog"
	"net"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"
)

// replayWindow is how many packets late one may be: a packet that is repeated as it was (not as RTX) comes after a
// round trip and more. Pion's own 64 are 100 ms of pictures.
const replayWindow = 1024

// NewSettingEngine returns the settings that client and server share: no mDNS, no waiting before a candidate pair is
// accepted, no DTLS cookie exchange, logs to log. With loopback only loopback addresses (IPv4) are used. A nil log discards.
func NewSettingEngine(loopback bool, log *slog.Logger) webrtc.SettingEngine {
	s := webrtc.SettingEngine{LoggerFactory: NewLoggerFactory(log)}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetHostAcceptanceMinWait(0)
	s.SetSrflxAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.SetRelayAcceptanceMinWait(0)
	// The first section of each kind speaks for the others: all of ours are equal, and browsers' payload types are too.
	// Matching the codecs of every slot's section again is a third of the allocations of a join.
	s.DisableMediaEngineMultipleCodecs(true)
	s.SetDTLSInsecureSkipHelloVerify(true) // ICE has verified the address already; the cookie costs a round trip
	s.SetSRTPReplayProtectionWindow(replayWindow)
	if loopback {
		s.SetIncludeLoopbackCandidate(true)
		s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	}
	return s
}

// Tap hands every decrypted packet of the peer connections made with s to a function, at once and on the goroutine
// that read it from the network, instead of queueing it for TrackRemote and RTPReceiver.Read, which then return
// io.EOF. That costs no goroutine and no megabyte of buffer per stream, delivers retransmissions without waiting for
// the next original packet, and packets of SSRCs that no description declared yet.
//
// The functions must be quick and must not keep the packet. RTCP comes as single packets, once for each destination
// SSRC. Packets of one kind come one after the other, RTP and RTCP may come at the same time. OnTrack must be set
// (a function that does nothing will do) and is called without waiting for a packet.
func Tap(s *webrtc.SettingEngine, onRTP, onRTCP func(ssrc uint32, packet []byte)) {
	s.SetFireOnTrackBeforeFirstRTP(true)
	s.BufferFactory = func(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
		if kind == packetio.RTPBufferPacket {
			return tap{ssrc, onRTP}
		}
		return tap{ssrc, onRTCP}
	}
}

type tap struct {
	ssrc uint32
	fn   func(uint32, []byte)
}

func (t tap) Read([]byte) (int, error) { return 0, io.EOF }

func (t tap) Write(p []byte) (int, error) {
	t.fn(t.ssrc, p)
	return len(p), nil
}

func (t tap) Close() error { return nil }
