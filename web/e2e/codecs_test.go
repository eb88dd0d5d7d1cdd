//go:build browser

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// speak makes a blank page of the server a member by the ES module, with a camera of this codec.
const speak = `import('/crvideo.mjs').then((m) => new Promise((done, failed) => {
	document.body.replaceChildren();
	window.sdk = m;
	const [uid, codec, room] = %s;
	m.CRVideo_LoginSuccess.callback = () => m.CRVideo_EnterMeeting3(room);
	m.CRVideo_LoginFail.callback = (code) => failed('login ' + code);
	m.CRVideo_EnterMeetingRslt.callback = (code) => { if (code) failed('enter ' + code); else m.CRVideo_OpenVideo(''); };
	m.CRVideo_OpenVideoFailed.callback = (why) => failed(why);
	m.CRVideo_VideoStatusChanged.callback = (who, from, to) => { if (who === uid && to === 3) done(true); };
	m.CRVideo_Init({videoCodec: codec}).then(() => {
		m.CRVideo_SetServerAddr(location.host);
		m.CRVideo_Login('demo', '%s', uid, uid);
	}, failed);
}))`

// TestCodecs: a browser's camera in each codec reaches another browser, and the Go side gets it (decoded where it can).
func TestCodecs(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	blank := "http://" + srv.Addr().String() + "/healthz"
	var viewer *chromiumtest.Tab
	for _, codec := range []string{"video/H264", "video/VP8", "video/VP9"} {
		uid := strings.ToLower(strings.TrimPrefix(codec, "video/"))
		tab := browser.Open(t, blank)
		tab.Eval(t, fmt.Sprintf(speak, fmt.Sprintf(`[%q, %q, %d]`, uid, codec, info.ID), crvideo.MD5(server.DemoApp)), nil)
		require.Eventually(t, func() bool { return len(ann.GetOpenedVideoIDs(uid)) == 1 }, chromiumtest.Patience, poll)
		v, err := ann.Video(uid, crvideo.DefaultCamera)
		require.NoError(t, err)
		for i := range 10 {
			sample, err := v.ReadSample(testContext(t))
			require.NoError(t, err, codec)
			if i == 0 {
				assert.True(t, sample.Key, "%s begins with a key frame", codec)
			}
		}
		require.NoError(t, v.Close())
		if viewer == nil { // the first one watches the others
			viewer = tab
			seesFakeCamera(t, ann, uid)
			continue
		}
		viewer.Eval(t, fmt.Sprintf(`(() => {
			const view = sdk.CRVideo_CreatVideoObj({id: %q});
			document.body.append(view.handler());
			view.setVideo(%q);
		})()`, "of-"+uid, uid), nil)
		viewer.Wait(t, fmt.Sprintf(`document.querySelector('#of-%s video').videoWidth > 0 && document.querySelector('#of-%s video').currentTime > 0.5`, uid, uid))
		var used string
		viewer.Eval(t, `sdk.CRVideo_GetStats().then((all) => [...all.values()].filter((r) => r.type === 'inbound-rtp' && r.kind === 'video' && r.framesDecoded > 0).map((r) => all.get(r.codecId).mimeType).join())`, &used)
		assert.Contains(t, used, codec)
	}
}
