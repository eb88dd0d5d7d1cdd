package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v5/stdnet"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// How long a silent connection takes to count as disconnected and as failed, and how often it is kept alive.
const (
	iceDisconnected = 2 * time.Second
	iceFailed       = 28 * time.Second
	iceKeepalive    = time.Second // clients check twice as often
	dtlsRetransmit  = 200 * time.Millisecond
	replayWindow    = 1024 // packets; a packet that is repeated as it was may be so late
)

// Config says where an SFU receives its media.
type Config struct {
	// Listen is the UDP address for all media, "host:port". An empty or unspecified host means every address of the
	// machine, port 0 a free one. Empty means "127.0.0.1:0".
	Listen string
	// ListenTCP is the address for media of clients that UDP does not reach, "host:port". Empty means the host and port
	// number of the UDP port, if that is free (a warning is logged if not); "-" means none.
	ListenTCP string
	// PublicIPs are announced to clients in place of the addresses of the machine (which sits behind a 1:1 NAT).
	PublicIPs []string
	// Loudest is how many members are heard at once, by those who do not choose for themselves, when more have a
	// microphone open: the loudest. 0: 8; below 0: everybody.
	Loudest int
	// Logger takes the SFU's logs; nil discards them.
	Logger *slog.Logger
}

// SFU is one media server: one UDP port, one certificate and any number of rooms.
type SFU struct {
	log      *slog.Logger
	mux      ice.UDPMux
	tcp      *tcpListener // nil: none
	tcpMux   ice.TCPMux
	addr     *net.UDPAddr
	settings webrtc.SettingEngine
	cert     webrtc.Certificate
	totals   totals
	loudest  int

	mu     sync.Mutex
	rooms  map[*Room]struct{}
	closed bool
}

// New opens the UDP port and makes the certificate.
func New(cfg Config) (*SFU, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	cert, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("sfu: certificate: %w", err)
	}
	pionLog := slog.New(demoted{cfg.Logger.Handler()})
	s := &SFU{log: cfg.Logger, cert: cert, rooms: make(map[*Room]struct{}), loudest: cfg.Loudest}
	if s.loudest == 0 {
		s.loudest = DefaultLoudest
	}
	if err := s.listen(cfg, pionLog); err != nil {
		return nil, fmt.Errorf("sfu: %w", err)
	}
	if s.settings, err = newSettings(cfg.PublicIPs, s.addr, s.mux, pionLog); err != nil {
		_ = s.mux.Close()
		if s.tcp != nil {
			_ = s.tcp.Close()
		}
		return nil, fmt.Errorf("sfu: public addresses: %w", err)
	}
	if s.tcp != nil {
		s.tcpMux = newTCPMux(s.tcp, pionLog)
		s.settings.SetICETCPMux(s.tcpMux)
		s.settings.SetNetworkTypes([]webrtc.NetworkType{
			webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
		})
	}
	return s, nil
}

func newCertificate() (webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	return *cert, nil
}

func newSettings(publicIPs []string, addr *net.UDPAddr, mux ice.UDPMux, log *slog.Logger) (webrtc.SettingEngine, error) {
	s := rtpkit.NewSettingEngine(addr.IP.IsLoopback(), log)
	s.SetIncludeLoopbackCandidate(addr.IP.IsLoopback() || addr.IP.IsUnspecified())
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	if shared, err := stdnet.NewNet(); err == nil {
		s.SetNet(shared) // else every peer asks the kernel for all interfaces, though the mux knows its addresses
	}
	s.SetICEUDPMux(mux)
	s.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	s.SetDTLSRetransmissionInterval(dtlsRetransmit)
	s.SetDTLSInsecureSkipHelloVerify(true) // ICE has verified the address already
	s.SetSRTPReplayProtectionWindow(replayWindow)
	s.DisableActiveTCP(true)
	s.DisableMediaEngineCopy(true) // every peer has an engine of its own
	if len(publicIPs) == 0 {
		return s, nil
	}
	return s, s.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{
		External: publicIPs, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteReplace,
	})
}

// Addr is the UDP address that media is received on; its IP is unspecified if that is every address of the machine.
func (s *SFU) Addr() net.Addr { return s.addr }

// TCPAddr is the TCP address that media is received on, nil if there is none.
func (s *SFU) TCPAddr() net.Addr {
	if s.tcp == nil {
		return nil
	}
	return s.tcp.Addr()
}

// NewRoom makes an empty room. On a closed SFU the room is closed too.
func (s *SFU) NewRoom() *Room {
	r := newRoom(s)
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.rooms[r] = struct{}{}
	}
	s.mu.Unlock()
	if closed {
		r.Close()
	}
	return r
}

func (s *SFU) forget(r *Room) {
	s.mu.Lock()
	delete(s.rooms, r)
	s.mu.Unlock()
}

func (s *SFU) allRooms() []*Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	rooms := make([]*Room, 0, len(s.rooms))
	for r := range s.rooms {
		rooms = append(rooms, r)
	}
	return rooms
}

// Close closes all rooms with their peers and the port. It may be called more than once.
func (s *SFU) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if !first {
		return nil
	}
	for _, r := range s.allRooms() {
		r.Close()
	}
	var err error
	if s.tcp != nil {
		err = s.tcp.Close() // first: the mux waits for connections that did not say yet whose they are
		_ = s.tcpMux.Close()
	}
	if err = errors.Join(err, s.mux.Close()); err != nil {
		return fmt.Errorf("sfu: close the port: %w", err)
	}
	return nil
}
