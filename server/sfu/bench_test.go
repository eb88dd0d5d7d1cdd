package sfu

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

const fanOut = 50

// BenchmarkForward is one packet of a publisher on its way to 50 subscribers: parsing, counting, keeping, rewriting.
// Without sockets it shows what the SFU itself adds, with sockets (SRTP and the kernel included) what a packet costs.
func BenchmarkForward(b *testing.B) {
	payload := make([]byte, 1000)
	payload[0] = 0x67
	b.Run("without sockets", func(b *testing.B) {
		publisher, _ := newFakeRoom(b, fanOut)
		raw := rtpBytes(b, rtp.Header{PayloadType: 102, SSRC: 1001}, payload)
		seq := uint16(0)
		next := func() {
			binary.BigEndian.PutUint16(raw[2:], seq)
			seq++
			publisher.onRTP(1001, raw)
		}
		for range 2 * videoRing {
			next()
		}
		b.ReportAllocs()
		for b.Loop() {
			next()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/fanOut, "ns/subscriber")
	})
	b.Run("with sockets", func(b *testing.B) {
		r := newTestRoom(b)
		publisher := join(b, r, "publisher", options{})
		for i := range fanOut {
			c := join(b, r, fmt.Sprint(i), options{audio: 1, video: 1})
			c.keepNone.Store(true)
			c.peer.Subscribe(whole(2))
		}
		publisher.publish(2, publisher.cam, "video/H264")
		// as if it came from the network: only the server's work is measured, though the clients' takes the other core
		raw := rtpBytes(b, rtp.Header{PayloadType: 102, SSRC: publisher.cam.ssrc}, payload)
		seq := uint16(0)
		next := func() {
			binary.BigEndian.PutUint16(raw[2:], seq)
			seq++
			publisher.peer.onRTP(publisher.cam.ssrc, raw)
		}
		for range 2 * videoRing {
			next()
		}
		require.NotZero(b, r.sfu.Stats().PacketsOut)
		b.ReportAllocs()
		for b.Loop() {
			next()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/fanOut, "ns/subscriber")
	})
}

// BenchmarkJoin is an offer with the SDK's layout answered, and the peer closed again.
func BenchmarkJoin(b *testing.B) {
	r := newTestRoom(b)
	offer := newClient(b, "c", options{audio: 8, video: 4}).offer(nil)
	b.ReportAllocs()
	for b.Loop() {
		p, _, err := r.Join(context.Background(), PeerConfig{Audio: true}, offer)
		require.NoError(b, err)
		p.Close()
	}
}

// BenchmarkConnect is from the offer to both sides connected.
func BenchmarkConnect(b *testing.B) {
	r := newTestRoom(b)
	for b.Loop() {
		c := newClient(b, "c", options{audio: 8, video: 4})
		c.join(r, options{})
		c.waitState(StateConnected)
		c.waitConnected()
		b.StopTimer()
		c.peer.Close()
		_ = c.pc.GracefulClose()
		b.StartTimer()
	}
}

// TestGoroutinesOfAPeer holds the number of goroutines that a connected peer costs, client included.
func TestGoroutinesOfAPeer(t *testing.T) {
	const peers, most = 10, 28 // two of them wait for TCP
	r := newTestRoom(t)
	join(t, r, "first", options{})
	before := runtime.NumGoroutine()
	for i := range peers {
		join(t, r, fmt.Sprint(i), options{audio: 8, video: 4})
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine()-before <= peers*most }, patience, 10*time.Millisecond,
		"%d goroutines a pair", (runtime.NumGoroutine()-before)/peers)
	t.Logf("%d goroutines a pair of client and peer", (runtime.NumGoroutine()-before)/peers)
}
