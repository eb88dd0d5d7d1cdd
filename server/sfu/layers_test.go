package sfu

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtc"
)

// layeredCamera publishes pictures in three sizes, of which it sends what it is told to. What is in a picture tells of
// which size it is, and which picture.
type layeredCamera struct {
	conn *rtc.Conn
	peer *Peer
	wg   sync.WaitGroup
	fill int // 1: pictures are as large as they should be, 0: a packet each

	mu      sync.Mutex
	on      []int
	keys    [maxLayers]bool
	written [maxLayers]int
	changed chan struct{}
}

var testLayers = []Layer{{"f", 640, 360, 600_000}, {"h", 320, 180, 180_000}, {"q", 160, 90, 60_000}}

func newLayeredCamera(t *testing.T, r *Room, num uint32, fill int) *layeredCamera {
	t.Helper()
	conn, err := rtc.New(rtc.Config{Loopback: true})
	require.NoError(t, err)
	c := &layeredCamera{conn: conn, fill: fill, on: []int{0}, changed: make(chan struct{}, 1)}
	t.Cleanup(func() { _ = conn.Close(); c.wg.Wait() })
	offer, err := conn.Offer()
	require.NoError(t, err)
	p, answer, err := r.Join(context.Background(), PeerConfig{ID: "camera", OnLayers: c.told}, offer)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	c.peer = p
	require.NoError(t, conn.Answer(answer))
	select {
	case <-conn.Connected():
	case <-time.After(patience):
		require.FailNow(t, "not connected")
	}
	require.NoError(t, conn.Camera().StartLayers("video/H264", 3, func(layer int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.keys[layer] = true
	}))
	for i := range testLayers {
		require.Equal(t, testLayers[i].RID, conn.Camera().LayerRID(i))
	}
	require.NoError(t, p.Publish(stream(num, "video/H264"), conn.Camera().Mid(), testLayers...))
	c.wg.Go(c.run)
	return c
}

