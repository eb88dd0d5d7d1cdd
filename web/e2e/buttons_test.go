//go:build browser

package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// becomes waits until a Go member sees another one in a state.
func becomes(t testing.TB, c *crvideo.Client, uid, what string, ok func(crvideo.MemberInfo) bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		info, there := c.GetMemberInfo(uid)
		return there && ok(info)
	}, chromiumtest.Patience, poll, "%s at %s", what, uid)
}

// guest is the UID of the one member that came by the page.
func guest(t testing.TB, c *crvideo.Client) string {
	t.Helper()
	var uid string
	require.Eventually(t, func() bool {
		for _, m := range c.GetAllMembers() {
			if m.UID != c.UID() {
				uid = m.UID
			}
		}
		return uid != ""
	}, chromiumtest.Patience, poll, "nobody came by the page")
	return uid
}

// withGuest is a room with a Go member that sends, and a browser that has joined by the page.
func withGuest(t testing.TB, srv *crvideotest.Server, browser *chromiumtest.Browser) (ann *crvideo.Client, tab *chromiumtest.Tab, uid string) {
	t.Helper()
	ann = goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{Subject: "tea"})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	publishes(t, ann)
	tab = lobby(t, browser, pageURL(srv, info.ID))
	require.Equal(t, info.ID, join(t, tab, "Grace"))
	shows(t, tab, "ann")
	uid = guest(t, ann)
	becomes(t, ann, uid, "microphone and camera open", func(m crvideo.MemberInfo) bool {
		return m.AudioStatus == crvideo.StatusOpen && m.VideoStatus == crvideo.StatusOpen
	})
	return ann, tab, uid
}

