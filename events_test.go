package crvideo_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
	"github.com/crvideo/crvideo-go/token"
)

func TestEventsOfEntering(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice")
	atAlice := record(t, alice)
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	atAlice.waitFor(t, crvideo.AudioStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpening, NewStatus: crvideo.StatusOpen})
	assert.Equal(t, []crvideo.Event{
		crvideo.AudioStatusChanged{UID: "alice", OldStatus: crvideo.StatusUnknown, NewStatus: crvideo.StatusClosed},
		crvideo.VideoStatusChanged{UID: "alice", OldStatus: crvideo.StatusUnknown, NewStatus: crvideo.StatusClosed},
		crvideo.VideoDevChanged{UID: "alice"},
		crvideo.AudioStatusChanged{UID: "alice", OldStatus: crvideo.StatusClosed, NewStatus: crvideo.StatusOpening},
		crvideo.AudioStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpening, NewStatus: crvideo.StatusOpen},
	}, withoutLevels(atAlice.all()))
	before := len(withoutLevels(atAlice.all()))

	bob := entered(t, srv, "bob", room.ID)
	require.NoError(t, bob.OpenVideo(testContext(t), ""))
	atAlice.waitFor(t, crvideo.VideoStatusChanged{UID: "bob", OldStatus: crvideo.StatusClosed, NewStatus: crvideo.StatusOpen})
	assert.Equal(t, []crvideo.Event{
		crvideo.UserEnterMeeting{UID: "bob"},
		crvideo.AudioStatusChanged{UID: "bob", OldStatus: crvideo.StatusUnknown, NewStatus: crvideo.StatusClosed},
		crvideo.VideoStatusChanged{UID: "bob", OldStatus: crvideo.StatusUnknown, NewStatus: crvideo.StatusClosed},
		crvideo.VideoDevChanged{UID: "bob"},
		crvideo.VideoStatusChanged{UID: "bob", OldStatus: crvideo.StatusClosed, NewStatus: crvideo.StatusOpen},
	}, withoutLevels(atAlice.all())[before:])

	assert.Equal(t, []crvideo.MemberInfo{
		{UID: "alice", Nickname: "nick of alice", Num: 1, AudioStatus: crvideo.StatusOpen, VideoStatus: crvideo.StatusClosed},
		{UID: "bob", Nickname: "nick of bob", Num: 2, AudioStatus: crvideo.StatusClosed, VideoStatus: crvideo.StatusOpen},
	}, bob.GetAllMembers())
	assert.Equal(t, []int{bob.GetDefaultVideo("")}, alice.GetOpenedVideoIDs("bob"))
	assert.Equal(t, bob.GetDefaultVideo(""), alice.GetDefaultVideo("bob"))
	assert.NotEmpty(t, alice.GetAllVideoInfo("bob"))
	assert.Equal(t, "nick of bob", alice.GetMemberNickName("bob"))
}

// withoutLevels leaves out what comes by the clock.
func withoutLevels(events []crvideo.Event) []crvideo.Event {
	return slices.DeleteFunc(events, func(e crvideo.Event) bool {
		_, level := e.(crvideo.MicEnergyUpdate)
		return level
	})
}

func TestNickName(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	seen := record(t, alice)
	own := record(t, bob)
	require.NoError(t, bob.SetNickName(testContext(t), "bob", "Robert"))
	want := crvideo.NotifyNickNameChanged{UID: "bob", OldName: "nick of bob", NewName: "Robert"}
	seen.waitFor(t, want)
	own.waitFor(t, want)
	assert.Equal(t, "Robert", alice.GetMemberNickName("bob"))
}

func TestKickout(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, alice.Kickout(testContext(t), "bob"))
	atBob.waitFor(t, crvideo.UserLeftMeeting{UID: "bob", Reason: "kick"})
	atAlice.waitFor(t, crvideo.UserLeftMeeting{UID: "bob", Reason: "kick"})
	assert.Empty(t, bob.GetAllMembers())
	assert.Equal(t, "bob", bob.UID(), "the login lives")
	require.NoError(t, bob.EnterMeeting(testContext(t), alice.GetMeetInfo().ID), "and may enter again")
}

