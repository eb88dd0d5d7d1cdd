package crvideo_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func init() {
	verbs = append(verbs, []verb{
		{"Call", false, func(ctx context.Context, c *crvideo.Client) error {
			return second(c.Call(ctx, "nobody", crvideo.MeetInfo{}, ""))
		}},
		{"AcceptCall", false, func(ctx context.Context, c *crvideo.Client) error {
			return c.AcceptCall(ctx, "id", crvideo.MeetInfo{}, "")
		}},
		{"RejectCall", false, func(ctx context.Context, c *crvideo.Client) error { return c.RejectCall(ctx, "id", "") }},
		{"HangupCall", false, func(ctx context.Context, c *crvideo.Client) error { return c.HangupCall(ctx, "id", "") }},
		{"Invite", false, func(ctx context.Context, c *crvideo.Client) error { return second(c.Invite(ctx, "nobody", "")) }},
		{"AcceptInvite", false, func(ctx context.Context, c *crvideo.Client) error { return c.AcceptInvite(ctx, "id", "") }},
		{"RejectInvite", false, func(ctx context.Context, c *crvideo.Client) error { return c.RejectInvite(ctx, "id", "") }},
		{"CancelInvite", false, func(ctx context.Context, c *crvideo.Client) error { return c.CancelInvite(ctx, "id", "") }},
		{"SetDNDStatus", false, func(ctx context.Context, c *crvideo.Client) error { return c.SetDNDStatus(ctx, 0) }},
		{"GetUserStatus", false, func(ctx context.Context, c *crvideo.Client) error { return second(c.GetUserStatus(ctx)) }},
		{"GetOneUserStatus", false, func(ctx context.Context, c *crvideo.Client) error { return second(c.GetOneUserStatus(ctx, "x")) }},
		{"StartUserStatusNotify", false, func(ctx context.Context, c *crvideo.Client) error { return c.StartUserStatusNotify(ctx) }},
		{"StopUserStatusNotify", false, func(ctx context.Context, c *crvideo.Client) error { return c.StopUserStatusNotify(ctx) }},
	}...)
}

// two are logged in behind a network that can be hurt.
func twoUsers(t *testing.T) (n *crvideotest.Network, alice, bob *crvideo.Client) {
	srv := newServer(t)
	n = srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true }
	return n, loggedIn(t, srv, "alice", through), loggedIn(t, srv, "bob", through)
}

// calls has alice call bob, and gives the call's ID.
func calls(t *testing.T, alice *crvideo.Client, atBob *recorder) string {
	t.Helper()
	id, err := alice.Call(testContext(t), "bob", crvideo.MeetInfo{ID: 12345678, Subject: "tea"}, "hello")
	require.NoError(t, err)
	atBob.waitFor(t, crvideo.NotifyCallIn{CallID: id, MeetInfo: crvideo.MeetInfo{ID: 12345678, Subject: "tea"}, CallerID: "alice", UserExtDat: "hello"})
	return id
}