// TestButtons presses each button of the room, and its keys, and looks from the other side at what happens.
func TestButtons(t *testing.T) {
	srv := crvideotest.NewServer(t)
	browser := chromiumtest.Start(t, append(chromiumtest.Devices, "--use-fake-device-for-media-stream=device-count=3")...)
	ann, tab, uid := withGuest(t, srv, browser)
	mic := func(want crvideo.DeviceStatus) {
		t.Helper()
		becomes(t, ann, uid, "microphone "+want.String(), func(m crvideo.MemberInfo) bool { return m.AudioStatus == want })
	}
	camera := func(want crvideo.DeviceStatus) {
		t.Helper()
		becomes(t, ann, uid, "camera "+want.String(), func(m crvideo.MemberInfo) bool { return m.VideoStatus == want })
	}
	const pressed = `.getAttribute('aria-pressed')`

	click(t, tab, "mic")
	mic(crvideo.StatusClosed)
	tab.Wait(t, `mic`+pressed+` === 'false' && mic.textContent === 'Unmute' && `+tile("Grace")+`.textContent.includes('microphone off')`)
	click(t, tab, "mic")
	mic(crvideo.StatusOpen)
	hearsBeep(t, ann, uid)

	click(t, tab, "camera")
	camera(crvideo.StatusClosed)
	tab.Wait(t, `camera`+pressed+` === 'false' && !`+tile("Grace")+`.querySelector('.face').hidden`)
	click(t, tab, "camera")
	camera(crvideo.StatusOpen)
	seesFakeCamera(t, ann, uid)

	tab.Eval(t, `document.activeElement.blur()`, nil)
	tab.Key(t, "m")
	mic(crvideo.StatusClosed)
	tab.Key(t, "v")
	camera(crvideo.StatusClosed)
	tab.Key(t, "m")
	mic(crvideo.StatusOpen)
	tab.Key(t, "v")
	camera(crvideo.StatusOpen)

	// another camera takes over, under its own name; Chromium's second one makes depth images, which WebRTC cannot send
	click(t, tab, "settings")
	tab.Wait(t, `document.querySelector('#device-dialog').open && document.querySelectorAll('#room-devices select[data-kind=camera] option').length === 3`)
	tab.Eval(t, `(() => {
		const menu = document.querySelector('#room-devices select[data-kind=camera]');
		menu.value = '3';
		menu.dispatchEvent(new Event('change'));
	})()`, nil)
	require.Eventually(t, func() bool {
		ids := ann.GetOpenedVideoIDs(uid)
		return ann.GetDefaultVideo(uid) == 3 && len(ids) == 1 && ids[0] == 3
	}, chromiumtest.Patience, poll, "the other camera")
	seesFakeCamera(t, ann, uid)
	tab.Key(t, "Escape")
	tab.Wait(t, `!document.querySelector('#device-dialog').open`)
	click(t, tab, "settings")
	tab.Wait(t, `document.querySelector('#device-dialog').open`)
	tab.Eval(t, `document.querySelector('#device-dialog button').click()`, nil)
	tab.Wait(t, `!document.querySelector('#device-dialog').open`)

	// the screen in place of the camera, and back
	click(t, tab, "share")
	require.Eventually(t, func() bool {
		for _, v := range ann.GetAllVideoInfo(uid) {
			if v.Name == "screen" && ann.GetDefaultVideo(uid) == v.VideoID && len(ann.GetOpenedVideoIDs(uid)) == 1 && ann.GetOpenedVideoIDs(uid)[0] == v.VideoID {
				return true
			}
		}
		return false
	}, chromiumtest.Patience, poll, "the screen")
	tab.Wait(t, `share.textContent === 'Stop sharing' && `+tile("Grace")+`.classList.contains('screen')`)
	pictures(t, ann, uid)
	click(t, tab, "share")
	require.Eventually(t, func() bool {
		ids := ann.GetOpenedVideoIDs(uid)
		return ann.GetDefaultVideo(uid) == 3 && len(ids) == 1 && ids[0] == 3 && len(ann.GetAllVideoInfo(uid)) == 3
	}, chromiumtest.Patience, poll, "the camera again")
	seesFakeCamera(t, ann, uid)

	// speaking: a tone all the time lights the ring, on the other side and here
	tab.Wait(t, tile("ann")+`.classList.contains('speaking')`)
	tab.Wait(t, `net.dataset.level === '3' && `+tile("ann")+`.querySelector('.bars').dataset.level === '3'`)

	tab.Eval(t, `document.querySelector('#room .language').click()`, nil)
	tab.Wait(t, `leave.textContent === '离开' && document.documentElement.lang === 'zh-CN'`)
	tab.Eval(t, `document.querySelector('#room .language').click()`, nil)
	tab.Wait(t, `leave.textContent === 'Leave'`)
	click(t, tab, "invite")
	tab.Wait(t, `banner.textContent.includes('Link copied')`)

	require.NoError(t, ann.CloseVideo(testContext(t), ""))
	tab.Wait(t, `!`+tile("ann")+`.querySelector('.face').hidden`)
	require.NoError(t, ann.SetNickName(testContext(t), "ann", "Ann B."))
	tab.Wait(t, tile("Ann B."))

	click(t, tab, "leave")
	tab.Wait(t, `room.hidden && !lobby.hidden && document.querySelectorAll('.tile').length === 0`)
	require.Eventually(t, func() bool { return !ann.IsUserInMeeting(uid) }, chromiumtest.Patience, poll)
	tab.Wait(t, `preview.videoWidth > 0`)
	tab.Eval(t, `document.querySelector('#lobby .language').click()`, nil)
	tab.Wait(t, `enter.textContent === '加入' && document.documentElement.lang === 'zh-CN'`)
	tab.Eval(t, `document.querySelector('#lobby .language').click()`, nil)
	tab.Wait(t, `enter.textContent === 'Join'`)
	var untried []string
	tab.Eval(t, `[...document.querySelectorAll('button')].map((b) => b.id || b.dataset.text || b.className).filter((b) => ![
		'mic', 'camera', 'settings', 'done', 'share', 'invite', 'leave', 'otherLanguage', // here
		'lobby-mic', 'lobby-camera', 'enter', // TestLobbyByKeyboard
		'plain', // the banner's: TestAutoplayBlocked
	].includes(b))`, &untried)
	assert.Empty(t, untried, "buttons that nobody has pressed")
	for _, line := range tab.Console() {
		assert.NotContains(t, line, "exceptionThrown")
	}
}

// TestLobbyByKeyboard joins without a mouse, with both devices off.
func TestLobbyByKeyboard(t *testing.T) {
	srv := crvideotest.NewServer(t)
	tab := lobby(t, chromiumtest.Start(t, chromiumtest.Devices...), pageURL(srv, 0))
	tab.Wait(t, `preview.videoWidth > 0`)
	focus := func(id string) {
		t.Helper()
		for range 30 {
			var now string
			if tab.Eval(t, `document.activeElement.id`, &now); now == id {
				return
			}
			tab.Key(t, "Tab")
		}
		require.Fail(t, "the keyboard does not come to "+id)
	}
	focus("lobby-mic")
	tab.Key(t, "Enter")
	focus("lobby-camera")
	tab.Key(t, "Enter")
	tab.Wait(t, `document.querySelector('#lobby-camera').getAttribute('aria-pressed') === 'false' && !preview.srcObject`)
	focus("name")
	for _, letter := range "Bob" {
		tab.Key(t, string(letter))
	}
	tab.Key(t, "Enter")
	tab.Wait(t, `!room.hidden`)
	tab.Wait(t, tile("Bob")+`.textContent.includes('camera off')`)
	tab.Wait(t, tile("Bob")+`.textContent.includes('microphone off')`)
	tab.Reload(t) // the choice holds
	tab.Wait(t, `!room.hidden`)
	tab.Wait(t, tile("Bob")+`.textContent.includes('camera off')`)
}
