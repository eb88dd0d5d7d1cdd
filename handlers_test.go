package crvideo_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// on makes a registration that takes any function; nil removes it.
func on[E crvideo.Event](register func(func(E))) func(func()) {
	return func(fn func()) {
		if fn == nil {
			register(nil)
			return
		}
		register(func(E) { fn() })
	}
}

// registrations are those of a client.
func registrations(c *crvideo.Client) map[string]func(func()) {
	all := map[string]func(func()){}
	of := reflect.ValueOf(c)
	for i := range of.NumMethod() {
		event, is := strings.CutPrefix(of.Type().Method(i).Name, "On")
		if !is {
			continue
		}
		register := of.Method(i)
		all[event] = func(fn func()) {
			handler := reflect.Zero(register.Type().In(0))
			if fn != nil {
				handler = reflect.MakeFunc(handler.Type(), func([]reflect.Value) []reflect.Value { fn(); return nil })
			}
			register.Call([]reflect.Value{handler})
		}
	}
	return all
}

// mirroredRegistrations are those of the default client with the results, which only the package has.
func mirroredRegistrations() map[string]func(func()) {
	all := registrations(crvideo.Default())
	maps.Copy(all, map[string]func(func()){
		"LoginSuccess": on(crvideo.OnLoginSuccess), "LoginFail": on(crvideo.OnLoginFail),
		"CreateMeetingSuccess": on(crvideo.OnCreateMeetingSuccess), "CreateMeetingFail": on(crvideo.OnCreateMeetingFail),
		"DestroyMeetingRslt": on(crvideo.OnDestroyMeetingRslt), "EnterMeetingRslt": on(crvideo.OnEnterMeetingRslt),
	})
	return all
}

// occasion is how an event comes about.
type occasion struct {
	state   int                                       // what must be before: one of the three below
	answers map[string]func(*mocksignal.Request)      // of the server, where they are not the usual ones
	provoke func(c *crvideo.Client, say serverSaying) // makes it happen
}

const (
	loggedOut = iota
	loggedInOnly
	inRoom
)

type serverSaying func(method string, params any)

// saying is an event that follows from a notification.
func saying(method string, params any) occasion {
	return occasion{inRoom, nil, func(_ *crvideo.Client, say serverSaying) { say(method, params) }}
}

func refuse(code wire.Code) func(*mocksignal.Request) {
	return func(r *mocksignal.Request) { r.Fail(code, "refused by the test") }
}

var bobsCamera = wire.DevicesChanged{UID: "bob", Devices: wire.Devices{Mic: true, Videos: []wire.Video{{ID: 1, Name: "x"}}, DefaultVideo: 1}}

var anotherState = wire.RoomStateChanged{By: "bob", State: wire.RoomState{
	Version: 9, MainVideo: "bob", MainVideoMode: wire.MainVideoMember, MainPage: 4, SubPage: "1", Locked: true,
}}

var aBoard = wire.Board{ID: "b", Width: 10, Height: 10, PageCount: 2, By: "bob", Created: 1, Version: 1}

func sayingOfABoard(method string, params any) occasion {
	return occasion{inRoom, nil, func(_ *crvideo.Client, say serverSaying) {
		say(wire.NotifyBoardCreated, wire.BoardCreated{Board: aBoard})
		say(method, params)
	}}
}