func TestCall(t *testing.T) {
	_, alice, bob := twoUsers(t)
	ctx := testContext(t)
	atAlice, atBob := record(t, alice), record(t, bob)
	id := calls(t, alice, atBob)
	assert.ErrorIs(t, second(alice.Call(ctx, "bob", crvideo.MeetInfo{}, "")), crvideo.CodeInCall)
	assert.ErrorIs(t, alice.AcceptCall(ctx, id, crvideo.MeetInfo{}, ""), crvideo.CodeBadCall)
	require.NoError(t, bob.AcceptCall(ctx, id, crvideo.MeetInfo{ID: 87654321}, "hi"))
	atAlice.waitFor(t, crvideo.NotifyCallAccepted{CallID: id, MeetInfo: crvideo.MeetInfo{ID: 87654321}, UserExtDat: "hi"})
	status, err := bob.GetOneUserStatus(ctx, "alice")
	require.NoError(t, err)
	assert.Equal(t, crvideo.UserStatus{UID: "alice", UserStatus: crvideo.UserBusy}, status)
	require.NoError(t, alice.HangupCall(ctx, id, "bye"))
	atBob.waitFor(t, crvideo.NotifyCallHangup{CallID: id, UserExtDat: "bye"})

	id = calls(t, alice, atBob)
	require.NoError(t, bob.RejectCall(ctx, id, "later"))
	atAlice.waitFor(t, crvideo.NotifyCallRejected{CallID: id, Code: crvideo.CodeCallRefused, UserExtDat: "later"})
	require.NoError(t, bob.SetDNDStatus(ctx, 1))
	assert.ErrorIs(t, second(alice.Call(ctx, "bob", crvideo.MeetInfo{}, "")), crvideo.CodeCallRefused)
	require.NoError(t, bob.SetDNDStatus(ctx, 0))
	id = calls(t, alice, atBob)
	require.NoError(t, bob.Logout(ctx))
	atAlice.waitFor(t, crvideo.NotifyCallRejected{CallID: id, Code: crvideo.CodeOffline})
	assert.ErrorIs(t, second(alice.Call(ctx, "bob", crvideo.MeetInfo{}, "")), crvideo.CodeOffline)

	assert.ErrorIs(t, second(alice.Call(ctx, "", crvideo.MeetInfo{}, "")), crvideo.CodeBadParameter)
	assert.ErrorIs(t, second(alice.Call(ctx, "alice", crvideo.MeetInfo{}, "")), crvideo.CodeBadParameter)
	assert.ErrorIs(t, second(alice.Call(ctx, "bob", crvideo.MeetInfo{}, strings.Repeat("x", 8193))), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.SetDNDStatus(ctx, -1), crvideo.CodeBadParameter)
	assert.ErrorIs(t, second(alice.GetOneUserStatus(ctx, "")), crvideo.CodeBadParameter)
}

// A call that its caller gives up before it hears of it does not go on ringing.
func TestCallGivenUp(t *testing.T) {
	n, alice, bob := twoUsers(t)
	atBob := record(t, bob)
	held := n.HoldMessage(crvideotest.Method(toClient, "call").Of("alice").Nth(1))
	ctx, giveUp := context.WithCancel(testContext(t))
	go func() { <-held.Hit(); giveUp() }()
	require.ErrorIs(t, second(alice.Call(ctx, "bob", crvideo.MeetInfo{}, "")), context.Canceled)
	held.Release()
	in := waitEvent(t, atBob, "call", func(crvideo.NotifyCallIn) bool { return true })
	atBob.waitFor(t, crvideo.NotifyCallHangup{CallID: in.CallID})
	calls(t, alice, atBob)
}

// Whatever is cut, a call rings once, is accepted once and ends once.
func TestCallThroughCuts(t *testing.T) {
	t.Parallel()
	n, alice, bob := twoUsers(t)
	atAlice, atBob := record(t, alice), record(t, bob)
	cuts := []func(crvideotest.Message) bool{
		crvideotest.Method(toServer, "call").Of("alice").Nth(1), crvideotest.Method(toClient, "call").Of("alice").Nth(1),
		crvideotest.Method(toClient, "callIn").Of("bob").Nth(1), crvideotest.Method(toServer, "acceptCall").Of("bob").Nth(1),
		crvideotest.Method(toClient, "acceptCall").Of("bob").Nth(1), crvideotest.Method(toClient, "callAccepted").Of("alice").Nth(1),
		crvideotest.Method(toServer, "hangupCall").Of("alice").Nth(1), crvideotest.Method(toClient, "hangupCall").Of("alice").Nth(1),
		crvideotest.Method(toClient, "callHangup").Of("bob").Nth(1),
	}
	for _, cut := range cuts {
		rule := n.CutAtMessage(cut)
		id := calls(t, alice, atBob)
		require.NoError(t, bob.AcceptCall(testContext(t), id, crvideo.MeetInfo{}, ""))
		atAlice.waitFor(t, crvideo.NotifyCallAccepted{CallID: id})
		require.NoError(t, alice.HangupCall(testContext(t), id, ""))
		atBob.waitFor(t, crvideo.NotifyCallHangup{CallID: id})
		wait(t, "cut", rule.Hit())
	}
	assert.Len(t, relevant(atAlice), len(cuts))
	assert.Len(t, relevant(atBob), 2*len(cuts))
}

