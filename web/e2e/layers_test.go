//go:build browser

package e2e_test

import (
	"context"
	"fmt"
	"image"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// layersSent is what a page sends of its camera, by rid.
const layersSent = `sdk.CRVideo_GetStats().then((all) => Object.fromEntries([...all.values()].filter((r) => r.type === 'outbound-rtp' && r.kind === 'video')
	.map((r) => [r.rid ?? '', {active: r.active, frames: r.framesEncoded, height: r.frameHeight ?? 0}])))`

type layerSent struct {
	Active bool
	Frames int
	Height int
}

func sent(t testing.TB, tab *chromiumtest.Tab) (layers map[string]layerSent) {
	t.Helper()
	tab.Eval(t, layersSent, &layers)
	return layers
}

// awaitLayers waits until a page encodes exactly these layers, and the others stand still.
func awaitLayers(t testing.TB, tab *chromiumtest.Tab, rids ...string) {
	t.Helper()
	before, since := sent(t, tab), time.Now()
	defer func() {
		if t.Failed() {
			t.Logf("%+v", before)
		}
	}()
	require.Eventuallyf(t, func() bool {
		now := sent(t, tab)
		moved := true
		for rid, l := range now {
			wanted := strings.Contains(strings.Join(rids, " "), rid) && len(rids) > 0
			if l.Active != wanted || !wanted && l.Frames != before[rid].Frames {
				before, since = now, time.Now()
				return false
			}
			moved = moved && (!wanted || l.Frames > before[rid].Frames+5)
		}
		return moved && time.Since(since) > time.Second
	}, chromiumtest.Patience, 100*time.Millisecond, "only the layers %v are to be encoded", rids)
}

// fakeViewer decodes, in Go, a browser's fake camera until it is closed, and notes in which size it comes.
type fakeViewer struct {
	uid    string
	reader *crvideo.VideoReader
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu   sync.Mutex
	size image.Point
	same int // pictures of this size in a row
}

func views(t testing.TB, c *crvideo.Client, uid string, height int) *fakeViewer {
	t.Helper()
	v, err := c.Video(uid, crvideo.DefaultCamera, crvideo.WithHeight(height))
	require.NoError(t, err)
	w := &fakeViewer{uid: uid, reader: v}
	var ctx context.Context
	ctx, w.stop = context.WithCancel(t.Context())
	w.done.Go(func() { w.read(ctx, t) })
	t.Cleanup(w.close)
	return w
}

func (w *fakeViewer) close() {
	w.stop()
	w.done.Wait()
	_ = w.reader.Close()
}

func (w *fakeViewer) read(ctx context.Context, t testing.TB) {
	for {
		f, err := w.reader.ReadFrame(ctx)
		if err != nil {
			return
		}
		r, g, b, _ := f.Image.At(f.Image.Rect.Dx()/10, f.Image.Rect.Dy()/10).RGBA()
		if !assert.Truef(t, g > 2*r && g > 2*b, "the corner of %v is not green: %d %d %d", f.Image.Rect, r>>8, g>>8, b>>8) {
			return
		}
		w.mu.Lock()
		if size := f.Image.Rect.Size(); size != w.size {
			w.size, w.same = size, 0
		}
		w.same++
		w.mu.Unlock()
	}
}

// await waits for pictures of a size (a width of 0 is any), and tells how long that took.
func (w *fakeViewer) await(t testing.TB, width, height int) time.Duration {
	t.Helper()
	began := time.Now()
	require.Eventuallyf(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.size.Y == height && (width == 0 || w.size.X == width) && w.same >= 3
	}, chromiumtest.Patience, poll, "pictures of %dx%d", width, height)
	return time.Since(began)
}

func videoBytes(c *crvideo.Client) (n uint64) {
	for _, s := range c.GetStats().Receiving {
		if s.Kind == crvideo.KindVideo {
			n += s.Bytes
		}
	}
	return n
}

