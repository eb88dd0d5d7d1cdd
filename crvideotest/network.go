package crvideotest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Network is a path between clients and a Server that a test can hurt while a call goes on. It relays signalling (TCP,
// with or without TLS) and media (UDP, and TCP where the server offers it), and does nothing else until it is told to.
// Only clients that use its URL or SecureURL go through it.
//
//	srv := crvideotest.NewServer(t)
//	network := srv.Network()
//	client, err := crvideo.New(crvideo.SDKParams{ServerAddr: network.URL()})
//	...
//	network.Cut()
//	network.Media(crvideotest.ToClient, crvideotest.MediaFaults{Loss: 0.1}, "ann")
//
// Where a method takes UIDs, it concerns these users' connections and media, and everybody's if there are none.
// All methods may be called from any goroutine. The path ends with the test.
type Network struct {
	tb       TB
	srv      *Server
	upstream string      // TCP address of the server
	toServer *tls.Config // nil: the server does not speak TLS
	cert     tls.Certificate
	roots    *x509.CertPool
	plain    *gateway
	secure   *gateway
	media    mediaRelay

	end  chan struct{} // closed when the test ends
	work sync.WaitGroup

	ruleMu sync.Mutex // held while a rule looks at a message: one message at a time

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced with every change of what follows
	conns    map[*conn]struct{}
	sessions map[string]string // session -> UID
	frozen   bool
	down     bool
	refusing bool
	stalled  map[string]Direction // by UID, "" is everybody
	delays   [2]time.Duration
	status   int
	stage    Stage
	rules    []*Rule
	taps     []func(Message)
}

// Network returns the path in front of the server, which is made with the first call.
func (s *Server) Network() *Network {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.network == nil {
		n, err := newNetwork(s)
		if err != nil {
			s.tb.Fatalf("crvideotest: network: %v", err)
		}
		s.network = n
	}
	return s.network
}

func newNetwork(s *Server) (*Network, error) {
	n := &Network{
		tb: s.tb, srv: s, upstream: dialable(s.Addr()), end: make(chan struct{}), changed: make(chan struct{}),
		conns: map[*conn]struct{}{}, sessions: map[string]string{}, stalled: map[string]Direction{},
	}
	if s.cfg.CertFile != "" {
		n.toServer = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the test's own server, on this machine
	}
	var err error
	if n.cert, n.roots, err = newCertificate(); err != nil {
		return nil, err
	}
	n.media.init(n)
	n.plain = newGateway(n, n.relay)
	n.secure = newGateway(n, n.relayTLS)
	for _, g := range []*gateway{n.plain, n.secure} {
		if err := g.open(); err != nil {
			n.close()
			return nil, err
		}
	}
	s.tb.Cleanup(n.close)
	return n, nil
}

// dialable is an address on which this machine reaches a listener.
func dialable(addr net.Addr) string {
	ap, err := netip.ParseAddrPort(addr.String())
	if err == nil && ap.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ap.Port()).String()
	}
	return addr.String()
}

// URL is the server's address through the relay, without TLS.
func (n *Network) URL() string { return "ws://" + n.plain.addr + wire.Path }

// SecureURL is the server's address through the relay with TLS, whether the server itself has it or not. Clients need
// TLSConfig for it.
func (n *Network) SecureURL() string { return "wss://" + n.secure.addr + wire.Path }

// TLSConfig is a client's configuration that trusts SecureURL.
func (n *Network) TLSConfig() *tls.Config {
	return &tls.Config{RootCAs: n.roots, MinVersion: tls.VersionTLS12}
}

// Heal takes back every fault: what was stalled, frozen, down or refused goes on, rules are removed and media passes
// unhurt. What was held back passes. Connections that are cut or half open stay so.
func (n *Network) Heal() {
	n.mu.Lock()
	rules := n.rules
	n.mu.Unlock()
	for _, r := range rules {
		r.Remove()
	}
	n.media.heal()
	n.StallAt(Nowhere)
	n.change(func() {
		n.frozen, n.refusing, n.down, n.status = false, false, false, 0
		n.delays = [2]time.Duration{}
		clear(n.stalled)
	})
	n.setPorts()
}

// change makes a change and wakes who waits for it.
func (n *Network) change(fn func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fn()
	close(n.changed)
	n.changed = make(chan struct{})
}

// wait waits for a state of the network, and tells whether it came before end was closed. ok is called locked.
func (n *Network) wait(end <-chan struct{}, ok func() bool) bool {
	for {
		n.mu.Lock()
		good, changed := ok(), n.changed
		n.mu.Unlock()
		if good {
			return true
		}
		select {
		case <-changed:
		case <-end:
			return false
		}
	}
}

// close ends the path and returns when nothing of it is left.
func (n *Network) close() {
	close(n.end)
	for _, g := range []*gateway{n.plain, n.secure} {
		g.shut()
	}
	n.Cut()
	n.media.close()
	n.work.Wait()
}

// ended tells whether the test is over.
func (n *Network) ended() bool {
	select {
	case <-n.end:
		return true
	default:
		return false
	}
}