// A server that is restarted has forgotten all calls: those that were accepted go on, those that rang end on both sides.
func TestCallsAfterARestart(t *testing.T) {
	n, alice, bob := twoUsers(t)
	ctx := testContext(t)
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, bob.SetDNDStatus(ctx, 0))
	id := calls(t, alice, atBob)
	require.NoError(t, bob.AcceptCall(ctx, id, crvideo.MeetInfo{}, ""))
	atAlice.waitFor(t, crvideo.NotifyCallAccepted{CallID: id})
	for range 2 {
		n.RestartFresh(100 * time.Millisecond)
		eventually(t, "both busy", func() bool {
			all, err := alice.GetUserStatus(ctx)
			return err == nil && assert.ObjectsAreEqual([]crvideo.UserStatus{{UID: "alice", UserStatus: 2}, {UID: "bob", UserStatus: 2}}, all)
		})
	}
	require.NoError(t, bob.HangupCall(ctx, id, "bye"))
	atAlice.waitFor(t, crvideo.NotifyCallHangup{CallID: id, UserExtDat: "bye"})
	assert.Len(t, relevant(atAlice), 2)
	assert.Len(t, relevant(atBob), 1)

	require.NoError(t, bob.SetDNDStatus(ctx, 3))
	rings, err := bob.Call(ctx, "alice", crvideo.MeetInfo{}, "")
	require.NoError(t, err)
	invites, err := bob.Invite(ctx, "alice", "")
	require.NoError(t, err)
	waitEvent(t, atAlice, "invitation", func(e crvideo.NotifyInviteIn) bool { return e.InviteID == invites })
	n.RestartFresh(100 * time.Millisecond)
	atBob.waitFor(t, crvideo.NotifyCallRejected{CallID: rings, Code: crvideo.CodeSessionUnknown})
	atAlice.waitFor(t, crvideo.NotifyCallHangup{CallID: rings})
	atBob.waitFor(t, crvideo.NotifyInviteRejected{InviteID: invites, Reason: "lost"})
	atAlice.waitFor(t, crvideo.NotifyInviteCanceled{InviteID: invites, Reason: "lost"})
	eventually(t, "bob does not want to be disturbed, still", func() bool {
		_, err := alice.Call(ctx, "bob", crvideo.MeetInfo{}, "")
		return crvideo.CodeOf(err) == crvideo.CodeCallRefused
	})
}

func TestInvite(t *testing.T) {
	_, alice, bob := twoUsers(t)
	ctx := testContext(t)
	room, err := alice.CreateMeeting(ctx, crvideo.CreateParams{Subject: "tea", Password: "pass"})
	require.NoError(t, err)
	require.NoError(t, alice.EnterMeeting(ctx, room.ID, crvideo.WithPassword("pass")))
	atAlice, atBob := record(t, alice), record(t, bob)
	id, err := alice.Invite(ctx, "bob", "come")
	require.NoError(t, err)
	in := waitEvent(t, atBob, "invitation", func(crvideo.NotifyInviteIn) bool { return true })
	assert.Equal(t, crvideo.NotifyInviteIn{InviteID: id, InviterUserID: "alice", UserExtDat: "come", MeetInfo: room}, in)
	require.NoError(t, bob.AcceptInvite(ctx, id, "gladly"))
	atAlice.waitFor(t, crvideo.NotifyInviteAccepted{InviteID: id, UserExtDat: "gladly"})
	require.NoError(t, bob.EnterMeeting(ctx, in.MeetInfo.ID, crvideo.WithPassword(in.MeetInfo.Password)))

	id, err = alice.Invite(ctx, "bob", "")
	require.NoError(t, err)
	require.NoError(t, bob.RejectInvite(ctx, id, "no"))
	atAlice.waitFor(t, crvideo.NotifyInviteRejected{InviteID: id, UserExtDat: "no"})
	id, err = alice.Invite(ctx, "bob", "")
	require.NoError(t, err)
	assert.ErrorIs(t, bob.CancelInvite(ctx, id, ""), crvideo.CodeBadCall)
	require.NoError(t, alice.CancelInvite(ctx, id, "never mind"))
	atBob.waitFor(t, crvideo.NotifyInviteCanceled{InviteID: id, UserExtDat: "never mind"})
	assert.ErrorIs(t, second(alice.Invite(ctx, "nobody", "")), crvideo.CodeOffline)
}

