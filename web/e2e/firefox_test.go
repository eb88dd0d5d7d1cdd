//go:build browser

package e2e_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// TestFirefox: the basic call in another engine, by the page: sound and pictures both ways, proved by content; mute, camera and leave.
// Pictures are VP8: Firefox gets its H.264 from the network, after it has been started.
func TestFirefox(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, room, sees := vp8Member(t, srv)
	require.NoError(t, ann.OpenMic(testContext(t), ""))
	tab := lobby(t, chromiumtest.StartFirefox(t, "http://"+srv.Addr().String()), pageURL(srv, room))
	tab.Wait(t, `preview.videoWidth > 0`)
	join(t, tab, "Grace")
	uid := guest(t, ann)
	open := func(m crvideo.MemberInfo) bool {
		return m.AudioStatus == crvideo.StatusOpen && m.VideoStatus == crvideo.StatusOpen
	}
	becomes(t, ann, uid, "microphone and camera open", open)
	sees(tab)
	hears(t, tab, 1)
	changesColour(t, ann, uid)
	hearsSteadyTone(t, ann, uid)
	small, err := ann.Video(uid, crvideo.DefaultCamera, crvideo.WithHeight(240))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		f, err := small.ReadFrame(testContext(t))
		require.NoError(t, err)
		return f.Image.Rect.Dy() == 240
	}, chromiumtest.Patience, poll, "the small layer")
	require.NoError(t, small.Close())

	click(t, tab, "mic")
	click(t, tab, "camera")
	becomes(t, ann, uid, "closed devices", func(m crvideo.MemberInfo) bool {
		return m.AudioStatus == crvideo.StatusClosed && m.VideoStatus == crvideo.StatusClosed
	})
	click(t, tab, "mic")
	click(t, tab, "camera")
	becomes(t, ann, uid, "microphone and camera open", open)
	changesColour(t, ann, uid)
	hearsSteadyTone(t, ann, uid)
	click(t, tab, "leave")
	tab.Wait(t, `room.hidden && !lobby.hidden`)
	require.Eventually(t, func() bool { return !ann.IsUserInMeeting(uid) }, chromiumtest.Patience, poll)
}

// changesColour decodes, in Go, Firefox's fake camera: one colour all over the picture, another one in the next pictures.
func changesColour(t testing.TB, c *crvideo.Client, uid string) {
	t.Helper()
	v, err := c.Video(uid, crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	seen := map[[2]uint8]bool{}
	for ctx := testContext(t); len(seen) < 5; {
		f, err := v.ReadFrame(ctx)
		require.NoError(t, err)
		size := f.Image.Rect.Size()
		a, b := f.Image.YCbCrAt(size.X/8, size.Y/2), f.Image.YCbCrAt(size.X*7/8, size.Y/2)
		for _, d := range []int{int(a.Cb) - int(b.Cb), int(a.Cr) - int(b.Cr)} {
			require.LessOrEqual(t, math.Abs(float64(d)), 8.0, "left %v, right %v", a, b)
		}
		seen[[2]uint8{a.Cb, a.Cr}] = true
	}
}

// hearsSteadyTone decodes, in Go, Firefox's fake microphone: 1 kHz.
func hearsSteadyTone(t testing.TB, c *crvideo.Client, uid string) {
	t.Helper()
	a, err := c.Audio(uid)
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	window := make([]int16, crvideo.PCMRate/5)
	for ctx, found := testContext(t), 0; found < 3; {
		for filled := 0; filled < len(window); {
			n, err := a.ReadPCM(ctx, window[filled:])
			require.NoError(t, err, "%d windows with the tone", found)
			filled += n
		}
		if hz, ok := crvideotest.DetectTone(window, crvideo.PCMRate); ok && math.Abs(hz-1000) < 5 {
			found++
		}
	}
}
