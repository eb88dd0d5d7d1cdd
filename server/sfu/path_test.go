package sfu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtc"
)

// sdk is the SDK's own media connection in a room, through a relay.
type sdk struct {
	t      testing.TB
	conn   *rtc.Conn
	peer   *Peer
	relay  *relay
	num    uint32
	states chan rtc.State
	server chan State
	force  chan struct{} // a key frame is asked for
}

func joinSDK(t testing.TB, r *Room, rl *relay, num uint32, cfg rtc.Config) *sdk {
	t.Helper()
	c := &sdk{t: t, relay: rl, num: num, states: make(chan rtc.State, 100), server: make(chan State, 100), force: make(chan struct{}, 1)}
	cfg.Loopback, cfg.OnState = true, func(s rtc.State) { c.states <- s }
	var err error
	c.conn, err = rtc.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.conn.Close()) })
	offer, err := c.conn.Offer()
	require.NoError(t, err)
	var answer string
	if rl != nil {
		offer = rl.unknown(offer)
	}
	c.peer, answer, err = r.Join(context.Background(), PeerConfig{ID: fmt.Sprint(num), OnState: func(s State) { c.server <- s }}, offer)
	require.NoError(t, err)
	t.Cleanup(c.peer.Close)
	c.answer(answer)
	return c
}

func (c *sdk) answer(sdp string) {
	c.t.Helper()
	if c.relay != nil {
		sdp = c.relay.through(sdp)
	}
	require.NoError(c.t, c.conn.Answer(sdp))
}

func (c *sdk) restart() {
	c.t.Helper()
	offer, err := c.conn.Restart()
	require.NoError(c.t, err)
	if c.relay != nil {
		offer = c.relay.unknown(offer)
	}
	answer, err := c.peer.Offer(context.Background(), offer)
	require.NoError(c.t, err)
	c.answer(answer)
}

func await[S comparable](t testing.TB, states <-chan S, want S) time.Duration {
	t.Helper()
	start := time.Now()
	deadline := time.After(patience)
	for {
		select {
		case s := <-states:
			if s == want {
				return time.Since(start)
			}
		case <-deadline:
			require.FailNow(t, "state did not come", "%v", want)
		}
	}
}

// picture is an access unit that says whose and which it is, long enough for several packets.
func picture(num, n uint32, key bool) []byte {
	body := make([]byte, 3000)
	for i := range body {
		body[i] = byte(num)*16 + byte(n)%16 | 0x80 // no start code
	}
	au := []byte{0, 0, 0, 1, 0x41}
	if key {
		au = []byte{0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65}
	}
	return append(fmt.Appendf(au, "\x80%08d%08d", num, n), body...)
}

// film publishes pictures, 50 a second, until the test ends; each but a key frame builds on the one before.
func (c *sdk) film() {
	c.t.Helper()
	require.NoError(c.t, c.conn.Camera().Start("video/H264", func() {
		select {
		case c.force <- struct{}{}:
		default:
		}
	}))
	require.NoError(c.t, c.peer.Publish(stream(c.num, "video/H264"), "1"))
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint32(0); ; n++ {
			key := n == 0
			select {
			case <-done:
				return
			case <-tick.C:
			}
			select {
			case <-c.force:
				key = true
			default:
			}
			assert.NoError(c.t, c.conn.Camera().WriteSample(rtc.Sample{Data: picture(c.num, n, key), Duration: 20 * time.Millisecond, Key: key}))
		}
	})
	c.t.Cleanup(func() { close(done); wg.Wait() })
}

// screen reads the pictures of a member and checks that each is whole, of that member, and the next one unless it is a
// key frame: a decoder would never show garbage.
type screen struct {
	t    testing.TB
	num  uint32
	r    *rtc.SampleReader
	last uint32
	any  bool
}

func (c *sdk) watch(num uint32) *screen {
	s := &screen{t: c.t, num: num, r: c.conn.AddStream(num, "video/H264").Samples(100)}
	c.peer.Subscribe(whole(num))
	c.t.Cleanup(s.r.Close)
	return s
}

// next returns how long the next n pictures took to come.
func (s *screen) next(n int) time.Duration {
	s.t.Helper()
	start := time.Now()
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		s.read(ctx)
		cancel()
	}
	return time.Since(start)
}

// drain reads until nothing comes for a while.
func (s *screen) drain(quiet time.Duration) {
	s.t.Helper()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), quiet)
		ok := s.read(ctx)
		cancel()
		if !ok {
			return
		}
	}
}