// TestPageSendsLayers: a page sends its camera in the sizes that somebody watches, and in no others.
func TestPageSendsLayers(t *testing.T) {
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	for _, codec := range []string{"video/H264", "video/VP8"} {
		t.Run(strings.TrimPrefix(codec, "video/"), func(t *testing.T) {
			srv := crvideotest.NewServer(t)
			bob, carol := goClient(t, srv, "bob"), goClient(t, srv, "carol")
			info, err := bob.CreateMeeting(testContext(t), crvideo.CreateParams{})
			require.NoError(t, err)
			require.NoError(t, bob.EnterMeeting(testContext(t), info.ID))
			require.NoError(t, carol.EnterMeeting(testContext(t), info.ID))
			tab := browser.Open(t, "http://"+srv.Addr().String()+"/healthz")
			tab.Eval(t, fmt.Sprintf(speak, fmt.Sprintf(`["grace", %q, %d]`, codec, info.ID), crvideo.MD5(server.DemoApp)), nil)
			tab.Eval(t, `sdk.CRVideo_SetVideoCfg({size: 13, fps: 15})`, nil) // 1024x576
			require.Eventually(t, func() bool { return len(bob.GetOpenedVideoIDs("grace")) == 1 }, chromiumtest.Patience, poll)
			awaitLayers(t, tab) // nobody watches

			big := views(t, bob, "grace", 0)
			small := views(t, carol, "grace", 120)
			big.await(t, 1024, 576)
			small.await(t, 256, 144)
			awaitLayers(t, tab, "f", "q")
			atBig, atSmall := videoBytes(bob), videoBytes(carol)
			require.Eventually(t, func() bool { return videoBytes(bob)-atBig > 200_000 }, chromiumtest.Patience, poll)
			atBig, atSmall = videoBytes(bob)-atBig, videoBytes(carol)-atSmall
			t.Logf("large view %d bytes, small one %d", atBig, atSmall)
			assert.Greater(t, atSmall, uint64(1000))
			assert.Less(t, atSmall, atBig/3, "bytes of the small view")

			small.close() // it is not seen any more
			awaitLayers(t, tab, "f")
			small = views(t, carol, "grace", 120)
			t.Logf("small layer back after %v", small.await(t, 256, 144))
			big.await(t, 1024, 576)
			small.reader.SetHeight(288)
			t.Logf("middle layer after %v", small.await(t, 512, 288))
			awaitLayers(t, tab, "f", "h")
			big.close()
			small.close()
			awaitLayers(t, tab)
			again := views(t, bob, "grace", 0)
			t.Logf("large layer back after %v", again.await(t, 1024, 576))
			awaitLayers(t, tab, "f")

			page := scripted(t, browser, srv, "eve", srv.Addr().String()) // another browser goes from one size to the next
			enters(t, page, info.ID)
			page.Eval(t, `(window.view = sdk.CRVideo_CreatVideoObj({width: 160, height: 90}), document.body.append(view.handler()), view.setVideo('grace'),
				window.picture = view.handler().querySelector('video'), 0)`, nil)
			for _, size := range []struct{ view, width int }{{90, 256}, {500, 1024}, {240, 512}, {100, 256}, {500, 1024}} {
				page.Eval(t, fmt.Sprintf(`(view.height(%d), 0)`, size.view), nil)
				page.Wait(t, fmt.Sprintf(`picture.videoWidth === %d`, size.width))
				var at float64
				page.Eval(t, `picture.currentTime`, &at)
				page.Wait(t, fmt.Sprintf(`picture.videoWidth === %d && picture.currentTime > %f`, size.width, at+0.5))
			}
			var longest float64
			page.Eval(t, `sdk.CRVideo_GetStats().then((all) => Math.max(...[...all.values()].filter((r) => r.type === 'inbound-rtp' && r.kind === 'video').map((r) => r.totalFreezesDuration)))`, &longest)
			t.Logf("the page's picture stood still for %v s in all", longest)
			assert.Less(t, longest, 3.0)
		})
	}
}

