//go:build browser

package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// joinAndLook is the time, in ms, from the click on "join" to the first picture of another member: login, entry, media, key frame.
const joinAndLook = `new Promise((done) => {
	const from = performance.now();
	const look = () => {
		const video = [...document.querySelectorAll('.tile')].find((t) => t.dataset.uid === 'ann')?.querySelector('video');
		if (video?.videoWidth > 0 && video.style.visibility === 'visible') done(performance.now() - from);
		else setTimeout(look, 2);
	};
	enter.click();
	look();
})`

// bareLook is the same for nothing but a peer connection to a Go process that answers at once.
const bareLook = `new Promise(async (done, failed) => {
	const from = performance.now();
	const pc = new RTCPeerConnection();
	pc.addTransceiver('video', {direction: 'recvonly'});
	const video = document.createElement('video');
	video.muted = true;
	document.body.append(video);
	pc.ontrack = (event) => { video.srcObject = new MediaStream([event.track]); video.play(); };
	await pc.setLocalDescription();
	const answer = await fetch('whep', {method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: pc.localDescription.sdp});
	if (answer.status !== 201) return failed(answer.status);
	await pc.setRemoteDescription({type: 'answer', sdp: await answer.text()});
	const look = () => {
		if (video.videoWidth > 0) { done(performance.now() - from); pc.close(); video.remove(); }
		else setTimeout(look, 2);
	};
	look();
})`

// TestJoinTime compares how long a person waits for the first picture with what a bare peer connection to Go takes.
func TestJoinTime(t *testing.T) {
	const runs = 5
	srv := crvideotest.NewServer(t)
	ann, bob := goClient(t, srv, "ann"), goClient(t, srv, "bob")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	require.NoError(t, bob.EnterMeeting(testContext(t), info.ID))
	publishes(t, ann)
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	require.NoError(t, ui.SetVideo("ann", crvideo.DefaultCamera))
	mux := http.NewServeMux()
	mux.Handle("/ann/", http.StripPrefix("/ann", ui.Handler()))
	direct := httptest.NewServer(mux)
	t.Cleanup(direct.Close)
	t.Cleanup(ui.Destroy)

	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	page, bare := lobby(t, browser, pageURL(srv, info.ID)), browser.Open(t, direct.URL+"/ann/")
	fill(t, page, "name", "Grace")
	for _, device := range []string{"lobby-mic", "lobby-camera"} {
		click(t, page, device)
	}
	times := func(tab *chromiumtest.Tab, expression string, between func()) []float64 {
		var all []float64
		for range runs {
			var ms float64
			tab.Eval(t, expression, &ms)
			all = append(all, ms)
			between()
		}
		slices.Sort(all)
		return all
	}
	joined := times(page, joinAndLook, func() {
		click(t, page, "leave")
		page.Wait(t, `!lobby.hidden && !enter.disabled`)
	})
	direct5 := times(bare, bareLook, func() {})
	t.Logf("join to first picture %.0f ms (median of %d: %.0f); a bare peer %.0f ms (%.0f)", joined, runs, joined[runs/2], direct5, direct5[runs/2])
	assert.Less(t, joined[0], direct5[runs/2]+1000, "logging in and entering takes less than a second")
}