func (s *screen) read(ctx context.Context) bool {
	s.t.Helper()
	sample, err := s.r.Read(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	require.NoError(s.t, err)
	i := 6
	if sample.Key {
		i = len(picture(0, 0, true)) - 3000 - 16
	}
	require.Greater(s.t, len(sample.Data), i+16)
	number, err := strconv.Atoi(string(sample.Data[i+8 : i+16]))
	require.NoError(s.t, err)
	n := uint32(number)
	require.True(s.t, bytes.Equal(picture(s.num, n, sample.Key), sample.Data), "member %d picture %d", s.num, n)
	if s.any && !sample.Key {
		require.Equal(s.t, s.last+1, n, "builds on a picture that did not come")
	}
	s.last, s.any = n, true
	return true
}

func pairOfSDKs(t *testing.T, rl func(*SFU) *relay, cfg rtc.Config) (a, b *sdk, ofA, ofB *screen) {
	t.Helper()
	s := newSFU(t)
	r := s.NewRoom()
	a, b = joinSDK(t, r, nil, 1, rtc.Config{}), joinSDK(t, r, rl(s), 2, cfg)
	for _, c := range []*sdk{a, b} {
		await(t, c.states, rtc.StateConnected)
		await(t, c.server, StateConnected)
	}
	a.film()
	b.film()
	ofA, ofB = b.watch(1), a.watch(2)
	ofA.next(10)
	ofB.next(10)
	return a, b, ofA, ofB
}

// ssrcs and counts must outlive a restart.
func (c *sdk) layoutIDs() (ids []uint32) {
	for ssrc := range c.peer.layout.Load().slots {
		ids = append(ids, ssrc)
	}
	return ids
}

func TestRestartWhileMediaFlows(t *testing.T) {
	_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { return newRelay(t, s) }, rtc.Config{})
	before, sent := b.layoutIDs(), b.conn.Camera().Stats().Packets
	for range 3 {
		b.restart()
		await(t, b.states, rtc.StateConnected)
		t.Logf("restart: 10 pictures down after %v, up after %v", ofA.next(10), ofB.next(10))
	}
	assert.ElementsMatch(t, before, b.layoutIDs())
	assert.Greater(t, b.conn.Camera().Stats().Packets, sent)
	assert.Equal(t, "udp", b.conn.Transport())
}

func TestRestartFollowsUnansweredOffers(t *testing.T) {
	_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { return newRelay(t, s) }, rtc.Config{})
	for _, begin := range []func() (string, error){
		b.conn.Restart,
		func() (string, error) { return b.conn.Grow(1, 1) },
		func() (string, error) { // the server answered, but the answer was lost
			offer, err := b.conn.Restart()
			require.NoError(t, err)
			return b.peer.Offer(context.Background(), offer)
		},
	} {
		_, err := begin()
		require.NoError(t, err)
		require.NoError(t, b.conn.Rollback())
		require.NoError(t, b.conn.Rollback())
		_, err = begin()
		require.NoError(t, err)
		b.restart()
		ofA.next(60)
		ofB.next(60)
	}
	offer, err := b.conn.Grow(0, 1)
	require.NoError(t, err)
	answer, err := b.peer.Offer(context.Background(), offer)
	require.NoError(t, err)
	b.answer(answer)
	ofA.next(20)
	assert.Len(t, b.layoutIDs(), 12+2+2+1)
}

func TestAddressChangesWithoutRestart(t *testing.T) {
	var rl *relay
	_, _, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { rl = newRelay(t, s); return rl }, rtc.Config{})
	rl.rebind()
	ofA.drain(700 * time.Millisecond)
	ofA.next(20)
	ofB.next(20)
}

func TestDeadPath(t *testing.T) {
	t.Run("blip of a second", func(t *testing.T) {
		t.Parallel()
		var rl *relay
		_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { rl = newRelay(t, s); return rl }, rtc.Config{})
		rl.dead.Store(true)
		ofA.drain(time.Second)
		rl.dead.Store(false)
		ofA.next(20)
		ofB.next(100)
		assert.Empty(t, b.states, "no change of state")
		assert.Empty(t, b.server)
	})
	t.Run("5 seconds", func(t *testing.T) {
		t.Parallel()
		var rl *relay
		_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { rl = newRelay(t, s); return rl }, rtc.Config{})
		rl.dead.Store(true)
		noticed := await(t, b.states, rtc.StateDisconnected)
		t.Logf("noticed after %v", noticed)
		assert.InDelta(t, 2.3, noticed.Seconds(), 0.8)
		await(t, b.server, StateDisconnected)
		ofA.drain(2 * time.Second)
		rl.dead.Store(false)
		t.Logf("back after %v", await(t, b.states, rtc.StateConnected))
		await(t, b.server, StateConnected)
		ofA.next(20)
		ofB.next(20)
	})
	t.Run("failed, then restart", func(t *testing.T) {
		t.Parallel()
		var rl *relay
		_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { rl = newRelay(t, s); return rl },
			rtc.Config{DisconnectAfter: 500 * time.Millisecond, FailAfter: 500 * time.Millisecond})
		rl.dead.Store(true)
		await(t, b.states, rtc.StateFailed)
		ofA.drain(time.Second)
		rl.dead.Store(false)
		b.restart()
		t.Logf("back after %v", await(t, b.states, rtc.StateConnected))
		ofA.next(20)
		ofB.next(20)
	})
}

func TestManyRestartsLeaveNothing(t *testing.T) {
	_, b, ofA, ofB := pairOfSDKs(t, func(s *SFU) *relay { return newRelay(t, s) }, rtc.Config{})
	b.restart()
	await(t, b.states, rtc.StateConnected)
	ofA.next(10)
	before := runtime.NumGoroutine()
	for range 20 {
		b.restart()
		await(t, b.states, rtc.StateConnected)
	}
	ofA.next(10)
	ofB.next(10)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+22 }, patience, 20*time.Millisecond,
		"%d goroutines, %d before", runtime.NumGoroutine(), before) // the relay has one for each address it saw
	b.relay.rebind()
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, patience, 20*time.Millisecond,
		"%d goroutines, %d before", runtime.NumGoroutine(), before)
}
