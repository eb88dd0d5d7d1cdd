package rtc

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// tcpDelay is how long UDP alone is tried: long enough for a few repeated checks, so that TCP is not chosen for a lost
// packet or a long way.
const tcpDelay = 700 * time.Millisecond

// TCPMode says when media goes by TCP.
type TCPMode int

// The modes.
const (
	TCPAuto TCPMode = iota // when UDP does not connect within 0.7 s
	TCPOnly                // always
	TCPNever
)

func (m TCPMode) networks(loopback bool) []webrtc.NetworkType {
	udp := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	tcp := []webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6}
	if loopback {
		udp, tcp = udp[:1], tcp[:1]
	}
	switch m {
	case TCPOnly:
		return tcp
	case TCPNever:
		return udp
	case TCPAuto:
	}
	return append(udp, tcp...)
}

// candidates takes the candidates out of an answer that are not to be tried yet, and returns those to be tried later.
func (m TCPMode) candidates(sdp string) (now string, later []string) {
	var udp, tcp []string
	lines := strings.SplitAfter(sdp, "\n")
	for _, line := range lines {
		switch f := strings.Fields(line); {
		case len(f) < 3 || !strings.HasPrefix(line, "a=candidate:"):
		case strings.EqualFold(f[2], "tcp"):
			tcp = append(tcp, line)
		default:
			udp = append(udp, line)
		}
	}
	var out []string
	switch {
	case m == TCPOnly:
		out = udp
	case m == TCPNever:
		out = tcp
	case len(udp) > 0: // else there is nothing to wait for
		out = tcp
		for _, line := range tcp {
			later = append(later, strings.TrimPrefix(strings.TrimSpace(line), "a="))
		}
	}
	if len(out) == 0 {
		return sdp, nil
	}
	var b strings.Builder
	for _, line := range lines {
		if len(out) > 0 && line == out[0] {
			out = out[1:]
			continue
		}
		b.WriteString(line)
	}
	return b.String(), later
}

func withoutCandidates(sdp string) string {
	lines := slices.DeleteFunc(strings.SplitAfter(sdp, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "a=candidate:")
	})
	return strings.Join(lines, "")
}

// fallback keeps the server's TCP candidates until it is known that UDP does not connect. So a connection by UDP opens
// no TCP connection, and TCP cannot win a race against it.
type fallback struct {
	mu         sync.Mutex
	candidates []string
	at         time.Time
}

func (f *fallback) arm(candidates []string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.candidates, f.at = candidates, at
}

func (f *fallback) cancel() { f.arm(nil, time.Time{}) }

// due returns the candidates to be tried now, or how long to wait for that (0: there are none).
func (f *fallback) due(now time.Time) (candidates []string, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.candidates) == 0 {
		return nil, 0
	}
	if wait = f.at.Sub(now); wait > 0 {
		return nil, wait
	}
	candidates, f.candidates = f.candidates, nil
	return candidates, 0
}

// fallBack gives the TCP candidates to ICE when it is time. It tells when to look again.
func (c *Conn) fallBack(now time.Time) (next time.Duration) {
	candidates, wait := c.fallback.due(now)
	if c.State() == StateConnected {
		return reportInterval
	}
	for _, candidate := range candidates {
		if err := c.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: candidate}); err != nil {
			c.cfg.Logger.Debug("TCP candidate", "err", err)
		}
	}
	if wait > 0 {
		return wait
	}
	return reportInterval
}

// Transport tells how media goes at the moment: "udp", "tcp", or "" when there is no path.
func (c *Conn) Transport() string {
	select {
	case <-c.connected:
	default:
		return "" // and pion is not safe to be asked yet
	}
	if pair := c.selectedPair(); pair != nil {
		return pair.Local.Protocol.String()
	}
	return ""
}

// selectedPair is the path that media takes, nil if there is none.
func (c *Conn) selectedPair() *webrtc.ICECandidatePair {
	pair, err := c.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil {
		return nil
	}
	return pair
}
