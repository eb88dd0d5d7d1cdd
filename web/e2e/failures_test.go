//go:build browser

package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
	"github.com/crvideo/crvideo-go/token"
)

// complains waits until the lobby shows why one is not in a room.
func complains(t testing.TB, tab *chromiumtest.Tab, text string) {
	t.Helper()
	tab.Wait(t, `room.hidden && !lobby.hidden && document.querySelector('#failure').textContent.includes('`+text+`')`)
}

// TestPermissionDenied: the browser refuses camera and microphone. The page says so, and one watches and listens all the same.
func TestPermissionDenied(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	publishes(t, ann)
	browser := chromiumtest.Start(t, "--use-fake-device-for-media-stream", "--deny-permission-prompts")
	tab := lobby(t, browser, pageURL(srv, info.ID))
	tab.Wait(t, `document.querySelector('#preview-note').textContent.includes('The camera is blocked')`)
	tab.Wait(t, `document.querySelector('#device-note').textContent.includes('The microphone is blocked')`)
	shoot(t, tab, "blocked")
	join(t, tab, "Grace")
	for _, device := range []string{"mic", "camera"} {
		click(t, tab, device)
		tab.Wait(t, `banner.textContent.includes('The `+map[string]string{"mic": "microphone", "camera": "camera"}[device]+` is blocked') && document.getElementById('`+device+`').getAttribute('aria-pressed') === 'false'`)
	}
	shows(t, tab, "ann")
	hears(t, tab, 1)
	uid := guest(t, ann)
	becomes(t, ann, uid, "closed devices", func(m crvideo.MemberInfo) bool {
		return m.AudioStatus == crvideo.StatusClosed && m.VideoStatus == crvideo.StatusClosed
	})
}

// TestAutoplayBlocked: a browser plays no sound before its user has done something. After a reload without devices the page comes
// back into the room, says so, and a press of the button that it offers starts the sound.
func TestAutoplayBlocked(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	publishes(t, ann)
	browser := chromiumtest.Start(t, append(chromiumtest.Devices, "--autoplay-policy=document-user-activation-required")...)
	tab := lobby(t, browser, pageURL(srv, info.ID))
	for _, device := range []string{"lobby-mic", "lobby-camera"} {
		click(t, tab, device)
	}
	join(t, tab, "Grace")
	hears(t, tab, 1)
	tab.HandsOff = true
	tab.Reload(t)
	tab.Wait(t, `banner.textContent.includes('browser waits') && !document.querySelector('#banner button').hidden`)
	shows(t, tab, "ann") // pictures need no click
	tab.Wait(t, `[...played].filter((p) => p instanceof HTMLAudioElement).every((p) => p.paused)`)
	tab.Eval(t, `document.querySelector('#banner button').focus()`, nil)
	tab.Key(t, "Enter")
	tab.Wait(t, `banner.hidden`)
	hears(t, tab, 1)
}

// TestNoDevices: a machine without camera and microphone.
func TestNoDevices(t *testing.T) {
	srv := crvideotest.NewServer(t)
	tab := lobby(t, chromiumtest.Start(t, "--use-fake-ui-for-media-stream"), pageURL(srv, 0))
	tab.Wait(t, `document.querySelector('#preview-note').textContent === 'No camera was found.' && document.querySelector('#device-note').textContent === 'No microphone was found.'`)
	join(t, tab, "Grace")
	click(t, tab, "camera")
	tab.Wait(t, `banner.textContent.includes('No camera was found')`)
}

// TestFailures walks through the ways in which one does not get in, or is put out.
func TestFailures(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	tab := lobby(t, browser, pageURL(srv, 0))
	try := func(room string) {
		t.Helper()
		fill(t, tab, "room-number", room)
		click(t, tab, "enter")
	}
	click(t, tab, "enter")
	complains(t, tab, "tell your name")
	fill(t, tab, "name", "Grace")
	try("123")
	complains(t, tab, "8 digits")
	try("1234 5678")
	complains(t, tab, "no such room")
	tab.Wait(t, `preview.videoWidth > 0`)
	shoot(t, tab, "failure")

	locked, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{NeedPassword: true})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), locked.ID, crvideo.WithPassword(locked.Password)))
	tab.Navigate(t, "about:blank")
	tab.Navigate(t, pageURL(srv, locked.ID))
	tab.Wait(t, `!lobby.hidden && preview.videoWidth > 0 && document.querySelector('#room-number').value.length === 9`)
	click(t, tab, "enter")
	complains(t, tab, "Wrong password")
	fill(t, tab, "password", "no")
	click(t, tab, "enter")
	complains(t, tab, "Wrong password")
	fill(t, tab, "password", locked.Password)
	click(t, tab, "enter")
	tab.Wait(t, `!room.hidden`)

	uid := guest(t, ann)
	require.NoError(t, ann.Kickout(testContext(t), uid))
	complains(t, tab, "put out of the room")
	click(t, tab, "enter")
	tab.Wait(t, `!room.hidden`)

	require.NoError(t, ann.DestroyMeeting(testContext(t), locked.ID))
	complains(t, tab, "The room was closed")
}

