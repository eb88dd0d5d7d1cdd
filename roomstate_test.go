package crvideo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/token"
)

func TestMainVideoAndPage(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	ctx := testContext(t)
	assert.Equal(t, crvideo.MainVideoPresenter, bob.GetMainVideoMode())
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, alice.SetMainVideo(ctx, "bob"))
	require.NoError(t, bob.SwitchToPage(ctx, crvideo.PageWhiteboard, "board 1"))
	require.NoError(t, alice.SetMainVideoMode(ctx, crvideo.MainVideoMember, "alice"))
	want := []crvideo.Event{
		crvideo.NotifyMainVideoChanged{UID: "bob"},
		crvideo.NotifySwitchToPage{MainPage: crvideo.PageWhiteboard, SubPage: "board 1"},
		crvideo.NotifyMainVideoModeChanged{Mode: crvideo.MainVideoMember},
		crvideo.NotifyMainVideoChanged{UID: "alice"},
	}
	for _, seen := range []*recorder{atAlice, atBob} {
		seen.waitFor(t, want[3])
		assert.Equal(t, want, relevant(seen))
	}
	carol := entered(t, srv, "carol", alice.GetMeetInfo().ID)
	for _, c := range []*crvideo.Client{alice, bob, carol} {
		assert.Equal(t, "alice", c.GetMainVideo())
		assert.Equal(t, crvideo.MainVideoMember, c.GetMainVideoMode())
		assert.Equal(t, crvideo.PageWhiteboard, c.GetCurrentMainPage())
		assert.Equal(t, "board 1", c.GetCurrentSubPage())
	}
	assert.ErrorIs(t, alice.SetMainVideo(ctx, "nobody"), crvideo.CodeInvalidUser)
	assert.ErrorIs(t, alice.SetMainVideoMode(ctx, 4, ""), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.SwitchToPage(ctx, 256, ""), crvideo.CodeBadParameter)
	require.NoError(t, bob.ExitMeeting(ctx))
	assert.Empty(t, bob.GetMainVideo())
	assert.Zero(t, bob.GetMainVideoMode())
}

// The server hears who speaks, by what the packets of sound say.
func TestMainVideoByVoice(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	seen := record(t, bob)
	require.NoError(t, alice.SetMainVideoMode(testContext(t), crvideo.MainVideoByVoice, ""))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	seen.waitFor(t, crvideo.NotifyMainVideoChanged{UID: "alice"})
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	seen.waitFor(t, crvideo.NotifyMainVideoChanged{UID: "bob"})
}

func TestLockRoom(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	seen := record(t, bob)
	require.NoError(t, alice.LockRoom(testContext(t), true))
	seen.waitFor(t, crvideo.NotifyRoomLocked{Locked: true})
	assert.True(t, bob.IsRoomLocked())
	carol := loggedIn(t, srv, "carol")
	assert.ErrorIs(t, carol.EnterMeeting(testContext(t), alice.GetMeetInfo().ID), crvideo.CodeRoomLocked)
	require.NoError(t, bob.LockRoom(testContext(t), false))
	require.NoError(t, carol.EnterMeeting(testContext(t), alice.GetMeetInfo().ID))
}

func TestStopMeeting(t *testing.T) {
	for _, regular := range []bool{false, true} {
		t.Run(fmt.Sprint("regular ", regular), func(t *testing.T) {
			srv := newServer(t)
			alice := loggedIn(t, srv, "alice")
			room, err := alice.CreateMeeting(testContext(t), crvideo.CreateParams{Regular: regular})
			require.NoError(t, err)
			require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
			bob := entered(t, srv, "bob", room.ID)
			require.NoError(t, bob.OpenMic(testContext(t), ""))
			atAlice, atBob := record(t, alice), record(t, bob)
			require.NoError(t, alice.StopMeeting(testContext(t)))
			for _, seen := range []*recorder{atAlice, atBob} {
				seen.waitFor(t, crvideo.NotifyMeetEnded{MeetID: room.ID, By: "alice"})
				seen.waitFor(t, crvideo.MeetingStopped{})
			}
			assert.Empty(t, bob.GetAllMembers())
			err = bob.EnterMeeting(testContext(t), room.ID)
			if !regular {
				require.ErrorIs(t, err, crvideo.CodeNoRoom)
				return
			}
			require.NoError(t, err)
			require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
			require.NoError(t, bob.OpenMic(testContext(t), ""))
			require.NoError(t, requireHears(testContext(t), alice, "bob"))
		})
	}
}

// A cut loses no change and repeats none, wherever it falls.
func TestRoomStateThroughCuts(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	seen := record(t, bob)
	var want []crvideo.Event
	for i := 1; i <= 20; i++ {
		switch i % 4 {
		case 1:
			n.CutAtMessage(crvideotest.Method(toServer, "switchToPage").Of("alice").Nth(1))
		case 2:
			n.CutAtMessage(crvideotest.Method(toClient, "switchToPage").Of("alice").Nth(1))
		case 3:
			n.CutAtMessage(crvideotest.Method(toClient, "roomState").Of("bob").Nth(1))
		}
		require.NoError(t, alice.SwitchToPage(testContext(t), crvideo.MainPage(i), ""))
		want = append(want, crvideo.NotifySwitchToPage{MainPage: crvideo.MainPage(i)})
	}
	seen.waitFor(t, want[len(want)-1])
	assert.Equal(t, want, relevant(seen))
}

