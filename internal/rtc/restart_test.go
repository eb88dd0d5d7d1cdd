package rtc

import (
	"net"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRestartForgetsTheOldPath holds that what pion tells late of the path that Restart gave up counts neither as a
// path nor against the way by TCP.
func TestRestartForgetsTheOldPath(t *testing.T) {
	c, p := pair(t, Config{})
	require.Eventually(t, func() bool { return c.State() == StateConnected }, patience, time.Millisecond)

	offer, err := c.Restart()
	require.NoError(t, err)
	assert.Equal(t, StateConnecting, c.State(), "at once")
	c.stateChanged() // to pion it may be connected still
	assert.Equal(t, StateConnecting, c.State())
	assert.Empty(t, c.Transport())

	dead, err := net.ListenPacket("udp4", "127.0.0.1:0") // nobody reads from it
	require.NoError(t, err)
	defer func() { _ = dead.Close() }()
	port := strconv.Itoa(dead.LocalAddr().(*net.UDPAddr).Port)
	const tcp = "a=candidate:9 1 tcp 1671430143 127.0.0.1 9 typ host tcptype passive\r\n"
	answer := regexp.MustCompile(`(?m)^(a=candidate:\S+ \d udp \d+ \S+ )\d+`).ReplaceAllString(p.answer(withoutCandidates(offer)), "${1}"+port)
	require.NoError(t, c.Answer(answer+tcp))
	c.stateChanged()
	candidates, wait := c.fallback.due(time.Now())
	assert.Empty(t, candidates)
	assert.Positive(t, wait, "TCP is to be tried")
}
