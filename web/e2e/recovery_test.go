//go:build browser

package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// fragile is a server behind a network that fails, for pages, too.
func fragile(t testing.TB) (srv *crvideotest.Server, n *crvideotest.Network, addr string) {
	t.Helper()
	srv = crvideotest.NewServer(t, func(cfg *server.Config) { cfg.AllowedOrigins = []string{"*"} })
	n = srv.Network()
	return srv, n, strings.Split(strings.TrimPrefix(n.URL(), "ws://"), "/")[0]
}

func through(n *crvideotest.Network) func(*crvideo.SDKParams) {
	return func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() }
}

// quiet proves that a page was told of nobody who came or left.
func quiet(t testing.TB, tab *chromiumtest.Tab) {
	t.Helper()
	for _, name := range []string{"UserEnterMeeting", "UserLeftMeeting", "MeetingDropped", "LineOff", "NotifyCallHangup"} {
		assert.Zero(t, events(t, tab, name), name)
	}
}

// TestRecoverTogether: a server that knows nothing takes the place of another one. A page and Go members bring back the room, what it
// shares, messages, calls and media, whoever is first, and nobody hears of it.
func TestRecoverTogether(t *testing.T) {
	srv, n, addr := fragile(t)
	ann, bob := goClient(t, srv, "ann", through(n)), goClient(t, srv, "bob", through(n))
	ctx := testContext(t)
	info, err := ann.CreateMeeting(ctx, crvideo.CreateParams{Subject: "tea"})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(ctx, info.ID))
	publishes(t, ann)
	tab := scripted(t, chromiumtest.Start(t, chromiumtest.Devices...), srv, "grace", addr)
	enters(t, tab, info.ID)
	tab.Eval(t, `(window.view = sdk.CRVideo_CreatVideoObj({id: 'of-ann'}), document.body.append(view.handler()), view.setVideo('ann'),
		sdk.CRVideo_OpenMic(''), sdk.CRVideo_OpenVideo(''), 0)`, nil)
	together := func(round int) {
		t.Helper()
		becomes(t, ann, "grace", "microphone and camera open", func(m crvideo.MemberInfo) bool {
			return m.AudioStatus == crvideo.StatusOpen && m.VideoStatus == crvideo.StatusOpen
		})
		seesFakeCamera(t, ann, "grace")
		hearsBeep(t, ann, "grace")
		tab.Wait(t, `document.querySelector('#of-ann video').videoWidth > 0 && document.querySelector('#of-ann video').style.visibility === 'visible'`)
		member, before := look(t, tab, `document.querySelector('#of-ann video')`)
		me, ok := ann.GetMemberInfo("ann")
		require.True(t, ok)
		require.Equal(t, me.Num, member, "round %d", round)
		require.Eventually(t, func() bool {
			_, now := look(t, tab, `document.querySelector('#of-ann video')`)
			return now > before
		}, chromiumtest.Patience, poll, "the picture moves")
		hears(t, tab, me.Num)
	}
	together(0)

	loudly := crvideo.MeetingAttrOptions{NotifyAll: true}
	succeeds(t, tab, "SetMeetingAttrs", object{"topic": "tea", "phase": "1"}, object{})
	succeeds(t, tab, "DelMeetingAttrs", []string{"phase"}, object{})
	succeeds(t, tab, "SetUserAttrs", "ann", object{"seat": "1"}, object{})
	succeeds(t, tab, "SetUserAttrs", "grace", object{"hand": "up"}, object{})
	require.NoError(t, ann.AddOrUpdateMeetingAttrs(ctx, map[string]string{"place": "hall"}, loudly))
	tab.Eval(t, `sdk.CRVideo_SetMainVideoMode(3, 'ann')`, nil)
	succeeds(t, tab, "SetDNDStatus", 0)
	call := succeeds(t, tab, "Call", "bob", nil, "")[0].(string)
	require.NoError(t, bob.AcceptCall(ctx, call, crvideo.MeetInfo{}, ""))
	told(t, tab, "NotifyCallAccepted")
	messages, hungUp := to(ann.OnNotifyMeetingCustomMsg), to(bob.OnNotifyCallHangup)
	left, entered := to(ann.OnUserLeftMeeting), to(ann.OnUserEnterMeeting)

	for round := range 2 {
		logins := n.WatchMessage(crvideotest.Method(crvideotest.ToServer, "login").Of("grace"))
		n.Down()
		tab.Eval(t, fmt.Sprintf(`(window.inFlight = 0, sdk.CRVideo_SendMeetingCustomMsg('round %d', inFlight), 0)`, round), nil)
		n.RestartFresh(100 * time.Millisecond)
		assert.Equal(t, fmt.Sprint("round ", round), heard(t, messages).Msg)
		together(round + 1)
		assert.Positive(t, logins.Count())
		logins.Remove()

		require.Eventually(t, func() bool {
			attrs := succeeds(t, tab, "GetMeetingAllAttrs")[0].(object)
			return len(attrs) == 2 && attrs["topic"] != nil && attrs["place"] != nil && attrs["topic"].(object)["lastModifyUserID"] == "grace"
		}, chromiumtest.Patience, poll, "the room's attributes")
		require.Eventually(t, func() bool {
			users, err := ann.GetUserAttrs(testContext(t), []string{"ann", "grace"}, nil)
			require.NoError(t, err)
			return users["ann"]["seat"].Value == "1" && users["grace"]["hand"].Value == "up"
		}, chromiumtest.Patience, poll, "the members' attributes")
		tab.Wait(t, `sdk.CRVideo_GetMainVideo() === 'ann' && sdk.CRVideo_GetMainVideoMode() === 3 && sdk.CRVideo_GetAllMembers().length === 2`)
		assert.Equal(t, []any{"grace", fmt.Sprint("round ", round), false}, told(t, tab, "NotifyMeetingCustomMsg"))
	}
	succeeds(t, tab, "HangupCall", call, "bye")
	assert.Equal(t, crvideo.NotifyCallHangup{CallID: call, UserExtDat: "bye"}, heard(t, hungUp))
	quiet(t, tab)
	assert.Zero(t, events(t, tab, "NotifyMeetingCustomMsg"), "each message once")
	assert.Empty(t, messages)
	assert.Empty(t, left)
	assert.Empty(t, entered)
}