// A server that has forgotten the room is told how it was, and nobody notices.
func TestRoomStateAfterARestart(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, alice.SetMainVideoMode(testContext(t), crvideo.MainVideoMember, "bob"))
	require.NoError(t, alice.SwitchToPage(testContext(t), crvideo.PageVideoWall, "4"))
	require.NoError(t, alice.LockRoom(testContext(t), true))
	eventually(t, "the state at bob", bob.IsRoomLocked)
	atAlice, atBob := record(t, alice), record(t, bob)
	back, backToo := enteredAgain(n, "alice"), enteredAgain(n, "bob")
	n.RestartFresh(100 * time.Millisecond)
	wait(t, "alice's return", back.Hit())
	wait(t, "bob's return", backToo.Hit())
	require.NoError(t, alice.SwitchToPage(testContext(t), crvideo.PageVideoWall, "9")) // on top of what was
	for _, seen := range []*recorder{atAlice, atBob} {
		seen.waitFor(t, crvideo.NotifySwitchToPage{MainPage: crvideo.PageVideoWall, SubPage: "9"})
		assert.Len(t, relevant(seen), 1)
	}
	for _, c := range []*crvideo.Client{alice, bob} {
		assert.Equal(t, "bob", c.GetMainVideo())
		assert.True(t, c.IsRoomLocked())
	}
}

func enteredAgain(n *crvideotest.Network, uid string) *crvideotest.Rule {
	return n.WatchMessage(crvideotest.Method(toClient, "enterMeeting").Of(uid))
}

// Where nobody comes back who could make such a state it is lost, which everybody is told.
func TestRoomStateIsNotRestoredByGuests(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	n := srv.Network()
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	room := newRoom(t, alice).ID
	require.NoError(t, alice.EnterMeeting(testContext(t), room))
	guest := newClient(t, srv, func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	require.NoError(t, guest.Login(testContext(t), crvideo.LoginParams{UID: "guest", Nickname: "g", Token: mint(t, "guest", time.Hour,
		func(c *token.Claims) { c.Permissions = []token.Permission{token.Enter} })}))
	require.NoError(t, guest.EnterMeeting(testContext(t), room))
	require.NoError(t, alice.SwitchToPage(testContext(t), crvideo.PageVideoWall, "4"))
	eventually(t, "the page at the guest", func() bool { return guest.GetCurrentSubPage() == "4" })
	seen := record(t, guest)
	n.Down()
	require.NoError(t, alice.Close())
	n.RestartFresh(0)
	seen.waitFor(t, crvideo.NotifySwitchToPage{})
	assert.ErrorIs(t, guest.SwitchToPage(testContext(t), 4, ""), crvideo.CodeAuthFailed)
}

func TestMirrorRoomState(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	seen := record(t, crvideo.Default())
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("alice")))
	require.NoError(t, crvideo.Default().EnterMeeting(testContext(t), newRoom(t, crvideo.Default()).ID))
	changes := make(chan crvideo.NotifyMainVideoChanged, 1)
	crvideo.OnNotifyMainVideoChanged(func(e crvideo.NotifyMainVideoChanged) { changes <- e })
	t.Cleanup(func() { crvideo.OnNotifyMainVideoChanged(nil); crvideo.OnStopMeetingRslt(nil) })
	crvideo.SetMainVideo("nobody") // is not told, as in JavaScript
	crvideo.SetMainVideo("alice")
	assert.Equal(t, "alice", receive(t, changes).UID)
	assert.Equal(t, "alice", crvideo.GetMainVideo())
	crvideo.SetMainVideoMode(crvideo.MainVideoMember, "")
	seen.waitFor(t, crvideo.NotifyMainVideoModeChanged{Mode: crvideo.MainVideoMember})
	assert.Equal(t, crvideo.MainVideoMember, crvideo.GetMainVideoMode())
	require.NoError(t, crvideo.SwitchToPage(crvideo.PageVideoWall, "4"))
	require.NoError(t, crvideo.LockRoom(true))
	seen.waitFor(t, crvideo.NotifyRoomLocked{Locked: true})
	assert.Equal(t, crvideo.PageVideoWall, crvideo.GetCurrentMainPage())
	assert.Equal(t, "4", crvideo.GetCurrentSubPage())
	assert.True(t, crvideo.IsRoomLocked())
	ends := make(chan crvideo.StopMeetingRslt, 1)
	crvideo.OnStopMeetingRslt(func(e crvideo.StopMeetingRslt) { ends <- e })
	crvideo.StopMeeting("cookie")
	assert.Equal(t, crvideo.StopMeetingRslt{Cookie: "cookie"}, receive(t, ends))
	crvideo.StopMeeting(2)
	e := receive(t, ends)
	assert.Equal(t, crvideo.CodeNoRoom, e.Code)
	assert.Equal(t, 2, e.Cookie)
}

// relevant are the events that a recorder has seen, but for those of members, devices and the network, which come when they
// like.
func relevant(r *recorder) (events []crvideo.Event) {
	for _, e := range r.all() {
		switch e.(type) {
		case crvideo.AudioStatusChanged, crvideo.VideoStatusChanged, crvideo.VideoDevChanged, crvideo.DefVideoChanged,
			crvideo.UserEnterMeeting, crvideo.UserLeftMeeting, crvideo.NetStateChanged, crvideo.NotifyNetworkDelay,
			crvideo.NotifyPacketsUploadLostRate, crvideo.NotifyPacketsDownloadLostRate:
		default:
			events = append(events, e)
		}
	}
	return events
}
