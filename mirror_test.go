package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// mirrored prepares the default client for one test: nothing of the mirror is left behind.
func mirrored(t *testing.T, srv *crvideotest.Server) {
	watching(t) // first, to look last
	t.Cleanup(func() {
		done := crvideo.Default().Done()
		crvideo.Uninit()
		<-done
		crvideo.OnLoginSuccess(nil)
		crvideo.OnLoginFail(nil)
		crvideo.OnCreateMeetingSuccess(nil)
		crvideo.OnCreateMeetingFail(nil)
		crvideo.OnEnterMeetingRslt(nil)
		crvideo.OnDestroyMeetingRslt(nil)
		crvideo.OnAudioStatusChanged(nil)
		crvideo.OnVideoStatusChanged(nil)
		crvideo.OnOpenMicFailed(nil)
		crvideo.OnUserEnterMeeting(nil)
		crvideo.OnLineOff(nil)
	})
	if srv != nil {
		require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}))
		require.NoError(t, crvideo.SetVideoCfg(smallVideo))
	}
}

func receive[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(bound):
		t.Fatal("no event")
		panic("unreachable")
	}
}

// The nine steps as the tutorial has them: each event starts the next step.
func TestMirrorNineSteps(t *testing.T) {
	srv := newServer(t)
	opened := make(chan int64, 1)
	mirrored(t, nil)
	var order []string // only used on the event goroutine
	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) {
		order = append(order, "login "+e.UID+" "+e.Cookie.(string))
		crvideo.CreateMeeting2(42)
	})
	var room int64
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) {
		assert.Equal(t, 42, e.Cookie)
		room = e.MeetInfo.ID
		crvideo.EnterMeeting(room, struct{ a int }{7})
	})
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) {
		assert.Equal(t, crvideo.CodeOK, e.Code)
		assert.Equal(t, struct{ a int }{7}, e.Cookie)
		order = append(order, "entered")
		crvideo.OpenMic("alice")
		crvideo.OpenVideo("alice")
	})
	crvideo.OnAudioStatusChanged(func(e crvideo.AudioStatusChanged) {
		if e.UID == "alice" {
			order = append(order, "mic "+e.NewStatus.String())
		}
	})
	crvideo.OnVideoStatusChanged(func(e crvideo.VideoStatusChanged) {
		if e.UID == "alice" && e.NewStatus == crvideo.StatusOpen {
			opened <- room
		}
	})
	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}))
	require.NoError(t, crvideo.SetVideoCfg(smallVideo))
	crvideo.Login(crvideotest.AppID, crvideo.MD5(appSecret), "Alice", "alice", "", "cookie")

	bob := entered(t, srv, "bob", receive(t, opened))
	openBoth(t, bob)
	eventually(t, "bob at alice", func() bool { return crvideo.IsUserInMeeting("bob") })
	requireCall(t, bob, crvideo.Default())

	atBob := record(t, bob)
	crvideo.ExitMeeting()
	atBob.waitFor(t, crvideo.UserLeftMeeting{UID: "alice", Reason: "exit"})
	crvideo.Logout()
	done := crvideo.Default().Done()
	crvideo.Uninit()
	<-done
	assert.Equal(t, []string{"login alice cookie", "entered", "mic closed", "mic opening", "mic open"}, order)
}

func TestMirrorFailuresBringCookies(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	logins := make(chan crvideo.LoginFail, 1)
	crvideo.OnLoginFail(func(e crvideo.LoginFail) { logins <- e })
	crvideo.Login(crvideotest.AppID, crvideo.MD5("wrong"), "Alice", "alice", "", "a")
	e := receive(t, logins)
	assert.Equal(t, crvideo.CodeWrongSecret, e.Code)
	assert.Equal(t, "a", e.Cookie)
	assert.ErrorIs(t, e.Err, crvideo.CodeWrongSecret)

	crvideo.LoginByToken("garbage", "Alice", "alice", "", "b")
	assert.Equal(t, crvideo.CodeAuthData, receive(t, logins).Code)

	creates := make(chan crvideo.CreateMeetingFail, 1)
	crvideo.OnCreateMeetingFail(func(e crvideo.CreateMeetingFail) { creates <- e })
	crvideo.CreateMeeting2("c")
	c := receive(t, creates)
	assert.Equal(t, crvideo.CodeNotLoggedIn, c.Code)
	assert.Equal(t, "c", c.Cookie)

	enters := make(chan crvideo.EnterMeetingRslt, 1)
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { enters <- e })
	crvideo.EnterMeeting(12345678, "d")
	assert.Equal(t, crvideo.EnterMeetingRslt{Code: crvideo.CodeNotLoggedIn, Err: &crvideo.Error{Op: "EnterMeeting", Code: crvideo.CodeNotLoggedIn}, Cookie: "d"}, receive(t, enters))

	destroys := make(chan crvideo.DestroyMeetingRslt, 1)
	crvideo.OnDestroyMeetingRslt(func(e crvideo.DestroyMeetingRslt) { destroys <- e })
	crvideo.DestroyMeeting(1, "e")
	assert.Equal(t, crvideo.CodeNotLoggedIn, receive(t, destroys).Code)

	mics := make(chan crvideo.OpenMicFailed, 1)
	crvideo.OnOpenMicFailed(func(e crvideo.OpenMicFailed) { mics <- e })
	crvideo.OpenMic("")
	assert.Equal(t, crvideo.CodeNotLoggedIn, receive(t, mics).Code)
	assert.ErrorIs(t, crvideo.Kickout("x"), crvideo.CodeNotLoggedIn)
	assert.ErrorIs(t, crvideo.SetNickName("x", "y"), crvideo.CodeNotLoggedIn)
	assert.ErrorIs(t, crvideo.UpdateToken("x"), crvideo.CodeNotLoggedIn)
}