// TestInvitation: a link with the room and its password is all that one needs.
func TestInvitation(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{Password: "a & b"})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID, crvideo.WithPassword("a & b")))
	tab := lobby(t, chromiumtest.Start(t, chromiumtest.Devices...), srv.PageURL(info.ID, "a & b"))
	require.Equal(t, info.ID, join(t, tab, "Grace"))
	tab.Wait(t, tile("ann"))
}

// TestSameUserTwice: a duplicated window takes the call over, and the first one says so.
func TestSameUserTwice(t *testing.T) {
	srv := crvideotest.NewServer(t)
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	tab := lobby(t, browser, pageURL(srv, 0))
	room := join(t, tab, "Grace")
	var stored string
	tab.Eval(t, `sessionStorage.getItem('guest')`, &stored)
	other := lobby(t, browser, pageURL(srv, room))
	other.Eval(t, `sessionStorage.setItem('guest', '`+stored+`')`, nil)
	join(t, other, "Grace")
	complains(t, tab, "joined from another window")
}

// TestServerGone: the server ends for good while one is in a room, and is not there in the lobby either.
func TestServerGone(t *testing.T) {
	srv := crvideotest.NewServer(t)
	tab := chromiumtest.Start(t, chromiumtest.Devices...).Open(t, "about:blank")
	tab.Prepare(t, `
		const Direct = WebSocket;
		window.gone = false;
		window.all = [];
		window.WebSocket = class extends Direct {
			constructor(url, protocols) { super(window.gone ? url.replace(/:\d+/, ':9') : url, protocols); window.all.push(this); }
		};
	`)
	tab.Navigate(t, pageURL(srv, 0))
	tab.Wait(t, `!lobby.hidden`)
	tab.Eval(t, `import('/crvideo.mjs').then((m) => m.CRVideo_SetSDKParams({timeout: 10000}))`, nil)
	join(t, tab, "Grace")
	tab.Eval(t, `window.gone = true, window.all.forEach((ws) => ws.close(4999))`, nil)
	tab.Wait(t, `banner.textContent.includes('Reconnecting')`)
	complains(t, tab, "did not come back")
	click(t, tab, "enter")
	complains(t, tab, "The server cannot be reached")
}

// TestOwnTokens: a server that gives guests no tokens asks for one, and takes one from a link.
func TestOwnTokens(t *testing.T) {
	const secret = "a secret of our own"
	srv := crvideotest.NewServer(t, func(cfg *server.Config) { cfg.Apps = []server.App{{ID: "app", Secret: secret}} })
	mint := func(uid string, permissions ...token.Permission) string {
		minted, err := token.Mint(secret, token.Claims{AppID: "app", UID: uid, Expires: inAnHour(), Permissions: permissions})
		require.NoError(t, err)
		return minted
	}
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	tab := lobby(t, browser, pageURL(srv, 0))
	fill(t, tab, "name", "Grace")
	click(t, tab, "enter")
	complains(t, tab, "without a token")
	fill(t, tab, "token", "nonsense")
	click(t, tab, "enter")
	complains(t, tab, "This is no token")
	fill(t, tab, "token", mint("grace")+"x")
	click(t, tab, "enter")
	complains(t, tab, "does not accept this token")
	fill(t, tab, "token", mint("grace", token.Enter))
	click(t, tab, "enter")
	complains(t, tab, "does not permit")
	fill(t, tab, "token", mint("grace"))
	click(t, tab, "enter")
	tab.Wait(t, `!room.hidden`)

	linked := lobby(t, browser, srv.PageURL(0, "")+"#name=Linus&token="+mint("linus"))
	linked.Wait(t, `document.querySelector('#token-line').hidden && document.querySelector('#name').value === 'Linus'`)
	click(t, linked, "enter")
	linked.Wait(t, `!room.hidden && !location.hash.includes('token')`)
}