func TestDestroyMeeting(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	id := alice.GetMeetInfo().ID
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, alice.DestroyMeeting(testContext(t), id))
	for _, r := range []*recorder{atAlice, atBob} {
		r.waitFor(t, crvideo.MeetingStopped{})
		assert.Equal(t, []crvideo.Event{crvideo.NotifyMeetEnded{MeetID: id, By: "alice"}, crvideo.MeetingStopped{}}, r.all())
	}
	assert.ErrorIs(t, bob.EnterMeeting(testContext(t), id), crvideo.CodeNoRoom)
	assert.ErrorIs(t, bob.DestroyMeeting(testContext(t), id), crvideo.CodeNoRoom)
}

func TestSameUserLogsInElsewhere(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	atAlice, atBob := record(t, alice), record(t, bob)
	second := loggedIn(t, srv, "bob")
	atBob.waitFor(t, crvideo.LineOff{Code: crvideo.CodeKicked})
	atAlice.waitFor(t, crvideo.UserLeftMeeting{UID: "bob", Reason: "extrude"})
	assert.Empty(t, bob.UID())
	require.NoError(t, second.EnterMeeting(testContext(t), alice.GetMeetInfo().ID))
}

func TestOpenAndCloseAnotherMembersDevices(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, alice.OpenMic(testContext(t), "bob"))
	require.NoError(t, alice.OpenVideo(testContext(t), "bob"))
	open := crvideo.AudioStatusChanged{UID: "bob", OldStatus: crvideo.StatusClosed, NewStatus: crvideo.StatusOpen}
	atAlice.waitFor(t, open)
	atAlice.waitFor(t, crvideo.VideoStatusChanged{UID: "bob", OldStatus: crvideo.StatusClosed, NewStatus: crvideo.StatusOpen})
	require.NoError(t, requireSees(testContext(t), alice, "bob"))
	require.NoError(t, requireHears(testContext(t), alice, "bob"))

	require.NoError(t, alice.CloseMic(testContext(t), "bob"))
	require.NoError(t, alice.CloseVideo(testContext(t), "bob"))
	for _, r := range []*recorder{atAlice, atBob} {
		r.waitFor(t, crvideo.AudioStatusChanged{UID: "bob", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed})
		r.waitFor(t, crvideo.VideoStatusChanged{UID: "bob", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed})
	}
	require.NoError(t, bob.OpenMic(testContext(t), ""), "bob may open it again")
}

func TestRefusesOthersWish(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice")
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	bob := entered(t, srv, "bob", room.ID, func(p *crvideo.SDKParams) { p.RefuseRemoteOpen = true })
	atAlice := record(t, alice)
	require.NoError(t, alice.OpenMic(testContext(t), "bob"))
	// The wish comes before this notification, so if it were followed its event would come first, too.
	require.NoError(t, alice.SetNickName(testContext(t), "bob", "x"))
	atAlice.waitFor(t, crvideo.NotifyNickNameChanged{UID: "bob", OldName: "nick of bob", NewName: "x"})
	eventually(t, "nickname at bob", func() bool { return bob.GetMemberNickName("bob") == "x" })
	assert.Equal(t, crvideo.StatusClosed, bob.GetAudioStatus(""))
}

func mint(t *testing.T, uid string, life time.Duration, change ...func(*token.Claims)) string {
	claims := token.Claims{AppID: crvideotest.AppID, UID: uid, Expires: time.Now().Add(life)}
	for _, c := range change {
		c(&claims)
	}
	text, err := token.Mint(appSecret, claims)
	require.NoError(t, err)
	return text
}

