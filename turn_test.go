package crvideo_test

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/pion/turn/v5"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// countedConn counts the datagrams that come to a TURN server.
type countedConn struct {
	net.PacketConn
	datagrams atomic.Int64
}

func (c *countedConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(p)
	c.datagrams.Add(1)
	return n, from, err
}

// turnServer is a TURN server on loopback, and how to use it.
func turnServer(t *testing.T) (*countedConn, webrtc.ICEServer) {
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	counted := &countedConn{PacketConn: udp}
	s, err := turn.NewServer(turn.ServerConfig{
		Realm: "test",
		AuthHandler: func(a *turn.RequestAttributes) (string, []byte, bool) {
			return a.Username, turn.GenerateAuthKey(a.Username, a.Realm, "turn password"), true
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn:            counted,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"},
		}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return counted, webrtc.ICEServer{URLs: []string{"turn:" + udp.LocalAddr().String() + "?transport=udp"}, Username: "ann", Credential: "turn password"}
}

func TestMediaThroughTURN(t *testing.T) {
	relay, ice := turnServer(t)
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.ICEServers, p.RelayOnly = []webrtc.ICEServer{ice}, true })
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	bob := entered(t, srv, "bob", room.ID)
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
	assert.Greater(t, relay.datagrams.Load(), int64(20), "media went another way")
}
