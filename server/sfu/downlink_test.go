package sfu

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// adaptive is a camera that sends as many bytes as it is allowed.
type adaptive struct {
	conn *rtc.Conn
	peer *Peer
	wg   sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{}
	bps     int
}

const adaptiveMost = 1_500_000

// newAdaptive joins a client of the SDK whose camera follows what it is told.
func newAdaptive(t *testing.T, r *Room, num uint32, n *bottleneck) *adaptive {
	t.Helper()
	conn, err := rtc.New(rtc.Config{Loopback: true})
	require.NoError(t, err)
	a := &adaptive{conn: conn, changed: make(chan struct{}), bps: adaptiveMost}
	t.Cleanup(func() { _ = conn.Close(); a.wg.Wait() })
	offer, err := conn.Offer()
	require.NoError(t, err)
	p, answer, err := r.Join(context.Background(), PeerConfig{ID: "adaptive", Audio: true}, offer)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	a.peer = p
	require.NoError(t, conn.Answer(n.through(answer)))
	select {
	case <-conn.Connected():
	case <-time.After(patience):
		require.FailNow(t, "not connected")
	}
	if num == 0 {
		return a
	}
	key := make(chan struct{}, 1)
	key <- struct{}{}
	require.NoError(t, conn.Camera().Start("video/H264", func() {
		select {
		case key <- struct{}{}:
		default:
		}
	}))
	conn.Camera().Adapt(adaptiveMost, a.tell)
	require.NoError(t, p.Publish(stream(num, "video/H264"), conn.Camera().Mid()))
	a.wg.Go(func() { a.run(key) })
	return a
}

func (a *adaptive) tell(bps int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bps = bps
	close(a.changed)
	a.changed = make(chan struct{})
}

func (a *adaptive) run(key chan struct{}) {
	ticker := time.NewTicker(time.Second / 30)
	defer ticker.Stop()
	for range ticker.C {
		a.mu.Lock()
		size := a.bps / 30 / 8
		a.mu.Unlock()
		frame := make([]byte, max(size, 32))
		copy(frame, []byte{0, 0, 0, 1, 0x41})
		for i := 5; i < len(frame); i++ {
			frame[i] = 0x55
		}
		select {
		case <-key:
			frame[4] = 0x65
			frame[5] = 0x88
		default:
		}
		if a.conn.Camera().WriteSample(rtc.Sample{Data: frame, Duration: time.Second / 30}) != nil {
			return
		}
	}
}

// await waits until what the source was told is good.
func (a *adaptive) await(t *testing.T, what string, within time.Duration, good func(bps int) bool) time.Duration {
	t.Helper()
	start := time.Now()
	deadline := time.After(within)
	for {
		a.mu.Lock()
		bps, changed := a.bps, a.changed
		a.mu.Unlock()
		if good(bps) {
			return time.Since(start)
		}
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(t, what, "the source was told %d bit/s", bps)
		}
	}
}

func TestThePublisherFollowsItsOwnPath(t *testing.T) {
	r := newTestRoom(t)
	n := newBottleneck(t, r.sfu)
	a := newAdaptive(t, r, 1, n)
	b := newAdaptive(t, r, 0, newBottleneck(t, r.sfu))
	b.peer.Subscribe(whole(1))

	require.Eventually(t, func() bool { return a.conn.Camera().Stats().Packets > 200 }, patience, 20*time.Millisecond)
	require.False(t, a.conn.Estimate().Limited, "nothing is held back on a good path")
	n.up.set(300_000)
	t.Log("down after", a.await(t, "follows the path down", patience, func(bps int) bool { return bps < 330_000 }))
	n.up.set(0)
	t.Log("up after", a.await(t, "and up again", 2*patience, func(bps int) bool { return bps == adaptiveMost }))
}

func TestThePublisherFollowsThePathOfWhoWatches(t *testing.T) {
	r := newTestRoom(t)
	a := newAdaptive(t, r, 1, newBottleneck(t, r.sfu))
	n := newBottleneck(t, r.sfu)
	b := newAdaptive(t, r, 0, n)
	b.peer.Subscribe(whole(1))

	require.Eventually(t, func() bool {
		s := b.peer.Stats()
		return len(s.Forwarded) == 1 && s.Forwarded[0].Sent.Packets > 400
	}, patience, 20*time.Millisecond)
	require.False(t, b.peer.Stats().Limited)
	n.down.set(400_000)
	t.Log("down after", a.await(t, "follows the path down", patience, func(bps int) bool { return bps < 450_000 }))
	require.True(t, b.peer.Stats().Limited)
	require.True(t, a.conn.Estimate().Server)
	n.down.set(0)
	t.Log("up after", a.await(t, "and up again", 2*patience, func(bps int) bool { return bps == adaptiveMost }))
}

func TestArrivalsAreToldToWhoSends(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	var sent rtpkit.Departures
	ext := a.peer.layout.Load().numExt
	require.NotZero(t, ext)
	for i := range 30 {
		a.mic.sendNumbered(t, ext, sent.Sent(100, 0, time.Now()), []byte(numbered("a", i)))
	}
	acked := 0
	a.await("feedback about 30 packets", func() bool {
		for _, p := range a.rtcp {
			if cc, ok := p.(*rtcp.TransportLayerCC); ok {
				raw, err := cc.Marshal()
				require.NoError(t, err)
				sent.Feedback(raw, func(k rtpkit.Ack) {
					if k.Arrived >= 0 {
						acked++
					}
				})
			}
		}
		return acked == 30
	})
	b.await("30 packets", func() bool { return len(b.of(1)) == 30 })
	for i, p := range b.got(1) {
		number := p.GetExtension(b.peer.layout.Load().numExt)
		require.Equal(t, []byte{0, byte(i)}, number, "numbered anew for each subscriber")
	}
}