func TestTokenLogin(t *testing.T) {
	srv := newServer(t)
	for name, c := range map[string]struct {
		token string
		code  crvideo.Code
	}{
		"good":           {mint(t, "alice", time.Hour), crvideo.CodeOK},
		"expired":        {mint(t, "alice", -time.Hour), crvideo.CodeTokenExpired},
		"of another UID": {mint(t, "bob", time.Hour), crvideo.CodeAuthData},
		"unknown app":    {mint(t, "alice", time.Hour, func(c *token.Claims) { c.AppID = "other" }), crvideo.CodeNoApp},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, srv)
			err := client.Login(testContext(t), crvideo.LoginParams{Token: c.token, UID: "alice", Nickname: "a"})
			assert.Equal(t, c.code, crvideo.CodeOf(err), "%v", err)
		})
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := newClient(t, srv)
	seen := record(t, alice)
	require.NoError(t, alice.Login(testContext(t), crvideo.LoginParams{Token: mint(t, "alice", 3*time.Second), UID: "alice", Nickname: "a"}))
	require.NoError(t, alice.EnterMeeting(testContext(t), newRoom(t, alice).ID))
	seen.waitFor(t, crvideo.NotifyTokenWillExpire{})
	seen.waitFor(t, crvideo.LineOff{Code: crvideo.CodeTokenExpired})
	assert.Empty(t, alice.UID())
	assert.Empty(t, alice.GetAllMembers())
}

func TestUpdateToken(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := newClient(t, srv)
	seen := record(t, alice)
	ctx := testContext(t)
	require.NoError(t, alice.Login(ctx, crvideo.LoginParams{Token: mint(t, "alice", 2*time.Second), UID: "alice", Nickname: "a"}))
	seen.waitFor(t, crvideo.NotifyTokenWillExpire{})
	assert.ErrorIs(t, alice.UpdateToken(ctx, ""), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.UpdateToken(ctx, "garbage"), crvideo.CodeAuthData)
	assert.ErrorIs(t, alice.UpdateToken(ctx, mint(t, "bob", time.Hour)), crvideo.CodeAuthData)
	assert.ErrorIs(t, alice.UpdateToken(ctx, mint(t, "alice", -time.Hour)), crvideo.CodeTokenExpired)
	require.NoError(t, alice.UpdateToken(ctx, mint(t, "alice", time.Hour)))
	select {
	case <-time.After(3 * time.Second): // past the end of the first token
	case <-ctx.Done():
	}
	assert.Equal(t, "alice", alice.UID())
	_, err := alice.CreateMeeting(ctx, crvideo.CreateParams{})
	assert.NoError(t, err)

	bob := loggedIn(t, srv, "bob")
	assert.ErrorIs(t, bob.UpdateToken(ctx, mint(t, "bob", time.Hour)), crvideo.CodeNotTokenLogin)
}

func TestTokenPermissions(t *testing.T) {
	srv := newServer(t)
	owner := loggedIn(t, srv, "owner")
	room := newRoom(t, owner)
	guest := newClient(t, srv)
	ctx := testContext(t)
	require.NoError(t, guest.Login(ctx, crvideo.LoginParams{UID: "guest", Nickname: "g", Token: mint(t, "guest", time.Hour,
		func(c *token.Claims) { c.Room, c.Permissions = room.ID, []token.Permission{token.Enter} })}))
	_, err := guest.CreateMeeting(ctx, crvideo.CreateParams{})
	assert.ErrorIs(t, err, crvideo.CodeAuthFailed)
	assert.ErrorIs(t, guest.DestroyMeeting(ctx, room.ID), crvideo.CodeAuthFailed)
	assert.ErrorIs(t, guest.EnterMeeting(ctx, newRoom(t, owner).ID), crvideo.CodeAuthFailed, "another room than the token's")
	require.NoError(t, guest.EnterMeeting(ctx, room.ID))
	require.NoError(t, owner.EnterMeeting(ctx, room.ID))
	assert.ErrorIs(t, guest.OpenMic(ctx, ""), crvideo.CodeAuthFailed)
	assert.Equal(t, crvideo.StatusClosed, guest.GetAudioStatus(""))
	assert.ErrorIs(t, guest.OpenVideo(ctx, ""), crvideo.CodeAuthFailed)
	assert.ErrorIs(t, guest.Kickout(ctx, "owner"), crvideo.CodeAuthFailed)
	assert.ErrorIs(t, guest.CloseMic(ctx, "owner"), crvideo.CodeAuthFailed)
	assert.ErrorIs(t, guest.SetNickName(ctx, "owner", "x"), crvideo.CodeAuthFailed)
	assert.NoError(t, guest.SetNickName(ctx, "guest", "x"))
}

