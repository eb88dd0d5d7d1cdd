package crvideotest

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCandidatesLeadToTheRelay(t *testing.T) {
	n := NewServer(t).Network()
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = server.Close() }()
	port := server.Addr().(*net.TCPAddr).Port

	sdp := fmt.Sprintf("v=0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n"+
		"a=candidate:2 1 tcp 1671430143 127.0.0.1 %d typ host tcptype passive\r\na=candidate:bad\r\na=mid:0\r\n", port)
	udp, err := n.media.udp(addrPort(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}))
	require.NoError(t, err)
	edited := editCandidates(sdp, n.media.replace)
	tcp := n.media.gateways()[0].addr
	_, tcpPort, err := net.SplitHostPort(tcp)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("v=0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 %d typ host\r\n"+
		"a=candidate:2 1 tcp 1671430143 127.0.0.1 %s typ host tcptype passive\r\na=mid:0\r\n", udp.Port(), tcpPort), edited)
	assert.Equal(t, edited, editCandidates(sdp, n.media.replace), "the same ports each time")

	client, err := net.Dial("tcp4", tcp)
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	behind, err := server.Accept()
	require.NoError(t, err)
	defer func() { _ = behind.Close() }()
	for from, to := range map[net.Conn]net.Conn{client: behind, behind: client} {
		_, err = from.Write([]byte("media"))
		require.NoError(t, err)
		got := make([]byte, 5)
		_, err = io.ReadFull(to, got)
		require.NoError(t, err)
		assert.Equal(t, "media", string(got))
	}
	assert.Zero(t, n.Cut("ann"), "it is nobody's signalling")
	assert.Equal(t, 1, n.Cut())
	_, err = behind.Read(make([]byte, 1))
	require.Error(t, err)
}

func TestOffersLoseTheirCandidates(t *testing.T) {
	const sdp = "v=0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\na=mid:0\r\n"
	assert.Equal(t, "v=0\r\na=mid:0\r\n", editCandidates(sdp, func([]string) bool { return false }))
}