var occasions = map[string]occasion{
	"NotifyTokenWillExpire": saying(wire.NotifyTokenExpiring, wire.TokenExpiring{ExpiresMS: 30000}),
	"LineOff":               saying(wire.NotifyLineOff, wire.LineOff{Code: wire.CodeKicked}),
	"MeetingDropped": {loggedInOnly, map[string]func(*mocksignal.Request){wire.MethodEnterMeeting: func(r *mocksignal.Request) {
		r.Reply(wire.EnterMeetingResult{Meeting: wire.MeetInfo{ID: scriptedRoom}, Num: 1, Answer: "v=0",
			Members: []wire.Member{{UID: "alice", Nickname: "a", Num: 1}}})
	}}, func(c *crvideo.Client, _ serverSaying) { _ = c.EnterMeeting(context.Background(), scriptedRoom) }},
	"NotifyMeetEnded":       saying(wire.NotifyMeetingEnded, wire.MeetingEnded{MeetID: scriptedRoom, By: "bob"}),
	"MeetingStopped":        saying(wire.NotifyMeetingEnded, wire.MeetingEnded{MeetID: scriptedRoom, By: "bob"}),
	"UserEnterMeeting":      saying(wire.NotifyMemberEntered, wire.MemberEntered{Member: wire.Member{UID: "carl", Nickname: "c", Num: 3, Audio: 1}}),
	"UserLeftMeeting":       saying(wire.NotifyMemberLeft, wire.MemberLeft{UID: "bob", Reason: "exit"}),
	"NotifyNickNameChanged": saying(wire.NotifyNicknameChanged, wire.NicknameChanged{UID: "bob", Old: "bob", New: "Bob"}),
	"AudioStatusChanged":    saying(wire.NotifyMicStatus, wire.MicStatus{UID: "bob", Status: wire.StatusNone}),
	"VideoStatusChanged":    saying(wire.NotifyDevicesChanged, bobsCamera),
	"VideoDevChanged":       saying(wire.NotifyDevicesChanged, bobsCamera),
	"DefVideoChanged":       saying(wire.NotifyDevicesChanged, bobsCamera),
	"OpenMicFailed": {inRoom, map[string]func(*mocksignal.Request){wire.MethodOpenMic: refuse(wire.CodeMicLimit)},
		func(_ *crvideo.Client, say serverSaying) { say(wire.NotifyOpenMicAsked, wire.Asked{By: "bob"}) }},
	"OpenVideoFailed": {inRoom, map[string]func(*mocksignal.Request){wire.MethodOpenVideo: refuse(wire.CodeServiceFailure)},
		func(_ *crvideo.Client, say serverSaying) { say(wire.NotifyOpenVideoAsked, wire.Asked{By: "bob"}) }},
	"NotifyMainVideoChanged":     saying(wire.NotifyRoomState, anotherState),
	"NotifyMainVideoModeChanged": saying(wire.NotifyRoomState, anotherState),
	"NotifySwitchToPage":         saying(wire.NotifyRoomState, anotherState),
	"NotifyRoomLocked":           saying(wire.NotifyRoomState, anotherState),
	"NotifyCreateBoard":          saying(wire.NotifyBoardCreated, wire.BoardCreated{Board: aBoard}),
	"NotifyCloseBoard":           sayingOfABoard(wire.NotifyBoardClosed, wire.BoardClosed{Board: "b", By: "bob"}),
	"NotifyBoardCurPageNo":       sayingOfABoard(wire.NotifyBoardPage, wire.BoardPageChanged{Board: "b", Page: 1, By: "bob", Version: 2}),
	"NotifyBoardEdited":          sayingOfABoard(wire.NotifyBoardEdited, wire.BoardEdited{Board: "b", Delete: []string{"x"}, Version: 2}),
	"MicDeviceChanged": {loggedInOnly, nil, func(c *crvideo.Client, _ serverSaying) {
		crvideo.Plug(c, nil, []crvideo.FakeDevice{{Name: "desk", Open: silent("audio/opus")}})
	}},
	"SpkDeviceChanged": {loggedInOnly, nil, func(c *crvideo.Client, _ serverSaying) { crvideo.PlugSpeaker(c) }},
	"OpenVideoTimeout": {inRoom, nil, func(c *crvideo.Client, _ serverSaying) {
		crvideo.SetPictureTimes(c, short, long)
		_, _ = c.AddCamera(context.Background(), "silent", silent("video/H264"))
		_ = c.OpenVideo(context.Background(), "")
	}},
	"VideoEncodeException": {inRoom, nil, func(c *crvideo.Client, _ serverSaying) {
		crvideo.SetPictureTimes(c, long, short)
		_, _ = c.AddCamera(context.Background(), "one picture", onePicture)
		_ = c.OpenVideo(context.Background(), "")
	}},
	"NetStateChanged":               {inRoom, nil, tellNetwork},
	"NotifyNetworkDelay":            {inRoom, nil, tellNetwork},
	"NotifyPacketsUploadLostRate":   {inRoom, nil, tellNetwork},
	"NotifyPacketsDownloadLostRate": {inRoom, nil, tellNetwork},
	"MicEnergyUpdate":               {inRoom, nil, func(c *crvideo.Client, _ serverSaying) { _ = c.OpenMic(context.Background(), "") }},

	"LoginSuccess": {loggedOut, nil, func(*crvideo.Client, serverSaying) { mirrorLogin("alice", nil) }},
	"LoginFail": {loggedOut, map[string]func(*mocksignal.Request){wire.MethodLogin: refuse(wire.CodeWrongSecret)},
		func(*crvideo.Client, serverSaying) { mirrorLogin("alice", nil) }},
	"CreateMeetingSuccess": {loggedInOnly, nil, func(*crvideo.Client, serverSaying) { crvideo.CreateMeeting2(nil) }},
	"CreateMeetingFail": {loggedInOnly, map[string]func(*mocksignal.Request){wire.MethodCreateMeeting: refuse(wire.CodeNoRoomLeft)},
		func(*crvideo.Client, serverSaying) { crvideo.CreateMeeting2(nil) }},
	"DestroyMeetingRslt": {loggedInOnly, nil, func(*crvideo.Client, serverSaying) { crvideo.DestroyMeeting(scriptedRoom, nil) }},
	"EnterMeetingRslt":   {loggedInOnly, nil, func(*crvideo.Client, serverSaying) { crvideo.EnterMeeting(scriptedRoom, nil) }},
}

func tellNetwork(c *crvideo.Client, _ serverSaying) { crvideo.TellNetwork(c) }

