package sfu

import (
	"encoding/binary"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

// bottleneck stands between one client and the server and lets so many bit/s through, with a queue of half a second
// (more is lost), as a cheap router does.
type bottleneck struct {
	up, down throttle
	conn     *net.UDPConn
	wg       sync.WaitGroup
}

type throttle struct {
	mu    sync.Mutex
	bps   int       // 0: any
	free  time.Time // when the queue is empty
	queue chan delayed
}

type delayed struct {
	data []byte
	at   time.Time
}

const (
	bottleneckQueue = 500 * time.Millisecond
	datagramExtra   = 28 // bytes of IP and UDP
)

func (l *throttle) set(bps int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bps = bps
}

func (l *throttle) put(data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	if l.free.Sub(now) > bottleneckQueue {
		return
	}
	if l.bps > 0 {
		l.free = l.free.Add(time.Duration(len(data)+datagramExtra) * 8 * time.Second / time.Duration(l.bps))
	}
	select {
	case l.queue <- delayed{append([]byte(nil), data...), l.free}:
	default:
	}
}

// run hands out what has passed.
func (l *throttle) run(done <-chan struct{}, out func([]byte)) {
	for {
		select {
		case q := <-l.queue:
			if wait := time.Until(q.at); wait > 0 {
				select {
				case <-time.After(wait):
				case <-done:
					return
				}
			}
			out(q.data)
		case <-done:
			return
		}
	}
}

func newBottleneck(t testing.TB, s *SFU) *bottleneck {
	t.Helper()
	local := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	inside, err := net.ListenUDP("udp4", local)
	require.NoError(t, err)
	outside, err := net.DialUDP("udp4", nil, s.addr)
	require.NoError(t, err)
	n := &bottleneck{conn: inside}
	n.up.queue, n.down.queue = make(chan delayed, 4096), make(chan delayed, 4096)
	done := make(chan struct{})
	var mu sync.Mutex
	var client *net.UDPAddr
	n.wg.Go(func() { n.up.run(done, func(b []byte) { _, _ = outside.Write(b) }) })
	n.wg.Go(func() {
		n.down.run(done, func(b []byte) {
			mu.Lock()
			to := client
			mu.Unlock()
			if to != nil {
				_, _ = inside.WriteToUDP(b, to)
			}
		})
	})
	n.wg.Go(func() {
		buf := make([]byte, 2000)
		for {
			size, from, err := inside.ReadFromUDP(buf)
			if err != nil {
				return
			}
			mu.Lock()
			client = from
			mu.Unlock()
			n.up.put(buf[:size])
		}
	})
	n.wg.Go(func() {
		buf := make([]byte, 2000)
		for {
			size, err := outside.Read(buf)
			if err != nil {
				return
			}
			n.down.put(buf[:size])
		}
	})
	t.Cleanup(func() {
		close(done)
		_ = inside.Close()
		_ = outside.Close()
		n.wg.Wait()
	})
	return n
}

// through makes an answer lead to the bottleneck.
func (n *bottleneck) through(answer string) string {
	port := n.conn.LocalAddr().(*net.UDPAddr).Port
	return udpCandidate.ReplaceAllString(answer, "${1}"+strconv.Itoa(port))
}

// sendNumbered is send with a number for the transport.
func (u *upstream) sendNumbered(t testing.TB, ext uint8, number uint16, payload []byte) {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	h := &rtp.Header{Version: 2, PayloadType: u.payload, SequenceNumber: u.seq, Timestamp: u.time, SSRC: u.ssrc}
	require.NoError(t, h.SetExtension(ext, binary.BigEndian.AppendUint16(nil, number)))
	u.seq++
	u.time += 960
	_, err := u.writer.WriteRTP(h, payload)
	require.NoError(t, err)
}
