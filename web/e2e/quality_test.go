//go:build browser

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// received is what WebRTC tells of all streams that came, together.
type received struct {
	Lost, Frames, Dropped, Freezes, Plis float64
	Streams                              int
}

const stats = `import('/crvideo.mjs').then(async (m) => {
	const all = {lost: 0, frames: 0, dropped: 0, freezes: 0, plis: 0, streams: 0};
	for (const r of (await m.CRVideo_GetStats()).values()) {
		if (r.type !== 'inbound-rtp' || !r.packetsReceived) continue;
		all.streams++;
		all.lost += r.packetsLost;
		if (r.kind !== 'video') continue;
		all.frames += r.framesDecoded;
		all.dropped += r.framesReceived - r.framesDecoded;
		all.freezes += r.freezeCount;
		all.plis += r.pliCount;
	}
	return all;
})`

// stalls counts, until the returned function is called, how often this process did not run for so long that a picture
// comes late: on a machine that is busy with other things.
func stalls(t testing.TB) (count func() float64) {
	ctx, cancel := context.WithCancel(t.Context())
	found := make(chan float64, 1)
	go func() {
		n, last := 0.0, time.Now()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				found <- n
				return
			case now := <-tick.C:
				if now.Sub(last) > 100*time.Millisecond {
					n++
				}
				last = now
			}
		}
	}()
	return func() float64 {
		cancel()
		return <-found
	}
}

// TestQuality watches two Go publishers for a while (CRVIDEO_QUALITY says how long, 15 s without): nothing is lost on
// loopback, and no picture freezes.
func TestQuality(t *testing.T) {
	length := 15 * time.Second
	if text := os.Getenv("CRVIDEO_QUALITY"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	srv := crvideotest.NewServer(t)
	ann, tab, _ := withGuest(t, srv, chromiumtest.Start(t, chromiumtest.Devices...))
	bob := goClient(t, srv, "bob")
	require.NoError(t, bob.EnterMeeting(testContext(t), ann.GetMeetInfo().ID))
	publishes(t, bob)
	shows(t, tab, "ann")
	shows(t, tab, "bob")
	var before, after received
	tab.Eval(t, stats, &before)
	require.Equal(t, 4, before.Streams, "sound and pictures of two")
	tab.Eval(t, `(() => {
		window.stalls = 0;
		let last = performance.now();
		setInterval(() => {
			const now = performance.now();
			if (now - last > 100) window.stalls++;
			last = now;
		}, 20);
	})()`, nil)
	stalled := stalls(t)
	for end := time.Now().Add(length); time.Now().Before(end); { // in pieces that are shorter than the browser's patience
		tab.Eval(t, `new Promise((done) => setTimeout(done, 1000))`, nil)
	}
	tab.Eval(t, stats, &after)
	var busy float64
	tab.Eval(t, `window.stalls`, &busy)
	busy += stalled()
	t.Logf("%v: %+v; the machine stalled %v times", length, after, busy)
	assert.Zero(t, after.Lost, "packets lost on loopback")
	assert.LessOrEqual(t, after.Freezes-before.Freezes, busy, "freezes that are not the machine's")
	assert.LessOrEqual(t, after.Dropped-before.Dropped, 2+busy, "pictures that came and were not decoded; one of each may be on its way")
	assert.Greater(t, after.Frames-before.Frames, 0.7*2*15*length.Seconds(), "two times 15 pictures a second, nearly")
}

// TestManyMembers: more members than there are slots at first. The page negotiates more while the call goes on, and
// every tile shows its own member.
func TestManyMembers(t *testing.T) {
	srv := crvideotest.NewServer(t)
	tab := lobby(t, chromiumtest.Start(t, chromiumtest.Devices...), pageURL(srv, 0))
	room := join(t, tab, "Grace")
	const more = 7               // cameras; there are 4 slots
	var small, large *fakeViewer // of the page's own camera, which go on while it negotiates; the browser captures 640 or 848 x 480
	for i := range more {
		c := goClient(t, srv, fmt.Sprintf("m%d", i))
		require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 7, FPS: 5}))
		require.NoError(t, c.EnterMeeting(testContext(t), room))
		publishes(t, c)
		switch i {
		case 0:
			small = views(t, c, guest(t, c), 120)
			small.await(t, 0, 240)
		case 1:
			large = views(t, c, small.uid, 0)
			large.await(t, 0, 480)
		}
	}
	tab.Wait(t, fmt.Sprintf(`document.querySelectorAll('.tile').length === %d`, more+1))
	for i := range more {
		name := fmt.Sprintf("m%d", i)
		shows(t, tab, name)
		member, _ := look(t, tab, video(name))
		assert.EqualValues(t, i+2, member, name)
	}
	hears(t, tab, 2, more+1)
	for _, w := range []*fakeViewer{small, large} {
		at := w.pictures()
		require.Eventually(t, func() bool { return w.pictures() >= at+15 }, chromiumtest.Patience, poll, "pictures of %v", w.size)
	}
	small.await(t, 0, 240)
	large.await(t, 0, 480)
}

// TestAccessibility lets axe-core look at the lobby, at a failure in it, the room and its dialog.
func TestAccessibility(t *testing.T) {
	path := os.Getenv("CRVIDEO_AXE")
	if path == "" {
		t.Skip("CRVIDEO_AXE does not name axe.min.js; web/e2e/run fetches it")
	}
	axe, err := os.ReadFile(path)
	require.NoError(t, err)
	srv := crvideotest.NewServer(t)
	tab := lobby(t, chromiumtest.Start(t, chromiumtest.Devices...), pageURL(srv, 0))
	tab.Eval(t, string(axe)+"\n;0", nil)
	check := func(what string) {
		t.Helper()
		var found []struct {
			ID, Impact string
			Nodes      []string
		}
		tab.Eval(t, `axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.map((v) => ({id: v.id, impact: v.impact, nodes: v.nodes.map((n) => n.html + ' ' + n.failureSummary)})))`, &found)
		for _, v := range found {
			t.Logf("%s: %s (%s): %v", what, v.ID, v.Impact, v.Nodes)
			assert.NotContains(t, []string{"serious", "critical"}, v.Impact, "%s: %s", what, v.ID)
		}
	}
	tab.Wait(t, `preview.videoWidth > 0`)
	check("lobby")
	click(t, tab, "enter")
	complains(t, tab, "tell your name")
	check("failure")
	room := join(t, tab, "Grace")
	ann := goClient(t, srv, "ann")
	require.NoError(t, ann.EnterMeeting(testContext(t), room))
	publishes(t, ann)
	shows(t, tab, "ann")
	check("room")
	click(t, tab, "camera")
	tab.Wait(t, `!`+tile("Grace")+`.querySelector('.face').hidden`)
	click(t, tab, "settings")
	tab.Wait(t, `document.querySelector('#device-dialog').open`)
	check("devices")
}