func TestServerShutsDown(t *testing.T) {
	t.Parallel()
	srv, err := server.New(server.Config{Addr: "127.0.0.1:0", Apps: testApps, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	alice := newWatched(t, watching(t), crvideo.SDKParams{ServerAddr: srv.URL(), Timeout: 10 * time.Second, AllowSynthetic: true})
	seen := record(t, alice)
	require.NoError(t, alice.Login(testContext(t), loginParams("alice")))
	require.NoError(t, alice.EnterMeeting(testContext(t), newRoom(t, alice).ID))
	require.NoError(t, srv.Shutdown(testContext(t)))
	require.NoError(t, <-served)
	off := waitEvent(t, seen, "LineOff", func(crvideo.LineOff) bool { return true })
	assert.Contains(t, []crvideo.Code{crvideo.CodeSocket, crvideo.CodeTimeout}, off.Code)
	assert.Empty(t, alice.UID())
	require.NoError(t, alice.Close())
	<-alice.Done()
}

func TestErrors(t *testing.T) {
	cause := context.DeadlineExceeded
	err := error(&crvideo.Error{Op: "Login", Code: crvideo.CodeTimeout, Err: cause})
	assert.ErrorIs(t, err, crvideo.CodeTimeout)
	assert.ErrorIs(t, err, cause)
	assert.NotErrorIs(t, err, crvideo.CodeNotInit)
	assert.Equal(t, crvideo.CodeTimeout, crvideo.CodeOf(err))
	assert.Equal(t, crvideo.CodeOK, crvideo.CodeOf(nil))
	assert.Equal(t, crvideo.CodeUnknown, crvideo.CodeOf(errors.New("x")))
	assert.Equal(t, crvideo.CodeNoRoom, crvideo.CodeOf(crvideo.CodeNoRoom))
	assert.Equal(t, "crvideo: Login: timeout (205): context deadline exceeded", err.Error())
	assert.Equal(t, "error (4711)", crvideo.Code(4711).Error())
}

// An error tells its code once, wherever it comes from.
func TestErrorTextTellsTheCodeOnce(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	c := newClient(t, srv, func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	ctx := testContext(t)
	wrong := loginParams("alice")
	wrong.AppSecret = crvideo.MD5("wrong")
	n.RefuseUpgrades(503)
	full := c.Login(ctx, loginParams("alice"))
	n.RefuseUpgrades(0)
	n.CutAtMessage(crvideotest.Method(toServer, "login").Nth(1))
	lost := c.Login(ctx, loginParams("alice"))
	refused := c.Login(ctx, wrong)
	require.NoError(t, c.Login(ctx, loginParams("alice")))
	n.AlterMessage(crvideotest.Method(toServer, "kickout"), func(m crvideotest.Message) [][]byte {
		return [][]byte{[]byte(strings.Replace(string(m.Text), "kickout", "throwOut", 1))}
	})
	require.NoError(t, c.EnterMeeting(ctx, newRoom(t, c).ID))
	for text, err := range map[string]error{
		"is full or not available: HTTP 503":              full,
		"the connection to ":                              lost,
		"crvideo: Login: wrong account or password (7): ": refused,
		`meetID 5 does not have 8 digits`:                 c.DestroyMeeting(ctx, 5),
		"crvideo: SetNickName: no such member (806): ":    c.SetNickName(ctx, "nobody", "x"),
		"(code -32601)":                                   c.Kickout(ctx, "bob"), // which has no other name than "invalid data (6)"
	} {
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), text)
		code := crvideo.CodeOf(err)
		assert.NotContains(t, err.Error(), fmt.Sprintf("(code %d)", code))
		assert.Equal(t, 1, strings.Count(err.Error(), fmt.Sprintf("(%d)", code)), err.Error())
	}
}