// TestPageViewsAskForTheirSize: a page is sent the size that fits its view, and nothing for a view that nobody sees.
func TestPageViewsAskForTheirSize(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	require.NoError(t, ann.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 2, FPS: 15}))
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	require.NoError(t, ann.OpenVideo(testContext(t), ""))
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", srv.Addr().String())
	enters(t, tab, info.ID)
	tab.Eval(t, `(() => {
		window.view = sdk.CRVideo_CreatVideoObj({width: 160, height: 90});
		window.frame = document.createElement('div');
		frame.append(view.handler());
		document.body.append(frame);
		view.setVideo('ann');
		window.picture = view.handler().querySelector('video');
	})()`, nil)
	sees := func(width int) {
		t.Helper()
		tab.Wait(t, fmt.Sprintf(`picture.videoWidth === %d`, width))
		var at float64
		tab.Eval(t, `picture.currentTime`, &at)
		tab.Wait(t, fmt.Sprintf(`picture.currentTime > %f && picture.videoWidth === %d`, at, width))
		member, _ := look(t, tab, "picture")
		require.EqualValues(t, 1, member)
	}
	sees(212)
	tab.Eval(t, `view.height(480)`, nil)
	sees(848)
	tab.Eval(t, `view.height(200)`, nil)
	sees(424)

	received := func() (bytes float64) {
		tab.Eval(t, `sdk.CRVideo_GetStats().then((all) => [...all.values()].filter((r) => r.type === 'inbound-rtp' && r.kind === 'video').reduce((n, r) => n + r.bytesReceived, 0))`, &bytes)
		return bytes
	}
	sends := func() (n float64) {
		for _, s := range ann.GetStats().Sending {
			if s.Kind == crvideo.KindVideo {
				n += float64(s.Bytes)
			}
		}
		return n
	}
	for _, way := range []struct{ what, away, back string }{
		{"hidden", `view.hide()`, `view.show()`},
		{"in a part that is not displayed", `frame.style.display = 'none'`, `frame.style.display = ''`},
		{"scrolled away", `frame.style.marginTop = '9000px'`, `frame.style.marginTop = ''`},
		{"taken out", `frame.remove()`, `document.body.append(frame)`},
		{"in a window that is away", ``, ``},
	} {
		turn := func(script string, away bool) {
			if script == "" {
				tab.Minimize(t, away)
				tab.Wait(t, fmt.Sprintf(`document.hidden === %v`, away))
				return
			}
			tab.Eval(t, `(() => { `+script+` })()`, nil)
		}
		turn(way.away, true)
		for what, count := range map[string]func() float64{"received": received, "sent": sends} {
			last, since := count(), time.Now()
			require.Eventually(t, func() bool {
				if now := count(); now != last {
					last, since = now, time.Now()
				}
				return time.Since(since) > time.Second
			}, chromiumtest.Patience, 50*time.Millisecond, "nothing is %s for a view that is %s", what, way.what)
		}
		began := time.Now()
		turn(way.back, false)
		sees(424)
		t.Logf("%s: back after %v", way.what, time.Since(began))
	}
}

// TestPageOnANarrowPath: a page whose path carries little sends a picture of half the size, which moves, and the whole one when it can.
func TestPageOnANarrowPath(t *testing.T) {
	srv, n, addr := fragile(t)
	bob := goClient(t, srv, "bob")
	info, err := bob.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, bob.EnterMeeting(testContext(t), info.ID))
	tab := scripted(t, chromiumtest.Start(t, chromiumtest.Devices...), srv, "grace", addr)
	enters(t, tab, info.ID)
	tab.Eval(t, `sdk.CRVideo_SetVideoCfg({size: 3, fps: 15}).then(() => { sdk.CRVideo_OpenVideo(''); })`, nil)
	require.Eventually(t, func() bool { return len(bob.GetOpenedVideoIDs("grace")) == 1 }, chromiumtest.Patience, poll)
	w := views(t, bob, "grace", 0)
	w.await(t, 1280, 720)
	n.Media(crvideotest.ToServer, crvideotest.MediaFaults{Rate: 200_000}, "grace")
	t.Logf("half the size after %v", w.await(t, 640, 360))
	began, first := time.Now(), w.pictures()
	require.Eventually(t, func() bool { return w.pictures() >= first+45 }, chromiumtest.Patience, poll)
	t.Logf("45 pictures in %v", time.Since(began))
	assert.Less(t, time.Since(began), 12*time.Second, "45 pictures at 15 a second, nearly")
	// Chromium may take a minute to find out that its path carries more. A picture that needs less is whole at once.
	tab.Eval(t, `sdk.CRVideo_SetVideoCfg({maxKbps: 60})`, nil)
	t.Logf("the whole one after %v", w.await(t, 1280, 720))
}

// pictures is how many of the size of now have come in a row.
func (w *fakeViewer) pictures() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.same
}
