//go:build browser

package e2e_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// meets proves that a page and a Go member see and hear each other, after whatever happened before.
func meets(t testing.TB, tab *chromiumtest.Tab, ann *crvideo.Client, uid string) {
	t.Helper()
	becomes(t, ann, uid, "microphone and camera open", func(m crvideo.MemberInfo) bool {
		return m.AudioStatus == crvideo.StatusOpen && m.VideoStatus == crvideo.StatusOpen
	})
	seesFakeCamera(t, ann, uid)
	hearsBeep(t, ann, uid)
	info, ok := ann.GetMemberInfo("ann")
	require.True(t, ok)
	tab.Wait(t, tile("ann"))
	shows(t, tab, "ann")
	member, _ := look(t, tab, video("ann"))
	require.Equal(t, info.Num, member)
	hears(t, tab, info.Num)
}

// TestReload reloads the page in the middle of a call: it comes back by itself, as the same user.
func TestReload(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, uid := withGuest(t, srv, chromiumtest.Start(t, chromiumtest.Devices...))
	before, ok := ann.GetMemberInfo(uid)
	require.True(t, ok)
	click(t, tab, "mic")
	becomes(t, ann, uid, "muted", func(m crvideo.MemberInfo) bool { return m.AudioStatus == crvideo.StatusClosed })
	tab.Reload(t)
	becomes(t, ann, uid, "a new stay, still muted", func(m crvideo.MemberInfo) bool {
		return m.Num > before.Num && m.VideoStatus == crvideo.StatusOpen && m.AudioStatus == crvideo.StatusClosed
	})
	tab.Wait(t, `!room.hidden`)
	click(t, tab, "mic")
	meets(t, tab, ann, uid)
}

// TestServerRestarted: the server ends and another one, which knows nothing, takes its place. A page and a Go member go on in the room
// as if nothing had happened; and a page alone makes the room anew by its ticket, for whoever comes.
func TestServerRestarted(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, tab, uid := withGuest(t, srv, chromiumtest.Start(t, chromiumtest.Devices...))
	room := ann.GetMeetInfo().ID
	left := to(ann.OnUserLeftMeeting)
	tab.Eval(t, `new MutationObserver(() => {
		if (banner.textContent.includes('Reconnecting')) window.wasTold = true;
		if (room.hidden) window.wasOut = true;
		if (document.querySelectorAll('.tile').length !== 2) window.wasAlone = true;
	}).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})`, nil)
	srv.Restart(0)
	tab.Wait(t, `window.wasTold && banner.textContent.includes('Connected again')`)
	meets(t, tab, ann, uid)
	var out, alone bool
	tab.Eval(t, `!!window.wasOut`, &out)
	require.False(t, out, "the page stayed in the room")
	tab.Eval(t, `!!window.wasAlone`, &alone)
	require.False(t, alone, "its tiles stayed")
	require.Empty(t, left)

	require.NoError(t, ann.Logout(testContext(t)))
	tab.Wait(t, `document.querySelectorAll('.tile').length === 1`)
	tab.Eval(t, `(window.wasTold = false, banner.firstElementChild.textContent = '')`, nil)
	srv.Restart(0)
	tab.Wait(t, `window.wasTold && banner.textContent.includes('Connected again')`)
	require.NoError(t, ann.Login(testContext(t), crvideo.LoginParams{
		AppID: server.DemoApp, AppSecret: crvideo.MD5(server.DemoApp), UID: "ann", Nickname: "ann",
	}))
	require.NoError(t, ann.EnterMeeting(testContext(t), room))
	publishes(t, ann)
	meets(t, tab, ann, uid)
	tab.Eval(t, `!!window.wasOut`, &out)
	require.False(t, out, "the page stayed in the room")
}

// TestBrokenNetwork: the page's connections are cut, half open, and its media's path changes; the call goes on.
func TestBrokenNetwork(t *testing.T) {
	srv := crvideotest.NewServer(t, func(cfg *server.Config) { cfg.AllowedOrigins = []string{"*"} })
	network := srv.Network()
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	publishes(t, ann)
	left := make(chan string, 10)
	ann.OnUserLeftMeeting(func(e crvideo.UserLeftMeeting) { left <- e.UID })

	tab := chromiumtest.Start(t, chromiumtest.Devices...).Open(t, "about:blank")
	tab.Prepare(t, keepPlayers+`
		const Direct = WebSocket;
		window.WebSocket = class extends Direct {
			constructor(url, protocols) { super(url.replace(location.host, `+"`"+strings.Split(strings.TrimPrefix(network.URL(), "ws://"), "/")[0]+"`"+`), protocols); }
		};`)
	tab.Navigate(t, pageURL(srv, info.ID))
	tab.Wait(t, `!lobby.hidden`)
	join(t, tab, "Grace")
	uid := guest(t, ann)
	meets(t, tab, ann, uid)

	require.Positive(t, network.Cut(uid))
	tab.Wait(t, `banner.textContent.includes('Connected again')`)
	click(t, tab, "mic") // a request on the new connection
	becomes(t, ann, uid, "muted", func(m crvideo.MemberInfo) bool { return m.AudioStatus == crvideo.StatusClosed })
	click(t, tab, "mic")
	meets(t, tab, ann, uid)

	tab.Eval(t, `banner.hidden = true, banner.firstElementChild.textContent = ''`, nil)
	require.Positive(t, network.HalfOpen(uid))
	click(t, tab, "mic") // falls into the hole, and is repeated
	becomes(t, ann, uid, "muted", func(m crvideo.MemberInfo) bool { return m.AudioStatus == crvideo.StatusClosed })
	click(t, tab, "mic")
	meets(t, tab, ann, uid)

	require.Positive(t, network.ChangePath(uid))
	meets(t, tab, ann, uid)
	select {
	case who := <-left:
		require.Fail(t, who+" left the room meanwhile")
	default:
	}
}