func TestUserStatus(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	n := srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true }
	alice, bob := loggedIn(t, srv, "alice", through), loggedIn(t, srv, "bob", through)
	ctx := testContext(t)
	require.NoError(t, alice.StartUserStatusNotify(ctx))
	seen := record(t, alice)
	require.NoError(t, bob.EnterMeeting(ctx, newRoom(t, bob).ID))
	seen.waitFor(t, crvideo.NotifyUserStatus{UserStatus: crvideo.UserStatus{UID: "bob", UserStatus: crvideo.UserInRoom}})
	carol := loggedIn(t, srv, "carol", through)
	seen.waitFor(t, crvideo.NotifyUserStatus{UserStatus: crvideo.UserStatus{UID: "carol", UserStatus: crvideo.UserIdle}})

	n.Down() // nobody is told twice, and who does not come back is offline
	require.NoError(t, carol.Close())
	n.RestartFresh(0)
	seen.waitFor(t, crvideo.NotifyUserStatus{UserStatus: crvideo.UserStatus{UID: "carol", UserStatus: crvideo.UserOffline}})
	require.NoError(t, bob.ExitMeeting(ctx))
	seen.waitFor(t, crvideo.NotifyUserStatus{UserStatus: crvideo.UserStatus{UID: "bob", UserStatus: crvideo.UserIdle}})
	require.NoError(t, alice.StopUserStatusNotify(ctx))
	require.NoError(t, bob.Logout(ctx))
	require.NoError(t, alice.SetDNDStatus(ctx, 0))
	for _, e := range relevant(seen) {
		s := e.(crvideo.NotifyUserStatus)
		assert.False(t, s.UID == "bob" && s.UserStatus.UserStatus == crvideo.UserOffline)
	}
}

// Many who call each other at once: each call that is told of is between two, and nobody is left busy.
func TestCallsAtOnce(t *testing.T) {
	const users = 12
	srv := newServer(t)
	clients := make([]*crvideo.Client, users)
	for i := range clients {
		c := loggedIn(t, srv, fmt.Sprint("user", i))
		c.OnNotifyCallIn(func(e crvideo.NotifyCallIn) { c.AcceptCall(context.Background(), e.CallID, crvideo.MeetInfo{}, "") }) //nolint:errcheck // it may have ended
		clients[i] = c
	}
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			for k := 1; k < users; k++ {
				id, err := c.Call(testContext(t), fmt.Sprint("user", (i+k)%users), crvideo.MeetInfo{}, "")
				switch crvideo.CodeOf(err) {
				case crvideo.CodeOK:
					if err := c.HangupCall(testContext(t), id, ""); err != nil {
						assert.ErrorIs(t, err, crvideo.CodeBadCall)
					}
				case crvideo.CodeBusy, crvideo.CodeInCall:
				default:
					assert.NoError(t, err)
				}
			}
		})
	}
	all.Wait()
	status, err := clients[0].GetUserStatus(testContext(t))
	require.NoError(t, err)
	require.Len(t, status, users)
	for _, s := range status {
		assert.Equal(t, crvideo.UserIdle, s.UserStatus, s.UID)
	}
}