// TestForgottenOnceMore: the server is restarted again while a page comes back, wherever that is. Nobody hears of it.
func TestForgottenOnceMore(t *testing.T) {
	srv, n, addr := fragile(t)
	ann := goClient(t, srv, "ann", through(n))
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	tab := scripted(t, chromiumtest.Start(t, chromiumtest.Devices...), srv, "grace", addr)
	enters(t, tab, info.ID)
	tab.Eval(t, `(sdk.CRVideo_OpenMic(''), 0)`, nil)
	succeeds(t, tab, "SetUserAttrs", "grace", object{"hand": "up"}, object{})
	left := to(ann.OnUserLeftMeeting)
	for _, method := range []string{"login", "enterMeeting", "restoreAttrs", "openMic"} {
		for _, d := range []crvideotest.Direction{crvideotest.ToServer, crvideotest.ToClient} {
			reached := n.HoldMessage(crvideotest.Method(d, method).Of("grace"))
			n.RestartFresh(0)
			select {
			case <-reached.Hit():
			case <-testContext(t).Done():
				require.Fail(t, "it never came to "+method)
			}
			n.Down()
			reached.Remove()
			n.RestartFresh(0)
			succeeds(t, tab, "SendMeetingCustomMsg", method) // which waits until all is restored
			becomes(t, ann, "grace", "microphone open after "+method, func(m crvideo.MemberInfo) bool { return m.AudioStatus == crvideo.StatusOpen })
			hearsBeep(t, ann, "grace")
			require.Eventually(t, func() bool {
				users, err := ann.GetUserAttrs(testContext(t), []string{"grace"}, nil)
				require.NoError(t, err)
				return users["grace"]["hand"].Value == "up"
			}, chromiumtest.Patience, poll, "attributes after %s", method)
			tab.Wait(t, `sdk.CRVideo_GetAllMembers().length === 2 && sdk.CRVideo_GetAudioStatus('') === 3`)
		}
	}
	quiet(t, tab)
	assert.Empty(t, left)
}

