package crvideo_test

import (
	"context"
	"fmt"
	"image"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// viewer decodes the pictures of a reader and checks what they show.
type viewer struct {
	mu      sync.Mutex
	size    image.Point
	same    int           // pictures of this size in a row
	last    uint32        // counter of the last picture
	longest time.Duration // between two pictures
	at      time.Time
}

func (w *viewer) read(ctx context.Context, t *testing.T, v *crvideo.VideoReader, num uint32) {
	for {
		f, err := v.ReadFrame(ctx)
		if err != nil {
			return
		}
		member, counter, ok := crvideotest.ReadPattern(f.Image)
		if !assert.True(t, ok, "picture of %v cannot be read", f.Image.Rect.Size()) || !assert.Equal(t, num, member) {
			return
		}
		w.mu.Lock()
		if counter < 5 { // another source
			w.last = 0
		}
		assert.GreaterOrEqual(t, counter, w.last, "pictures go on")
		if size := f.Image.Rect.Size(); size != w.size {
			w.size, w.same = size, 0
		}
		now := time.Now()
		if !w.at.IsZero() {
			w.longest = max(w.longest, now.Sub(w.at))
		}
		w.same, w.last, w.at = w.same+1, counter, now
		w.mu.Unlock()
	}
}

func (w *viewer) await(t *testing.T, width, height int) {
	t.Helper()
	eventually(t, fmt.Sprintf("pictures of %dx%d", width, height), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.size == image.Pt(width, height) && w.same > 10
	})
}

// A small view is sent small pictures, a large one large ones, and they go on from one to the other without a break.
func TestPicturesAreAsLargeAsTheyAreShown(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	carol := entered(t, srv, "carol", alice.GetMeetInfo().ID)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 2, FPS: 30}))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	info, ok := bob.GetMemberInfo("alice")
	require.True(t, ok)
	ctx, stop := context.WithCancel(testContext(t))
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()
	watch := func(c *crvideo.Client, options ...crvideo.VideoOption) (*crvideo.VideoReader, *viewer) {
		v, err := c.Video("alice", crvideo.DefaultCamera, options...)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, v.Close()) })
		w := &viewer{}
		reading.Go(func() { w.read(ctx, t, v, info.Num) })
		return v, w
	}
	small, atSmall := watch(bob, crvideo.WithHeight(120))
	atSmall.await(t, 212, 120)
	_, atLarge := watch(carol)
	atLarge.await(t, 848, 480)

	small.SetHeight(240)
	atSmall.await(t, 424, 240)
	small.SetHeight(0)
	atSmall.await(t, 848, 480)
	small.SetHeight(90)
	atSmall.await(t, 212, 120)
	atLarge.await(t, 848, 480)
	for _, w := range []*viewer{atSmall, atLarge} {
		w.mu.Lock()
		assert.Less(t, w.longest, time.Second)
		t.Log("longest between two pictures", w.longest)
		w.mu.Unlock()
	}

	// other settings bring other sizes
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 3, FPS: 15}))
	atLarge.await(t, 1280, 720)
	atSmall.await(t, 320, 180)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 6, FPS: 15}))
	atLarge.await(t, 224, 128)
	atSmall.await(t, 224, 128) // there is no smaller size
}

// layeredCamera is an application's camera in two sizes that counts what it is asked for.
type layeredCamera struct {
	mu     sync.Mutex
	bps    [2]int
	asked  int
	closed chan struct{}
}

