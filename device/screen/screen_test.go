//go:build x11

package screen

import (
	"context"
	"image"
	"image/color"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/screen"
)

// bars are what the tests paint, from left to right.
var bars = []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}, {10, 20, 30, 255}}

// paint paints the bars all over the desktop, until the test ends.
func paint(t *testing.T, colours []color.RGBA) {
	t.Helper()
	d, err := connect()
	require.NoError(t, err)
	t.Cleanup(d.close)
	window, err := xproto.NewWindowId(d.conn)
	require.NoError(t, err)
	require.NoError(t, xproto.CreateWindowChecked(d.conn, d.root.RootDepth, window, d.root.Root, 0, 0, width, height, 0,
		xproto.WindowClassInputOutput, d.root.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0, 1}).Check())
	require.NoError(t, xproto.MapWindowChecked(d.conn, window).Check())
	gc, err := xproto.NewGcontextId(d.conn)
	require.NoError(t, err)
	require.NoError(t, xproto.CreateGCChecked(d.conn, gc, xproto.Drawable(window), 0, nil).Check())
	for i, c := range colours {
		pixel := uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B)
		require.NoError(t, xproto.ChangeGCChecked(d.conn, gc, xproto.GcForeground, []uint32{pixel}).Check())
		require.NoError(t, xproto.PolyFillRectangleChecked(d.conn, xproto.Drawable(window), gc, []xproto.Rectangle{barOf(i, len(colours))}).Check())
	}
}

func barOf(i, n int) xproto.Rectangle {
	return xproto.Rectangle{X: int16(i * width / n), Width: uint16(width / n), Height: height}
}

// split makes two monitors of the desktop until the test ends, and returns what takes the right one away.
func split(t *testing.T) (unplug func()) {
	t.Helper()
	d, err := connect()
	require.NoError(t, err)
	t.Cleanup(d.close)
	names := make([]xproto.Atom, 2)
	for i, name := range []string{"left", "right"} {
		atom, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
		require.NoError(t, err)
		names[i] = atom.Atom
		m := randr.MonitorInfo{Name: atom.Atom, Primary: i == 0, X: int16(i * width / 2), Width: width / 2, Height: height}
		require.NoError(t, randr.SetMonitorChecked(d.conn, d.root.Root, m).Check())
	}
	remove := func(i int) { _ = randr.DeleteMonitorChecked(d.conn, d.root.Root, names[i]).Check() }
	t.Cleanup(func() { remove(0); remove(1) })
	return func() { remove(1) }
}

func named(all []crvideo.ScreenInfo, name string) (s crvideo.ScreenInfo) {
	for _, i := range all {
		if i.Name == name {
			s = i
		}
	}
	return s
}

// A picture of a screen is what is painted there, point for point.
func TestGrab(t *testing.T) {
	paint(t, bars)
	split(t)
	for id, area := range map[string]image.Rectangle{"left": image.Rect(0, 0, width/2, height), "right": image.Rect(width/2, 0, width, height)} {
		g, err := screen.Registered().Open(id)
		require.NoError(t, err)
		for range 2 {
			got, err := g.Grab()
			require.NoError(t, err)
			require.Equal(t, area.Size(), got.Rect.Size())
			for y := 0; y < height; y += 7 {
				for x := range width / 2 {
					require.Equal(t, bars[(x+area.Min.X)*len(bars)/width], got.RGBAAt(x, y), "%s %d,%d", id, x, y)
				}
			}
		}
		require.NoError(t, g.Close())
	}
	_, err := screen.Registered().Open("none")
	require.ErrorIs(t, err, screen.ErrNoScreen)
}

