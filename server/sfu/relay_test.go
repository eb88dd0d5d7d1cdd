package sfu

import (
	"net"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// relay stands between a client and the server's UDP port, as a NAT does.
type relay struct {
	t      testing.TB
	inside *net.UDPConn // towards clients
	server *net.UDPAddr
	dead   atomic.Bool // everything is lost

	mu      sync.Mutex
	outside map[string]*net.UDPConn // by the client's address
	wg      sync.WaitGroup
}

func newRelay(t testing.TB, s *SFU) *relay {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	r := &relay{t: t, inside: conn, server: s.addr, outside: map[string]*net.UDPConn{}}
	r.wg.Go(r.run)
	t.Cleanup(func() {
		_ = conn.Close()
		r.rebind()
		r.wg.Wait()
	})
	return r
}

func (r *relay) run() {
	buf := make([]byte, 2000)
	for {
		n, from, err := r.inside.ReadFromUDP(buf)
		if err != nil {
			return
		}
		if r.dead.Load() {
			continue
		}
		if out := r.out(from); out != nil {
			_, _ = out.Write(buf[:n])
		}
	}
}

func (r *relay) out(client *net.UDPAddr) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if out := r.outside[client.String()]; out != nil {
		return out
	}
	out, err := net.DialUDP("udp4", nil, r.server)
	if err != nil {
		return nil
	}
	r.outside[client.String()] = out
	r.wg.Go(func() {
		buf := make([]byte, 2000)
		for {
			n, err := out.Read(buf)
			if err != nil {
				return
			}
			if !r.dead.Load() {
				_, _ = r.inside.WriteToUDP(buf[:n], client)
			}
		}
	})
	return out
}

// rebind makes the server see other addresses from now on.
func (r *relay) rebind() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for client, out := range r.outside {
		_ = out.Close()
		delete(r.outside, client)
	}
}

var udpCandidate = regexp.MustCompile(`(?i)(a=candidate:\S+ \d udp \d+ 127\.0\.0\.1 )\d+`)

var candidateLine = regexp.MustCompile(`(?m)^a=candidate:.*\r?\n`)

// unknown takes the client's addresses out of an offer, which may have some: the server would find a way beside the relay.
func (r *relay) unknown(offer string) string { return candidateLine.ReplaceAllString(offer, "") }

// through makes an answer lead to the relay.
func (r *relay) through(answer string) string {
	port := r.inside.LocalAddr().(*net.UDPAddr).Port
	return udpCandidate.ReplaceAllString(answer, "${1}"+strconv.Itoa(port))
}