func (*layeredCamera) Codec() string { return "video/H264" }
func (*layeredCamera) Layers() []crvideo.LayerFormat {
	return []crvideo.LayerFormat{{Width: 640, Height: 360, Bitrate: 500_000}, {Width: 160, Height: 90, Bitrate: 50_000}}
}
func (c *layeredCamera) Next(ctx context.Context) (crvideo.Sample, error) {
	select {
	case <-time.After(20 * time.Millisecond):
	case <-c.closed:
		return crvideo.Sample{}, io.EOF
	case <-ctx.Done():
		return crvideo.Sample{}, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := crvideo.Sample{Duration: 20 * time.Millisecond, Layers: make([]crvideo.SampleLayer, 2)}
	for i, bps := range c.bps {
		if bps > 0 {
			s.Layers[i] = crvideo.SampleLayer{Data: []byte{0, 0, 0, 1, 0x65, 0x88, byte(i), 0x55}, Key: true}
		}
	}
	return s, nil
}
func (*layeredCamera) RequestKeyFrame() {}
func (*layeredCamera) SetBitrate(int)   {}
func (c *layeredCamera) SetLayer(layer, bps int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bps[layer] = bps
}
func (c *layeredCamera) RequestLayerKeyFrame(int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
}
func (c *layeredCamera) Close() error {
	close(c.closed)
	return nil
}

func (c *layeredCamera) sends(layers ...bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return assert.ObjectsAreEqual(layers, []bool{c.bps[0] > 0, c.bps[1] > 0})
}

// An application's source in several sizes hears which of them anybody watches, and receivers get the one that they need.
func TestApplicationSourceWithLayers(t *testing.T) {
	t.Parallel()
	alice, bob := pair(t, newServer(t))
	cam := &layeredCamera{bps: [2]int{500_000, 0}, closed: make(chan struct{})}
	id, err := alice.AddCamera(testContext(t), "two sizes", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return cam, nil
	})
	require.NoError(t, err)
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", id))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	eventually(t, "nobody watches", func() bool { return cam.sends(false, false) })

	v, err := bob.Video("alice", crvideo.DefaultCamera, crvideo.WithHeight(90))
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	size := func() byte {
		s, err := v.ReadSample(testContext(t))
		require.NoError(t, err)
		return s.Data[6]
	}
	require.EqualValues(t, 1, size())
	require.True(t, cam.sends(false, true))
	v.SetHeight(0)
	eventually(t, "the large one", func() bool { return size() == 0 })
	eventually(t, "only that", func() bool { return cam.sends(true, false) })
}

// What is hidden is not received, and not made for nobody.
func TestHiddenViewsCostNothing(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	defer ui.Destroy()
	require.NoError(t, ui.SetVideo("alice", crvideo.DefaultCamera))
	require.NoError(t, ui.Height("90px"))
	received := func() uint64 { return bytesOf(bob.GetStats().Receiving) }
	sent := func() uint64 { return bytesOf(alice.GetStats().Sending) }
	eventually(t, "pictures", func() bool { return received() > 0 && !ui.IsPicEmpty() })
	ui.Hide()
	quiet := func(what string, count func() uint64) {
		t.Helper()
		last, since := count(), time.Now()
		eventually(t, what, func() bool {
			if now := count(); now != last {
				last, since = now, time.Now()
			}
			return time.Since(since) > time.Second
		})
	}
	quiet("nothing is received", received)
	quiet("nothing is sent", sent)
	at := received()
	ui.Show()
	eventually(t, "pictures again", func() bool { return received() > at })
}

func bytesOf(streams []crvideo.StreamStats) (n uint64) {
	for _, s := range streams {
		if s.Kind == crvideo.KindVideo {
			n += s.Bytes
		}
	}
	return n
}

// Nine small views cost less than half of nine large ones.
func TestNineSmallViews(t *testing.T) {
	srv := newServer(t)
	bob := loggedIn(t, srv, "bob")
	room := newRoom(t, bob)
	require.NoError(t, bob.EnterMeeting(testContext(t), room.ID))
	var views []*crvideo.VideoReader
	for i := range 9 {
		c := loggedIn(t, srv, fmt.Sprint("m", i))
		require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: 15}))
		require.NoError(t, c.EnterMeeting(testContext(t), room.ID))
		require.NoError(t, c.OpenVideo(testContext(t), ""))
		v, err := bob.Video(c.UID(), crvideo.DefaultCamera)
		require.NoError(t, err)
		defer func() { require.NoError(t, v.Close()) }()
		views = append(views, v)
	}
	measure := func(width int) uint64 {
		for _, v := range views {
			for n := 0; n < 5; {
				f, err := v.ReadFrame(testContext(t))
				require.NoError(t, err)
				if n++; f.Image.Rect.Dx() != width {
					n = 0
				}
			}
		}
		before := bytesOf(bob.GetStats().Receiving)
		ctx, cancel := context.WithTimeout(testContext(t), 3*time.Second)
		defer cancel()
		var pictures atomic.Uint64
		var all sync.WaitGroup
		for _, v := range views {
			all.Go(func() {
				for {
					if _, err := v.ReadFrame(ctx); err != nil {
						assert.ErrorIs(t, err, context.DeadlineExceeded)
						return
					}
					pictures.Add(1)
				}
			})
		}
		all.Wait()
		require.NotZero(t, pictures.Load())
		return (bytesOf(bob.GetStats().Receiving) - before) / pictures.Load()
	}
	large := measure(640)
	for _, v := range views {
		v.SetHeight(90)
	}
	small := measure(160)
	t.Logf("nine large views: %d bytes a picture, nine small ones: %d", large, small)
	require.Less(t, small*3, large, "less than a third")
}