func TestMirrorCalls(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	seen := record(t, crvideo.Default())
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("alice")))
	bob := loggedIn(t, srv, "bob")
	atBob := record(t, bob)
	ctx := testContext(t)

	crvideo.Call("bob", crvideo.MeetInfo{}, "", 1)
	id := waitEvent(t, seen, "call", func(e crvideo.CallSuccess) bool { return e.Cookie == 1 }).CallID
	waitEvent(t, atBob, "call", func(e crvideo.NotifyCallIn) bool { return e.CallID == id })
	crvideo.Call("bob", crvideo.MeetInfo{}, "", 2)
	waitEvent(t, seen, "in call", func(e crvideo.CallFail) bool { return e.Cookie == 2 && e.Code == crvideo.CodeInCall && e.CallID != id })
	crvideo.HangupCall(id, "", 3)
	seen.waitFor(t, crvideo.HangupCallSuccess{CallID: id, Cookie: 3})
	crvideo.HangupCall(id, "", 4)
	waitEvent(t, seen, "no call", func(e crvideo.HangupCallFail) bool { return e.Cookie == 4 && e.Code == crvideo.CodeBadCall })
	for _, accept := range []bool{true, false} {
		id, err := bob.Call(ctx, "alice", crvideo.MeetInfo{}, "")
		require.NoError(t, err)
		if accept {
			crvideo.AcceptCall(id, crvideo.MeetInfo{}, "", 5)
			seen.waitFor(t, crvideo.AcceptCallSuccess{CallID: id, Cookie: 5})
			require.NoError(t, bob.HangupCall(ctx, id, ""))
		} else {
			crvideo.RejectCall(id, "", 6)
			seen.waitFor(t, crvideo.RejectCallSuccess{CallID: id, Cookie: 6})
		}
	}
	crvideo.AcceptCall("x", crvideo.MeetInfo{}, "", 7)
	waitEvent(t, seen, "no call", func(e crvideo.AcceptCallFail) bool { return e.Cookie == 7 && e.Code == crvideo.CodeBadCall })
	crvideo.RejectCall("x", "", 8)
	waitEvent(t, seen, "no call", func(e crvideo.RejectCallFail) bool { return e.Cookie == 8 && e.Code == crvideo.CodeBadCall })

	crvideo.SetDNDStatus(1, 9)
	seen.waitFor(t, crvideo.SetDNDStatusSuccess{Cookie: 9})
	crvideo.SetDNDStatus(-1, 10)
	waitEvent(t, seen, "bad", func(e crvideo.SetDNDStatusFail) bool { return e.Cookie == 10 && e.Code == crvideo.CodeBadParameter })
	crvideo.GetUserStatus(11)
	waitEvent(t, seen, "all", func(e crvideo.GetUserStatusSuccess) bool { return e.Cookie == 11 && len(e.UserStatusArr) == 2 })
	crvideo.GetOneUserStatus("alice", 12)
	seen.waitFor(t, crvideo.GetUserStatusSuccess{UserStatusArr: []crvideo.UserStatus{{UID: "alice", UserStatus: 1, DNDType: 1}}, Cookie: 12})
	crvideo.GetOneUserStatus("", 13)
	waitEvent(t, seen, "bad", func(e crvideo.GetUserStatusFail) bool { return e.Cookie == 13 && e.Code == crvideo.CodeBadParameter })
	crvideo.StartUserStatusNotify(14)
	seen.waitFor(t, crvideo.StartUserStatusNotifyRslt{Cookie: 14})
	crvideo.StopUserStatusNotify(15)
	seen.waitFor(t, crvideo.StopUserStatusNotifyRslt{Cookie: 15})
	crvideo.SetDNDStatus(0, 16)
	seen.waitFor(t, crvideo.SetDNDStatusSuccess{Cookie: 16})

	crvideo.Invite("bob", "", 17)
	id = waitEvent(t, seen, "invitation", func(e crvideo.InviteSuccess) bool { return e.Cookie == 17 }).InviteID
	crvideo.CancelInvite(id, "", 18)
	seen.waitFor(t, crvideo.CancelInviteSuccess{InviteID: id, Cookie: 18})
	crvideo.CancelInvite(id, "", 19)
	waitEvent(t, seen, "none", func(e crvideo.CancelInviteFail) bool { return e.Cookie == 19 && e.Code == crvideo.CodeBadCall })
	crvideo.Invite("nobody", "", 20)
	waitEvent(t, seen, "nobody", func(e crvideo.InviteFail) bool { return e.Cookie == 20 && e.Code == crvideo.CodeOffline })
	for _, accept := range []bool{true, false} {
		id, err := bob.Invite(ctx, "alice", "")
		require.NoError(t, err)
		if accept {
			crvideo.AcceptInvite(id, "", 21)
			seen.waitFor(t, crvideo.AcceptInviteSuccess{InviteID: id, Cookie: 21})
			crvideo.AcceptInvite(id, "", 22)
			waitEvent(t, seen, "none", func(e crvideo.AcceptInviteFail) bool { return e.Cookie == 22 && e.Code == crvideo.CodeBadCall })
		} else {
			crvideo.RejectInvite(id, "", 23)
			seen.waitFor(t, crvideo.RejectInviteSuccess{InviteID: id, Cookie: 23})
			crvideo.RejectInvite(id, "", 24)
			waitEvent(t, seen, "none", func(e crvideo.RejectInviteFail) bool { return e.Cookie == 24 && e.Code == crvideo.CodeBadCall })
		}
	}
}