// TestDifferencesAfterARestart: who does not come back has left, and who came meanwhile has entered; what rang has ended.
func TestDifferencesAfterARestart(t *testing.T) {
	srv, n, addr := fragile(t)
	ann, bob := goClient(t, srv, "ann", through(n)), goClient(t, srv, "bob", through(n))
	ctx := testContext(t)
	info, err := ann.CreateMeeting(ctx, crvideo.CreateParams{})
	require.NoError(t, err)
	for _, c := range []*crvideo.Client{ann, bob} {
		require.NoError(t, c.EnterMeeting(ctx, info.ID))
	}
	require.NoError(t, ann.OpenMic(ctx, ""))
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", addr)
	enters(t, tab, info.ID)
	tab.Wait(t, `sdk.CRVideo_GetAudioStatus('ann') === 3`)
	succeeds(t, tab, "StartUserStatusNotify")
	require.NoError(t, bob.SetDNDStatus(ctx, 1))
	assert.Equal(t, "bob", told(t, tab, "NotifyUserStatus")[0].(object)["UID"])
	rings := succeeds(t, tab, "Call", "ann", nil, "")[0].(string)
	invites, err := ann.Invite(ctx, "grace", "")
	require.NoError(t, err)
	told(t, tab, "NotifyInviteIn")

	n.Down()
	require.NoError(t, bob.Close())
	n.RestartFresh(0)
	carol := goClient(t, srv, "carol", through(n))
	require.Eventually(t, func() bool { return carol.EnterMeeting(testContext(t), info.ID) == nil }, chromiumtest.Patience, poll)
	assert.Equal(t, []any{"bob", "timeout"}, told(t, tab, "UserLeftMeeting"))
	assert.Equal(t, []any{"carol"}, told(t, tab, "UserEnterMeeting"))
	assert.Equal(t, []any{rings, 1201.0, ""}, told(t, tab, "NotifyCallRejected"))
	assert.Equal(t, []any{invites, "lost", ""}, told(t, tab, "NotifyInviteCanceled"))
	require.Eventually(t, func() bool {
		status := told(t, tab, "NotifyUserStatus")[0].(object)
		return status["UID"] == "bob" && status["userStatus"] == 0.0
	}, chromiumtest.Patience, poll, "bob is offline")
	tab.Wait(t, `sdk.CRVideo_GetAudioStatus('ann') === 3 && sdk.CRVideo_GetAllMembers().length === 3`)
	quiet(t, tab)
}

// TestOthersLoginWins: the user of a page has logged in elsewhere while the page was away. The page's silent login gives way.
func TestOthersLoginWins(t *testing.T) {
	srv, n, addr := fragile(t)
	tab := scripted(t, chromiumtest.Start(t), srv, "grace", addr)
	seen := n.AlterMessage(crvideotest.Method(crvideotest.ToServer, "login").Of("grace"), func(m crvideotest.Message) [][]byte {
		var request struct {
			Params struct {
				Renews string
				AgeMS  int64
			}
		}
		assert.NoError(t, json.Unmarshal(m.Text, &request))
		assert.NotEmpty(t, request.Params.Renews)
		assert.Positive(t, request.Params.AgeMS)
		return [][]byte{m.Text}
	})
	n.Down()
	srv.Restart(0)
	elsewhere := goClient(t, srv, "grace")
	lost := to(elsewhere.OnLineOff)
	n.Up()
	assert.Equal(t, []any{float64(crvideo.CodeKicked)}, told(t, tab, "LineOff"))
	assert.Positive(t, seen.Count())
	_, err := elsewhere.GetUserStatus(testContext(t))
	require.NoError(t, err)
	assert.Empty(t, lost)
}