// Screens keep their IDs while others come and go.
func TestScreensComeAndGo(t *testing.T) {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "127.0.0.1:1"})
	require.NoError(t, err)
	defer c.Close()
	unplug := split(t)
	all, err := c.GetScreens()
	require.NoError(t, err)
	left, right := named(all, "left"), named(all, "right")
	assert.Equal(t, image.Rect(0, 0, width/2, height), left.Bounds)
	assert.Equal(t, image.Rect(width/2, 0, width, height), right.Bounds)
	assert.Equal(t, 1, left.ScreenID, "the main one first")
	assert.NotEqual(t, left.ScreenID, right.ScreenID)

	unplug()
	now, err := c.GetScreens()
	require.NoError(t, err)
	assert.Equal(t, left, named(now, "left"))
	assert.True(t, named(now, "right").Absent)
	assert.Equal(t, right.ScreenID, named(now, "right").ScreenID)
	_, err = c.AddScreenCamera(context.Background(), "gone", right.ScreenID)
	assert.ErrorIs(t, err, crvideo.CodeNoDevice)
	_, err = c.AddScreenCamera(context.Background(), "", left.ScreenID)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
}

// A screen as a camera: another member sees what is painted, and hears of it when the screen is gone.
func TestScreenAsCamera(t *testing.T) {
	paint(t, bars[:3])
	unplug := split(t)
	srv := crvideotest.NewServer(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	join := func(uid string, room int64) *crvideo.Client {
		c, err := crvideo.New(crvideo.SDKParams{ServerAddr: srv.URL()})
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, c.Close()) })
		require.NoError(t, c.Login(ctx, crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: uid, Nickname: uid}))
		if room == 0 {
			info, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
			require.NoError(t, err)
			room = info.ID
		}
		require.NoError(t, c.EnterMeeting(ctx, room))
		return c
	}
	ann := join("ann", 0)
	bob := join("bob", ann.GetMeetInfo().ID)
	all, err := ann.GetScreens()
	require.NoError(t, err)
	id, err := ann.AddScreenCamera(ctx, "right", named(all, "right").ScreenID)
	require.NoError(t, err)
	failed := make(chan crvideo.OpenVideoFailed, 1)
	ann.OnOpenVideoFailed(func(e crvideo.OpenVideoFailed) { failed <- e })
	require.NoError(t, ann.OpenVideo(ctx, ""))
	v, err := bob.Video("ann", id)
	require.NoError(t, err)
	defer v.Close()
	var f crvideo.Frame
	for n := range 20 { // the first ones may be coarse
		if f, err = v.ReadFrame(ctx); n > 0 && err != nil {
			break
		}
	}
	require.NoError(t, err)
	size := f.Image.Rect.Size()
	assert.Equal(t, 480, size.Y, "as VideoCfg says")
	assert.Equal(t, 320, size.X, "in the shape of the screen")
	at := func(x int) color.RGBA { // x of the desktop
		return videoRGB(f.Image.YCbCrAt((x-width/2)*size.X/(width/2), size.Y/2))
	}
	for x, want := range map[int]color.RGBA{460: bars[1], 700: bars[2]} {
		got := at(x)
		assert.InDeltaSlice(t, []int{int(want.R), int(want.G), int(want.B)}, []int{int(got.R), int(got.G), int(got.B)}, 12, "at %d", x)
	}
	unplug()
	select {
	case e := <-failed:
		assert.Contains(t, e.Desc, "no such screen")
	case <-ctx.Done():
		require.Fail(t, "nobody was told that the screen is gone")
	}
	require.Eventually(t, func() bool { return bob.GetVideoStatus("ann") == crvideo.StatusClosed }, 20*time.Second, 10*time.Millisecond)
}

// videoRGB converts a point with video levels.
func videoRGB(c color.YCbCr) color.RGBA {
	y, cb, cr := 1.164*(float64(c.Y)-16), float64(c.Cb)-128, float64(c.Cr)-128
	level := func(v float64) uint8 { return uint8(min(max(v, 0), 255)) }
	return color.RGBA{level(y + 1.596*cr), level(y - 0.392*cb - 0.813*cr), level(y + 2.017*cb), 255}
}

func BenchmarkGrab(b *testing.B) {
	g, err := screen.Registered().Open("")
	require.NoError(b, err)
	defer g.Close()
	b.ReportAllocs()
	for b.Loop() {
		_, err := g.Grab()
		require.NoError(b, err)
	}
}
