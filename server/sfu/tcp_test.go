package sfu

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtc"
)

func deadRelay(s **relay) func(*SFU) *relay {
	return func(f *SFU) *relay {
		*s = newRelay((*s).t, f)
		(*s).dead.Store(true)
		return *s
	}
}

// awaitTransport waits until media goes by udp or tcp. The states may tell of the old path once more after a restart.
func awaitTransport(t *testing.T, c *rtc.Conn, want string) {
	t.Helper()
	require.Eventually(t, func() bool { return c.State() == rtc.StateConnected && c.Transport() == want }, patience, 5*time.Millisecond, want)
}

func TestTCPWhenUDPIsBlocked(t *testing.T) {
	rl := &relay{t: t}
	start := time.Now()
	_, b, ofA, ofB := pairOfSDKs(t, deadRelay(&rl), rtc.Config{})
	t.Logf("both ways after %v", time.Since(start))
	assert.Equal(t, "tcp", b.conn.Transport())
	assert.Less(t, time.Since(start), 4*time.Second)
	ofA.next(50)
	ofB.next(50)

	rl.dead.Store(false) // and back to UDP
	b.restart()
	awaitTransport(t, b.conn, "udp")
	ofA.next(50)
	ofB.next(50)
}

func TestRestartFromUDPToTCP(t *testing.T) {
	var rl *relay
	_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { rl = newRelay(t, s); return rl }, rtc.Config{})
	assert.Equal(t, "udp", b.conn.Transport())
	rl.dead.Store(true)
	start := time.Now()
	await(t, b.states, rtc.StateDisconnected)
	b.restart()
	awaitTransport(t, b.conn, "tcp")
	t.Logf("noticed, restarted and by TCP after %v", time.Since(start))
	ofA.next(50)
	ofB.next(50)
}

func TestTCPOnly(t *testing.T) {
	start := time.Now()
	_, b, ofA, ofB := pairOfSDKs(t, func(*SFU) *relay { return nil }, rtc.Config{TCP: rtc.TCPOnly})
	t.Logf("both ways after %v", time.Since(start))
	assert.Equal(t, "tcp", b.conn.Transport())
	b.restart()
	await(t, b.states, rtc.StateConnected)
	assert.Equal(t, "tcp", b.conn.Transport())
	ofA.next(50)
	ofB.next(50)
}

func TestTCPNotTouchedWhileUDPWorks(t *testing.T) {
	s := newSFU(t)
	c := joinSDK(t, s.NewRoom(), newRelay(t, s), 1, rtc.Config{})
	await(t, c.states, rtc.StateConnected)
	time.Sleep(time.Second) // past the time when TCP would be tried
	s.tcp.mu.Lock()
	defer s.tcp.mu.Unlock()
	assert.Empty(t, s.tcp.conns)
	assert.Equal(t, "udp", c.conn.Transport())
}

func TestTCPAddresses(t *testing.T) {
	s := newSFU(t)
	assert.Equal(t, s.Addr().String(), s.TCPAddr().String())
	for _, listen := range []string{"127.0.0.1:0", tcpNone} {
		other, err := New(Config{Listen: "127.0.0.1:0", ListenTCP: listen})
		require.NoError(t, err)
		if listen == tcpNone {
			assert.Nil(t, other.TCPAddr())
		} else {
			assert.NotEqual(t, other.Addr().String(), other.TCPAddr().String())
		}
		require.NoError(t, other.Close())
	}
	_, err := New(Config{Listen: "127.0.0.1:0", ListenTCP: s.TCPAddr().String()})
	require.ErrorContains(t, err, "TCP")

	c := newClient(t, "c", options{})
	p, answer, err := s.NewRoom().Join(context.Background(), PeerConfig{ID: "c"}, c.offer(nil))
	require.NoError(t, err)
	defer p.Close()
	lower := strings.ToLower(answer)
	assert.Less(t, strings.LastIndex(lower, " udp "), strings.Index(lower, " tcp "))
	assert.Contains(t, answer, "tcptype passive")
}

// TestTCPSilentConnections holds that closing does not wait for who connected and said nothing.
func TestTCPSilentConnections(t *testing.T) {
	s := newSFU(t)
	conn, err := net.Dial("tcp", s.TCPAddr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.Eventually(t, func() bool { s.tcp.mu.Lock(); defer s.tcp.mu.Unlock(); return len(s.tcp.conns) == 1 }, patience, time.Millisecond)
	start := time.Now()
	require.NoError(t, s.Close())
	assert.Less(t, time.Since(start), time.Second)
}

// TestTCPClientThatDoesNotRead holds that writing to it neither blocks nor grows.
func TestTCPClientThatDoesNotRead(t *testing.T) {
	l, err := listenTCP("127.0.0.1:0", nil)
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	accepted, err := l.Accept()
	require.NoError(t, err)
	conn := accepted.(*tcpConn)

	frame := func(n int, first byte) []byte {
		f := make([]byte, 2+n)
		f[0], f[1], f[2] = byte(n>>8), byte(n), first
		return f
	}
	start := time.Now()
	for range 20000 { // 24 MB
		_, err := conn.Write(frame(1200, 0x80))
		require.NoError(t, err)
		require.LessOrEqual(t, queued(conn), tcpQueue)
	}
	assert.Less(t, time.Since(start), 5*time.Second)
	assert.NotZero(t, conn.dropped)
	t.Logf("20000 frames in %v, %d dropped", time.Since(start), conn.dropped)

	go func() { _, _ = io.Copy(io.Discard, client) }() // it reads again: what is left arrives
	require.Eventually(t, func() bool { return queued(conn) == 0 }, patience, time.Millisecond)
	_, err = conn.Write(frame(100, 0x80))
	require.NoError(t, err)
}

func TestTCPHopelessClientIsClosed(t *testing.T) {
	l, err := listenTCP("127.0.0.1:0", nil)
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	conn, err := l.Accept()
	require.NoError(t, err)
	for range 1 << 20 { // sound is not dropped
		if _, err = conn.Write(make([]byte, 402)); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, io.ErrClosedPipe)
	l.mu.Lock()
	defer l.mu.Unlock()
	assert.Empty(t, l.conns)
}

func queued(c *tcpConn) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}