func mirrorLogin(uid string, cookie any) {
	crvideo.Login(crvideotest.AppID, crvideo.MD5(appSecret), "nick", uid, "", cookie)
}

// Every way out works in every handler, on both faces: it returns, everything ends, and no event comes after Done.
func TestLeavingInEveryHandler(t *testing.T) {
	t.Run("Client", func(t *testing.T) {
		ways := map[string]func(*crvideo.Client) error{
			"Close":       (*crvideo.Client).Close,
			"Logout":      func(c *crvideo.Client) error { return c.Logout(context.Background()) },
			"ExitMeeting": func(c *crvideo.Client) error { return c.ExitMeeting(context.Background()) },
		}
		for way, leave := range ways {
			for event := range registrations(nil) {
				t.Run(way+" in "+event, func(t *testing.T) {
					srv := newScript(t)
					c := newQuiet(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true})
					leaveInHandler(t, c, srv, registrations(c)[event], occasions[event], func() error { return leave(c) })
				})
			}
		}
	})
	t.Run("mirror", func(t *testing.T) {
		ways := map[string]func(){"Uninit": crvideo.Uninit, "Logout": crvideo.Logout, "ExitMeeting": crvideo.ExitMeeting}
		for way, leave := range ways {
			for event := range mirroredRegistrations() {
				t.Run(way+" in "+event, func(t *testing.T) {
					srv := newScript(t)
					require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}))
					defer crvideo.Uninit()
					register := mirroredRegistrations()[event]
					defer register(nil)
					leaveInHandler(t, crvideo.Default(), srv, register, occasions[event], func() error { leave(); return nil })
				})
			}
		}
	})
}

func leaveInHandler(t *testing.T, c *crvideo.Client, srv *mocksignal.Server, register func(func()), o occasion, leave func() error) {
	left := make(chan error, 1)
	var once sync.Once
	var over atomic.Bool
	handler := func() {
		assert.False(t, over.Load(), "an event after Done")
		once.Do(func() { left <- leave() })
	}
	register(handler)
	if o.provoke == nil { // no occasion of its own: at least the handler runs where it would
		o = occasion{inRoom, nil, func(c *crvideo.Client, _ serverSaying) { crvideo.RunAsHandler(c, handler) }}
	}
	served := make(chan *mocksignal.Conn, 1)
	go func() {
		conn := srv.Accept(testContext(t))
		oblige(t, conn, o.answers)
		served <- conn
	}()
	say := func(string, any) {}
	if o.state >= loggedInOnly {
		require.NoError(t, c.Login(testContext(t), loginParams("alice")))
		conn, seq := receive(t, served), uint64(0)
		say = func(method string, params any) { seq++; conn.Notify(seq, method, params) }
	}
	if o.state == inRoom {
		require.NoError(t, c.EnterMeeting(testContext(t), scriptedRoom))
	}
	o.provoke(c, say)
	require.NoError(t, receive(t, left))
	require.NoError(t, c.Close())
	receive(t, c.Done())
	over.Store(true)
}

// A slow handler slows its own client's events and nothing else: calls are made and answered, and Close does not wait.
func TestSlowHandler(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	slow, release := make(chan struct{}, 1), make(chan struct{})
	var names []string // only used on the event goroutine, until it has ended
	alice.OnNotifyNickNameChanged(func(e crvideo.NotifyNickNameChanged) {
		select {
		case slow <- struct{}{}:
		default:
		}
		<-release
		names = append(names, e.NewName)
	})
	atBob := record(t, bob)
	renames(t, alice, "a1")
	receive(t, slow)
	renames(t, alice, "a2", "a3")
	openBoth(t, alice)
	openBoth(t, bob)
	requireNames(t, atBob, "a1", "a2", "a3")
	requireCall(t, bob, alice)
	require.NoError(t, receive(t, inBackground(alice.Close)))
	select {
	case <-alice.Done():
		t.Error("Done tells of an end while a handler runs")
	default:
	}
	close(release)
	receive(t, alice.Done())
	assert.Equal(t, []string{"a1", "a2", "a3"}, names, "what happened before Close is told")
}

// A panic in a handler is the application's own, and ends the process as any other.
func TestPanickingHandler(t *testing.T) {
	const child = "CRVIDEO_PANICKING_HANDLER"
	if os.Getenv(child) != "" {
		c := loggedIn(t, newServer(t), "alice")
		c.OnAudioStatusChanged(func(crvideo.AudioStatusChanged) { panic("no handler of mine") })
		require.NoError(t, c.EnterMeeting(testContext(t), newRoom(t, c).ID))
		<-testContext(t).Done()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$") // this very test
	cmd.Env = append(os.Environ(), child+"=1")
	started := time.Now()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 2, exit.ExitCode(), "the code of a Go program that panics")
	assert.Contains(t, string(out), "panic: no handler of mine")
	assert.Contains(t, string(out), "handlers_test.go", "the stack names the handler")
	assert.Less(t, time.Since(started), bound)
}