func TestMirrorBeforeInit(t *testing.T) {
	mirrored(t, nil)
	logins := make(chan crvideo.LoginFail, 1)
	crvideo.OnLoginFail(func(e crvideo.LoginFail) { logins <- e })
	crvideo.Login("a", "b", "c", "d", "", "cookie")
	e := receive(t, logins)
	assert.Equal(t, crvideo.CodeNotInit, e.Code)
	assert.Equal(t, "cookie", e.Cookie)
	assert.ErrorIs(t, crvideo.SetServerAddr("x"), crvideo.CodeNotInit)
	fails := make(chan crvideo.GetUserStatusFail, 1)
	crvideo.OnGetUserStatusFail(func(e crvideo.GetUserStatusFail) { fails <- e })
	t.Cleanup(func() { crvideo.OnGetUserStatusFail(nil) })
	crvideo.GetOneUserStatus("", 7) // bad in any state, but that comes second
	fail := receive(t, fails)
	assert.Equal(t, crvideo.CodeNotInit, fail.Code)
	assert.Equal(t, 7, fail.Cookie)
	assert.Empty(t, crvideo.GetAllMembers())
	crvideo.ExitMeeting()
	crvideo.Logout()
	crvideo.Uninit()
}

func TestMirrorInitTwice(t *testing.T) {
	mirrored(t, newServer(t))
	assert.ErrorIs(t, crvideo.Init(crvideo.SDKParams{}), crvideo.CodeLoginState)
}

// Uninit may be called in a handler, and no event comes after it.
func TestMirrorUninitInHandler(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	done := crvideo.Default().Done()
	crvideo.OnLoginSuccess(func(crvideo.LoginSuccess) { crvideo.Uninit() })
	crvideo.Login(crvideotest.AppID, crvideo.MD5(appSecret), "Alice", "alice", "", nil)
	receive(t, done)
	assert.ErrorIs(t, crvideo.Default().Logout(testContext(t)), crvideo.CodeNotInit)
}

// Requests about others reach the server in the order of the calls.
func TestMirrorKeepsTheOrderOfRequests(t *testing.T) {
	srv := newScript(t)
	mirrored(t, nil)
	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true, NoMedia: true}))
	conn := loginScripted(t, crvideo.Default(), srv)
	enterWithBob(t, crvideo.Default(), conn)
	const n = 200
	for range n {
		crvideo.OpenMic("bob")
		crvideo.CloseMic("bob")
	}
	for range n {
		conn.Expect(testContext(t), wire.MethodOpenMic).Reply(nil)
		conn.Expect(testContext(t), wire.MethodCloseMic).Reply(nil)
	}
}

// Each call ends with its event, however slow the handlers are: more of them wait than there is room for events.
func TestMirrorLosesNoCookieInAnOverflow(t *testing.T) {
	mirrored(t, nil)
	release := make(chan struct{})
	var cookies []int // only used on the event goroutine, until it has ended
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) {
		<-release
		cookies = append(cookies, e.Cookie.(int))
	})
	require.NoError(t, initialise(t, crvideo.SDKParams{}))
	const n = 70000
	for i := range n {
		crvideo.EnterMeeting(scriptedRoom, i)
	}
	done := crvideo.Default().Done()
	crvideo.Uninit()
	close(release)
	receive(t, done)
	require.Len(t, cookies, n)
	for i, cookie := range cookies {
		require.Equal(t, i, cookie)
	}
}