func (c *layeredCamera) told(_ uint32, layers []int) {
	c.mu.Lock()
	for _, i := range layers {
		c.keys[i] = true // what begins to be sent begins with a key frame
	}
	c.on = layers
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

func (c *layeredCamera) run() {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ; n++ {
		<-ticker.C
		s := rtc.Sample{Duration: 20 * time.Millisecond, Layers: make([]rtc.LayerSample, maxLayers)}
		c.mu.Lock()
		for _, i := range c.on {
			body := fmt.Sprintf("%d.%d", i, n) + strings.Repeat("\x55", c.fill*testLayers[i].Bitrate/50/8)
			data := append([]byte{0, 0, 0, 1}, h264Delta(body)...)
			if c.keys[i] {
				data = append([]byte{0, 0, 0, 1}, append([]byte{0x65, 0x88}, body...)...)
			}
			s.Layers[i] = rtc.LayerSample{Data: data, Key: c.keys[i]}
			c.keys[i] = false
			c.written[i]++
		}
		c.mu.Unlock()
		if c.conn.Camera().WriteSample(s) != nil {
			return
		}
	}
}

// isSending tells whether exactly these layers are sent.
func (c *layeredCamera) isSending(layers ...int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return assert.ObjectsAreEqual(append([]int{}, layers...), append([]int{}, c.on...))
}

func (c *layeredCamera) awaitSending(t *testing.T, layers ...int) {
	t.Helper()
	deadline := time.After(patience)
	for !c.isSending(layers...) {
		select {
		case <-c.changed:
		case <-deadline:
			c.mu.Lock()
			defer c.mu.Unlock()
			require.FailNow(t, "layers", "%v instead of %v", c.on, layers)
		}
	}
}

// layerSeen is one picture as a subscriber got it.
type layerSeen struct{ layer, n int }

func (c *client) layersSeen(num uint32) (all []layerSeen) {
	for _, p := range c.of(num) {
		var s layerSeen
		body := p.Payload[1:]
		if p.Payload[0] == 0x65 {
			body = p.Payload[2:]
		}
		if _, err := fmt.Sscanf(string(body), "%d.%d", &s.layer, &s.n); err == nil {
			all = append(all, s)
		}
	}
	return all
}

func (c *client) awaitLayer(num uint32, layer int) {
	c.t.Helper()
	before := len(c.got(num))
	c.await(fmt.Sprintf("layer %d", layer), func() bool {
		all := c.layersSeen(num)
		return len(all) > before+5 && all[len(all)-1].layer == layer && all[len(all)-5].layer == layer
	})
}

// requireSmooth proves that a receiver sees no break: sequence numbers without a gap, timestamps that go on with the
// pictures, and a key frame whenever the layer changes.
func requireSmooth(t *testing.T, c *client, num uint32) {
	t.Helper()
	requireContinuous(t, c, num)
	packets := c.got(num)
	c.mu.Lock()
	seen := c.layersSeen(num)
	c.mu.Unlock()
	require.Len(t, seen, len(packets))
	for i := 1; i < len(packets); i++ {
		pictures, ticks := seen[i].n-seen[i-1].n, int32(packets[i].Timestamp-packets[i-1].Timestamp)
		require.InDelta(t, pictures*20*90, ticks, 90, "picture %d", seen[i].n)
		if seen[i].layer != seen[i-1].layer {
			require.EqualValues(t, 0x65, packets[i].Payload[0], "another layer begins with a key frame")
		}
	}
}

func TestSmallViewsGetTheSmallLayer(t *testing.T) {
	r := newTestRoom(t)
	cam := newLayeredCamera(t, r, 7, 0)
	big, small := join(t, r, "big", options{}), join(t, r, "small", options{})
	cam.awaitSending(t) // nobody watches

	small.peer.Subscribe([]Wish{{7, 90}})
	small.awaitLayer(7, 2)
	assert.True(t, cam.isSending(2))
	big.peer.Subscribe([]Wish{{7, 0}})
	big.awaitLayer(7, 0)
	assert.True(t, cam.isSending(0, 2))

	small.peer.Subscribe([]Wish{{7, 200}}) // a little larger than the layer is near enough
	small.awaitLayer(7, 1)
	small.peer.Subscribe([]Wish{{7, 360}})
	small.awaitLayer(7, 0)
	small.peer.Subscribe([]Wish{{7, 80}})
	small.awaitLayer(7, 2)
	requireSmooth(t, small, 7)
	requireSmooth(t, big, 7)

	big.peer.Subscribe(nil)
	cam.awaitSending(t, 2)
	small.peer.Subscribe(nil)
	cam.awaitSending(t)
	cam.mu.Lock()
	written := cam.written
	cam.mu.Unlock()
	small.peer.Subscribe([]Wish{{7, 90}})
	small.awaitLayer(7, 2)
	cam.mu.Lock()
	defer cam.mu.Unlock()
	assert.Equal(t, written[:2], cam.written[:2], "what nobody watches is not sent")
}

// layerRate counts the pictures of each layer that a client received.
type layerRate struct {
	mu   sync.Mutex
	got  [maxLayers]int
	last int
	jump int // longest run of pictures that did not come
}

func (l *layerRate) read(ctx context.Context, t *testing.T, a *adaptive, num uint32) {
	samples := a.conn.AddStream(num, "video/H264").Samples(256)
	defer samples.Close()
	for {
		s, err := samples.Read(ctx)
		if err != nil {
			return
		}
		body := s.Data[5:]
		if s.Data[4] == 0x65 {
			body = s.Data[6:]
		}
		var layer, n int
		if _, err := fmt.Sscanf(string(body), "%d.%d", &layer, &n); err != nil {
			t.Error(err)
			return
		}
		l.mu.Lock()
		l.got[layer]++
		if l.last > 0 {
			l.jump = max(l.jump, n-l.last)
		}
		l.last = n
		l.mu.Unlock()
	}
}

// await waits until so many pictures in a row were of one layer, and tells how long that took.
func (l *layerRate) await(t *testing.T, layer, pictures int) time.Duration {
	t.Helper()
	begin := time.Now()
	require.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for i, n := range l.got {
			if i != layer && n > 0 {
				l.got = [maxLayers]int{}
			}
		}
		return l.got[layer] >= pictures
	}, patience, 20*time.Millisecond, "layer %d", layer)
	return time.Since(begin)
}

// Whom the path carries too little gets a smaller size when others watch too, and the larger one again when it carries more.
func TestASlowPathGetsASmallerLayer(t *testing.T) {
	r := newTestRoom(t)
	cam := newLayeredCamera(t, r, 7, 1)
	n := newBottleneck(t, r.sfu)
	fast, slow := newAdaptive(t, r, 0, newBottleneck(t, r.sfu)), newAdaptive(t, r, 0, n)
	var atFast, atSlow layerRate
	ctx, stop := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	reading.Go(func() { atFast.read(ctx, t, fast, 7) })
	reading.Go(func() { atSlow.read(ctx, t, slow, 7) })
	defer reading.Wait()
	defer stop()
	fast.peer.Subscribe(whole(7))
	slow.peer.Subscribe(whole(7))
	atFast.await(t, 0, 50)
	atSlow.await(t, 0, 100)

	n.down.set(300_000)
	t.Log("smaller after", atSlow.await(t, 1, 25))
	atFast.await(t, 0, 50)
	atSlow.mu.Lock()
	atSlow.jump = 0
	atSlow.mu.Unlock()
	atSlow.await(t, 1, 100)
	n.down.set(0)
	back := atSlow.await(t, 0, 25)
	t.Log("larger after", back)
	atSlow.mu.Lock()
	defer atSlow.mu.Unlock()
	require.LessOrEqual(t, atSlow.jump, 10, "pictures that did not come") // 200 ms
	cam.mu.Lock()
	defer cam.mu.Unlock()
	require.Zero(t, cam.written[2])
}
