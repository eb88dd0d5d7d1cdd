package server

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// candidates gives "protocol address port" of each candidate in the answer to a member who enters with media.
func candidates(t *testing.T, s *Server) []string {
	t.Helper()
	c := login(t, s, "ann")
	pc, _ := mediaPeerOf(t)
	offer, err := pc.CreateOffer(nil)
	require.NoError(t, err)
	p := enterParams(c.create(wire.CreateMeetingParams{}).ID)
	p.Offer = offer.SDP
	var result wire.EnterMeetingResult
	c.must(wire.MethodEnterMeeting, p, &result)
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: result.Answer}
	_, err = answer.Unmarshal()
	require.NoError(t, err)
	var found []string
	for line := range strings.Lines(result.Answer) {
		if f := strings.Fields(line); len(f) > 5 && strings.HasPrefix(line, "a=candidate:") && f[1] == "1" {
			found = append(found, strings.Join([]string{strings.ToLower(f[2]), f[4], f[5]}, " "))
		}
	}
	return found
}

func portOf(t *testing.T, addr net.Addr) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr.String())
	require.NoError(t, err)
	return port
}

// TestMediaOnOnePort: answers offer the same port number on UDP and, behind it, on TCP, without being told to.
func TestMediaOnOnePort(t *testing.T) {
	s := start(t, withSFU)
	port := portOf(t, s.MediaAddr())
	assert.Equal(t, port, portOf(t, s.MediaTCPAddr()))
	assert.Equal(t, []string{"udp 127.0.0.1 " + port, "tcp 127.0.0.1 " + port}, candidates(t, s))
}

func TestMediaTCPAddr(t *testing.T) {
	s := start(t, withSFU, func(cfg *Config) { cfg.MediaTCPAddr = "127.0.0.1:0" })
	assert.Equal(t, []string{"udp 127.0.0.1 " + portOf(t, s.MediaAddr()), "tcp 127.0.0.1 " + portOf(t, s.MediaTCPAddr())}, candidates(t, s))
	_, err := New(Config{Addr: "127.0.0.1:0", MediaTCPAddr: s.MediaTCPAddr().String()})
	require.ErrorContains(t, err, "TCP", "what is asked for by name must be there")
}

func TestNoMediaByTCP(t *testing.T) {
	s := start(t, withSFU, func(cfg *Config) { cfg.MediaTCPAddr = NoMediaTCP })
	assert.Nil(t, s.MediaTCPAddr())
	assert.Equal(t, []string{"udp 127.0.0.1 " + portOf(t, s.MediaAddr())}, candidates(t, s))
}

// TestMediaNextToSignalling: where signalling has the TCP port of the number that media has on UDP, it keeps it.
func TestMediaNextToSignalling(t *testing.T) {
	probe, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := probe.LocalAddr().String()
	require.NoError(t, probe.Close())
	s := start(t, withSFU, func(cfg *Config) { cfg.Addr, cfg.MediaAddr = addr, addr })
	assert.Equal(t, addr, s.Addr().String())
	assert.Nil(t, s.MediaTCPAddr())
	assert.Equal(t, []string{"udp 127.0.0.1 " + portOf(t, s.MediaAddr())}, candidates(t, s))
}

// TestPublicIPs: behind a 1:1 NAT clients are told its address, with the ports of the machine.
func TestPublicIPs(t *testing.T) {
	s := start(t, withSFU, func(cfg *Config) { cfg.PublicIPs = []string{"192.0.2.7"} })
	port := s.MediaAddr().(*net.UDPAddr).Port
	assert.Equal(t, []string{fmt.Sprint("udp 192.0.2.7 ", port), "tcp 192.0.2.7 " + strconv.Itoa(port)}, candidates(t, s))

	_, err := New(Config{Addr: "127.0.0.1:0", PublicIPs: []string{"example.com"}})
	require.ErrorContains(t, err, "PublicIPs")
}
