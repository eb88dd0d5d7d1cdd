package crvideo_test

import (
	"context"
	"image"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// watched is what a reader of pictures saw, by content.
type watched struct {
	mu      sync.Mutex
	last    time.Time
	longest time.Duration // between two pictures
	moved   int
	size    image.Point
}

func (w *watched) saw(size image.Point) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.last.IsZero() {
		w.longest = max(w.longest, now.Sub(w.last))
	}
	w.last, w.size = now, size
	w.moved++
}

// since tells what there was since the last call.
func (w *watched) since() (moved int, longest time.Duration, size image.Point) {
	w.mu.Lock()
	defer w.mu.Unlock()
	moved, longest, size = w.moved, w.longest, w.size
	w.moved, w.longest = 0, 0
	return moved, longest, size
}

// count is how many there were since the last call of since.
func (w *watched) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved
}

// watchPictures begins to watch a member.
func watchPictures(t *testing.T, c *crvideo.Client, uid string) (w *watched, stop func()) {
	w = new(watched)
	ctx, cancel := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	reading.Go(func() { w.watch(ctx, t, c, uid) })
	return w, func() { cancel(); reading.Wait() }
}

// watch reads the pictures of a member until ctx ends; each must move on and be whole.
func (w *watched) watch(ctx context.Context, t *testing.T, c *crvideo.Client, uid string) {
	v, err := c.Video(uid, crvideo.DefaultCamera)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = v.Close() }()
	last := uint32(0)
	for {
		f, err := v.ReadFrame(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		_, counter, ok := crvideotest.ReadPattern(f.Image)
		if ok && counter > last {
			last = counter
			w.saw(f.Image.Bounds().Size())
		}
	}
}

func cameraRate(c *crvideo.Client) int {
	for _, s := range c.GetStats().Sending {
		if s.Kind == crvideo.KindVideo {
			return s.Target
		}
	}
	return 0
}

// TestPictureFollowsTheNetwork takes the path of who sends, and that of who watches, from plenty to 200 kbit/s and back.
func TestPictureFollowsTheNetwork(t *testing.T) {
	for name, direction := range map[string]crvideotest.Direction{"sender": crvideotest.ToServer, "watcher": crvideotest.ToClient} {
		t.Run(name, func(t *testing.T) {
			n, alice, bob := hurtPair(t)
			require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 2, FPS: 30, MaxKbps: 1000}))
			openBoth(t, alice)
			w, stop := watchPictures(t, bob, "alice")
			defer stop()
			pictures := func(n int) {
				t.Helper()
				eventually(t, "pictures that move", func() bool {
					w.mu.Lock()
					defer w.mu.Unlock()
					return w.moved > n
				})
			}
			pictures(60)
			full := cameraRate(alice)
			require.Equal(t, 600_000, full)
			require.False(t, alice.GetStats().Limited)

			who := map[string]string{"sender": "alice", "watcher": "bob"}[name]
			begin := time.Now()
			n.Media(direction, crvideotest.MediaFaults{Rate: 200_000}, who)
			eventually(t, "the camera follows", func() bool { return cameraRate(alice) < 200_000 })
			t.Log("followed after", time.Since(begin))
			w.since()
			pictures(40)
			_, longest, size := w.since()
			t.Logf("limited: the longest gap is %v, pictures of %v", longest, size)
			pictures(60)
			_, longest, size = w.since()
			t.Logf("then: the longest gap is %v, pictures of %v", longest, size)
			require.Less(t, longest, 3*time.Second)
			stats := alice.GetStats()
			require.True(t, stats.Limited)
			require.Equal(t, map[string]string{"sender": crvideo.LimitUpload, "watcher": crvideo.LimitSubscribers}[name], stats.LimitReason)

			begin = time.Now()
			n.Heal()
			eventually(t, "full rate again", func() bool { return cameraRate(alice) == full })
			t.Log("full rate after", time.Since(begin))
			eventually(t, "full size again", func() bool {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.size == image.Pt(848, 480)
			})
			t.Log("full size after", time.Since(begin))
		})
	}
}
