//go:build browser

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// TestTogether: what a room sees together is the same for Go and JavaScript; members close each other's devices.
func TestTogether(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	publishes(t, ann)
	require.NoError(t, ann.SetMainVideo(testContext(t), "ann"))
	tab := chromiumtest.Start(t, chromiumtest.Devices...).Open(t, "http://"+srv.Addr().String()+"/healthz")
	tab.Eval(t, fmt.Sprintf(speak, fmt.Sprintf(`["grace", "video/H264", %d]`, info.ID), crvideo.MD5(server.DemoApp)), nil)
	tab.Wait(t, `sdk.CRVideo_GetMainVideo() === 'ann' && sdk.CRVideo_GetMainVideoMode() === 2 && sdk.CRVideo_GetAllMembers().length === 2`)

	tab.Eval(t, `(window.seen = [], sdk.CRVideo_NotifyMainVideoChanged.callback = (uid) => seen.push('main ' + uid),
		sdk.CRVideo_NotifyMainVideoModeChanged.callback = (mode) => seen.push('mode ' + mode),
		sdk.CRVideo_NotifySwitchToPage.callback = (page, sub) => seen.push('page ' + page + ' ' + sub),
		sdk.CRVideo_NotifyNickNameChanged.callback = (uid, old, now) => seen.push(uid + ' ' + old + ' ' + now), 0)`, nil)
	tab.Eval(t, `sdk.CRVideo_SetMainVideoMode(3, 'grace')`, nil)
	tab.Eval(t, `sdk.CRVideo_SwitchToPage(4, 'two')`, nil)
	tab.Eval(t, `sdk.CRVideo_SetNickName('ann', 'Ann B.')`, nil)
	tab.Wait(t, `seen.length === 4`)
	var seen []string
	tab.Eval(t, `seen`, &seen)
	assert.Equal(t, []string{"mode 3", "main grace", "page 4 two", "ann ann Ann B."}, seen)
	require.Eventually(t, func() bool { return ann.GetMainVideo() == "grace" && ann.GetCurrentSubPage() == "two" }, chromiumtest.Patience, poll)

	tab.Eval(t, `sdk.CRVideo_SetAllAudioClose()`, nil)
	require.Eventually(t, func() bool { return ann.GetAudioStatus("") == crvideo.StatusClosed }, chromiumtest.Patience, poll)
	tab.Eval(t, `sdk.CRVideo_OpenMic('ann')`, nil) // asks
	require.Eventually(t, func() bool { return ann.GetAudioStatus("") == crvideo.StatusOpen }, chromiumtest.Patience, poll)
	require.NoError(t, ann.CloseVideo(testContext(t), "grace"))
	tab.Wait(t, `sdk.CRVideo_GetVideoStatus('') === 2`)
	require.NoError(t, ann.OpenVideo(testContext(t), "grace"))
	tab.Wait(t, `sdk.CRVideo_GetVideoStatus('') === 3`)

	var code int
	tab.Eval(t, `sdk.CRVideo_Kickout('nobody').then(() => 0, (code) => code)`, &code)
	assert.Equal(t, 806, code)
	tab.Eval(t, `sdk.CRVideo_SetVideoCfg({size: 99}).then(() => 0, (code) => code)`, &code)
	assert.Equal(t, 5, code)

	// a canvas as a camera, and a picture of what another member shows
	tab.Eval(t, `(() => {
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [320, 180];
		const brush = canvas.getContext('2d');
		setInterval(() => { brush.fillStyle = '#0000ff'; brush.fillRect(0, 0, 320, 180); brush.clearRect(Date.now() % 300, 100, 9, 9); }, 50);
		return sdk.CRVideo_SetDefaultVideo('', sdk.CRVideo_AddCanvasVCam(canvas, 'canvas'));
	})()`, nil)
	require.Eventually(t, func() bool { return ann.GetDefaultVideo("grace") >= 50 }, chromiumtest.Patience, poll)
	v, err := ann.Video("grace", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	require.Eventually(t, func() bool {
		f, err := v.ReadFrame(testContext(t))
		require.NoError(t, err)
		r, g, b, _ := f.Image.At(f.Image.Rect.Dx()/10, f.Image.Rect.Dy()/10).RGBA()
		return b > 2*r && b > 2*g
	}, chromiumtest.Patience, poll, "the canvas is blue")
	tab.Eval(t, `(window.view = sdk.CRVideo_CreatVideoObj(), document.body.append(view.handler()), view.setVideo('ann'))`, nil)
	tab.Wait(t, `!view.isPicEmpty() && view.savePicToBase64('jpeg').startsWith('data:image/jpeg;base64,')`)
}
