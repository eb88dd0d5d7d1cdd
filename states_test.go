package crvideo_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

type verb struct {
	name     string
	needRoom bool
	call     func(context.Context, *crvideo.Client) error
}

// verbs are all blocking calls that need a login, with harmless arguments.
var verbs = []verb{
	{"UpdateToken", false, func(ctx context.Context, c *crvideo.Client) error { return c.UpdateToken(ctx, "x") }},
	{"CreateMeeting", false, func(ctx context.Context, c *crvideo.Client) error {
		_, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
		return err
	}},
	{"DestroyMeeting", false, func(ctx context.Context, c *crvideo.Client) error { return c.DestroyMeeting(ctx, 12345678) }},
	{"EnterMeeting", false, func(ctx context.Context, c *crvideo.Client) error { return c.EnterMeeting(ctx, 12345678) }},
	{"Kickout", true, func(ctx context.Context, c *crvideo.Client) error { return c.Kickout(ctx, "nobody") }},
	{"SetNickName", true, func(ctx context.Context, c *crvideo.Client) error { return c.SetNickName(ctx, "nobody", "x") }},
	{"OpenMic", true, func(ctx context.Context, c *crvideo.Client) error { return c.OpenMic(ctx, "") }},
	{"OpenMic of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.OpenMic(ctx, "nobody") }},
	{"CloseMic", true, func(ctx context.Context, c *crvideo.Client) error { return c.CloseMic(ctx, "") }},
	{"CloseMic of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.CloseMic(ctx, "nobody") }},
	{"OpenVideo", true, func(ctx context.Context, c *crvideo.Client) error { return c.OpenVideo(ctx, "") }},
	{"OpenVideo of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.OpenVideo(ctx, "nobody") }},
	{"CloseVideo", true, func(ctx context.Context, c *crvideo.Client) error { return c.CloseVideo(ctx, "") }},
	{"CloseVideo of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.CloseVideo(ctx, "nobody") }},
	{"SetDefaultVideo of another", true, func(ctx context.Context, c *crvideo.Client) error {
		return c.SetDefaultVideo(ctx, "nobody", 1)
	}},
	{"SetMainVideo of another", true, func(ctx context.Context, c *crvideo.Client) error { return c.SetMainVideo(ctx, "nobody") }},
	{"SetMainVideoMode of another", true, func(ctx context.Context, c *crvideo.Client) error {
		return c.SetMainVideoMode(ctx, crvideo.MainVideoMember, "nobody")
	}},
	{"SwitchToPage", true, func(ctx context.Context, c *crvideo.Client) error { return c.SwitchToPage(ctx, 4, "") }},
	{"LockRoom", true, func(ctx context.Context, c *crvideo.Client) error { return c.LockRoom(ctx, false) }},
	{"StopMeeting", true, func(ctx context.Context, c *crvideo.Client) error { return c.StopMeeting(ctx) }},
	{"WaitMedia", true, func(ctx context.Context, c *crvideo.Client) error { return c.WaitMedia(ctx) }},
}

func TestEveryCallWithoutLogin(t *testing.T) {
	c := newClient(t, newServer(t))
	for _, v := range verbs {
		assert.ErrorIs(t, v.call(testContext(t), c), crvideo.CodeNotLoggedIn, v.name)
	}
}

// No call is forgotten: whatever may fail says after Close that the client has ended, and what takes a context without a
// login that there is none, whether its arguments make sense or not. Those that are right without a login are named.
func TestEveryCallKnowsItsState(t *testing.T) {
	local := []string{"Login", "Logout", "ExitMeeting", "PlaySpeaker", "AddCamera", "AddCanvasVCam", "AddMic", "RemoveCamera",
		"SetAudioCfg", "SetVideoCfg", "SetDefaultVideo", "SetEnableMultiVideo", "AddScreenCamera", "Reenter"}
	srv := newServer(t)
	out, closed := newClient(t, srv), newClient(t, srv)
	require.NoError(t, closed.Close())
	blocking, failing := 0, 0
	of := reflect.TypeFor[*crvideo.Client]()
	for i := range of.NumMethod() {
		m := of.Method(i)
		if !fails(m.Type) || m.Name == "Close" {
			continue
		}
		for _, with := range []arguments{{}, {text: "x"}, {text: strings.Repeat("x", 1<<12), number: -9}} {
			failing++
			assert.ErrorIs(t, callWith(testContext(t), m, closed, with), crvideo.CodeNotInit, m.Name)
			if blocks(m.Type) && !slices.Contains(local, m.Name) {
				blocking++
				assert.ErrorIs(t, callWith(testContext(t), m, out, with), crvideo.CodeNotLoggedIn, m.Name)
			}
		}
	}
	assert.Greater(t, failing, 3*50)
	assert.Greater(t, blocking, 3*30)
}

func fails(method reflect.Type) bool {
	return method.NumOut() > 0 && method.Out(method.NumOut()-1) == reflect.TypeFor[error]()
}

func blocks(method reflect.Type) bool {
	return method.NumIn() > 1 && method.In(1) == reflect.TypeFor[context.Context]() && fails(method)
}

// arguments are what a method is called with; all that is neither a text nor a number is empty.
type arguments struct {
	text   string
	number int64
}

func callWith(ctx context.Context, m reflect.Method, c *crvideo.Client, with arguments) error {
	args := []reflect.Value{reflect.ValueOf(c)}
	for i := 1; i < m.Type.NumIn(); i++ {
		if m.Type.IsVariadic() && i == m.Type.NumIn()-1 {
			break
		}
		arg := reflect.New(m.Type.In(i)).Elem()
		switch {
		case arg.Type() == reflect.TypeFor[context.Context]():
			arg.Set(reflect.ValueOf(ctx))
		case arg.Kind() == reflect.String:
			arg.SetString(with.text)
		case arg.CanInt():
			arg.SetInt(with.number)
		}
		args = append(args, arg)
	}
	results := m.Func.Call(args)
	err, _ := results[len(results)-1].Interface().(error)
	return err
}

func TestEveryCallWithoutRoom(t *testing.T) {
	c := loggedIn(t, newServer(t), "alice")
	for _, v := range verbs {
		if v.needRoom {
			assert.ErrorIs(t, v.call(testContext(t), c), crvideo.CodeNoRoom, v.name)
		}
	}
}

func TestEveryCallAfterClose(t *testing.T) {
	c := newClient(t, newServer(t))
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "twice")
	<-c.Done()
	for _, v := range verbs {
		assert.ErrorIs(t, v.call(testContext(t), c), crvideo.CodeNotInit, v.name)
	}
	assert.ErrorIs(t, c.Login(testContext(t), loginParams("alice")), crvideo.CodeNotInit)
	assert.ErrorIs(t, c.Logout(testContext(t)), crvideo.CodeNotInit)
	assert.ErrorIs(t, c.ExitMeeting(testContext(t)), crvideo.CodeNotInit)
	assert.ErrorIs(t, c.SetSDKParams(crvideo.SDKParams{}), crvideo.CodeNotInit)
	assert.ErrorIs(t, c.SetServerAddr("x"), crvideo.CodeNotInit)
	assert.ErrorIs(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{}), crvideo.CodeNotInit)
	assert.ErrorIs(t, c.SetAudioCfg(testContext(t), crvideo.AudioCfg{}), crvideo.CodeNotInit)
	_, err := c.Video("x", 1)
	assert.ErrorIs(t, err, crvideo.CodeNotInit)
	_, err = c.Audio("x")
	assert.ErrorIs(t, err, crvideo.CodeNotInit)
	_, err = c.CreateVideoObj()
	assert.ErrorIs(t, err, crvideo.CodeNotInit)
	assert.Empty(t, c.GetAllMembers())
	for range c.Events(testContext(t)) {
		t.Error("an event after the end")
	}
}

func TestEveryCallWithAnUnknownMember(t *testing.T) {
	alice, _ := pair(t, newServer(t))
	for _, v := range verbs {
		if strings.HasSuffix(v.name, "of another") || v.name == "Kickout" || v.name == "SetNickName" {
			assert.ErrorIs(t, v.call(testContext(t), alice), crvideo.CodeInvalidUser, v.name)
		}
	}
	assert.Equal(t, crvideo.StatusUnknown, alice.GetAudioStatus("nobody"))
	assert.Equal(t, crvideo.StatusUnknown, alice.GetVideoStatus("nobody"))
	assert.Empty(t, alice.GetAllVideoInfo("nobody"))
	assert.Empty(t, alice.GetOpenedVideoIDs("nobody"))
	assert.Zero(t, alice.GetDefaultVideo("nobody"))
	assert.Empty(t, alice.GetMemberNickName("nobody"))
	assert.False(t, alice.IsUserInMeeting("nobody"))
	assert.False(t, alice.IsUserInMeeting(""))
}

func TestEveryCallWithContextEnded(t *testing.T) {
	alice, _ := pair(t, newServer(t))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, v := range verbs {
		if v.name == "EnterMeeting" || strings.HasPrefix(v.name, "Close") && !strings.Contains(v.name, "another") || v.name == "WaitMedia" {
			continue // refused in this state, or done at once
		}
		assert.ErrorIs(t, v.call(ctx, alice), context.Canceled, v.name)
	}
}

func TestBadArguments(t *testing.T) {
	alice, _ := pair(t, newServer(t))
	ctx := testContext(t)
	long := strings.Repeat("x", 200)
	for name, err := range map[string]error{
		"subject too long":   second(alice.CreateMeeting(ctx, crvideo.CreateParams{Subject: long})),
		"password too long":  second(alice.CreateMeeting(ctx, crvideo.CreateParams{Password: long})),
		"meetID of 7 digits": alice.DestroyMeeting(ctx, 1234567),
		"kick nobody":        alice.Kickout(ctx, ""),
		"empty nickname":     alice.SetNickName(ctx, "alice", ""),
		"long nickname":      alice.SetNickName(ctx, "alice", long),
		"nickname of nobody": alice.SetNickName(ctx, "", "x"),
		"camera 0":           alice.SetDefaultVideo(ctx, "bob", 0),
		"long UID":           alice.OpenMic(ctx, long),
		"video of nobody":    second(alice.Video("", 1)),
		"camera -2":          second(alice.Video("bob", -2)),
		"audio of nobody":    second(alice.Audio("")),
		"volume":             alice.SetAudioCfg(testContext(t), crvideo.AudioCfg{MicVolume: -1}),
		"video size":         alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 99}),
		"timeout":            alice.SetSDKParams(crvideo.SDKParams{Timeout: time.Second}),
		"bandwidth":          alice.SetSDKParams(crvideo.SDKParams{VideoSendBW: -1}),
		"slots":              alice.SetSDKParams(crvideo.SDKParams{AudioSlots: 1000}),
		"protocol":           alice.SetSDKParams(crvideo.SDKParams{MSProtocol: 7}),
		"camera's name":      second(alice.AddCamera(ctx, "", crvideo.SyntheticCamera)),
		"camera's source":    second(alice.AddCamera(ctx, "x", nil)),
		"codec":              second(crvideo.NewSampleQueue("video/XYZ")),
	} {
		assert.ErrorIs(t, err, crvideo.CodeBadParameter, name)
	}
	assert.ErrorIs(t, alice.SetServerAddr(""), crvideo.CodeNoServerAddr)
	assert.ErrorIs(t, alice.SetDefaultVideo(ctx, "", 49), crvideo.CodeNoDevice)
	assert.ErrorIs(t, alice.SetAudioCfg(testContext(t), crvideo.AudioCfg{MicID: 49}), crvideo.CodeNoDevice)
}

func second[T any](_ T, err error) error { return err }

func TestLoginRefusals(t *testing.T) {
	srv := newServer(t)
	change := func(fn func(*crvideo.LoginParams)) crvideo.LoginParams {
		p := loginParams("alice")
		fn(&p)
		return p
	}
	for name, c := range map[string]struct {
		params crvideo.LoginParams
		code   crvideo.Code
	}{
		"empty UID":       {change(func(p *crvideo.LoginParams) { p.UID = "" }), crvideo.CodeBadParameter},
		"empty nickname":  {change(func(p *crvideo.LoginParams) { p.Nickname = "" }), crvideo.CodeBadParameter},
		"no secret":       {change(func(p *crvideo.LoginParams) { p.AppSecret = "" }), crvideo.CodeBadParameter},
		"long UID":        {change(func(p *crvideo.LoginParams) { p.UID = strings.Repeat("x", 65) }), crvideo.CodeBadParameter},
		"wrong secret":    {change(func(p *crvideo.LoginParams) { p.AppSecret = crvideo.MD5("wrong") }), crvideo.CodeWrongSecret},
		"unknown app":     {change(func(p *crvideo.LoginParams) { p.AppID = "other" }), crvideo.CodeNoApp},
		"unexpected auth": {change(func(p *crvideo.LoginParams) { p.UserAuthCode = "x" }), crvideo.CodeAuthUnexpected},
		"garbage token":   {crvideo.LoginParams{Token: "x.y.z", UID: "alice", Nickname: "a"}, crvideo.CodeAuthData},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, srv)
			assert.ErrorIs(t, client.Login(testContext(t), c.params), c.code)
			assert.Empty(t, client.UID())
			assert.NoError(t, client.Login(testContext(t), loginParams("alice")), "a refused login must not stand in the way of the next")
		})
	}
}

func TestLoginTwice(t *testing.T) {
	c := loggedIn(t, newServer(t), "alice")
	assert.ErrorIs(t, c.Login(testContext(t), loginParams("alice")), crvideo.CodeLoginState)
}

func TestLoginWhereNobodyListens(t *testing.T) {
	c := newWatched(t, watching(t), crvideo.SDKParams{ServerAddr: "ws://127.0.0.1:1"})
	assert.ErrorIs(t, c.Login(testContext(t), loginParams("alice")), crvideo.CodeConnectFailed)
}

func TestLoginWithoutAddress(t *testing.T) {
	c := newWatched(t, watching(t), crvideo.SDKParams{})
	assert.ErrorIs(t, c.Login(testContext(t), loginParams("alice")), crvideo.CodeNoServerAddr)
}

func TestEnterRefusals(t *testing.T) {
	srv := newServer(t, func(cfg *server.Config) { cfg.Limits.Members = 2 })
	alice := loggedIn(t, srv, "alice")
	ctx := testContext(t)
	room, err := alice.CreateMeeting(ctx, crvideo.CreateParams{NeedPassword: true})
	require.NoError(t, err)
	require.NotEmpty(t, room.Password)

	assert.ErrorIs(t, alice.EnterMeeting(ctx, 1234567), crvideo.CodeBadParameter)
	absent := int64(10000000)
	if absent == room.ID {
		absent++
	}
	assert.ErrorIs(t, alice.EnterMeeting(ctx, absent), crvideo.CodeNoRoom)
	assert.ErrorIs(t, alice.EnterMeeting(ctx, room.ID), crvideo.CodeRoomPassword)
	assert.ErrorIs(t, alice.EnterMeeting(ctx, room.ID, crvideo.WithPassword("wrong")), crvideo.CodeRoomPassword)
	assert.NoError(t, alice.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)), "refused ones must not stand in the way")
	assert.ErrorIs(t, alice.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)), crvideo.CodeInRoom)

	bob := loggedIn(t, srv, "bob")
	require.NoError(t, bob.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)))
	carol := loggedIn(t, srv, "carol")
	assert.ErrorIs(t, carol.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)), crvideo.CodeRoomFull)
}

func TestMicrophoneLimitRestoresClosed(t *testing.T) {
	srv := newServer(t, func(cfg *server.Config) { cfg.Limits.OpenMics = 1 })
	alice, bob := pair(t, srv)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	seen := record(t, bob)
	assert.ErrorIs(t, bob.OpenMic(testContext(t), ""), crvideo.CodeMicLimit)
	assert.Equal(t, crvideo.StatusClosed, bob.GetAudioStatus(""))
	seen.waitFor(t, crvideo.AudioStatusChanged{UID: "bob", OldStatus: crvideo.StatusClosed, NewStatus: crvideo.StatusOpening})
	seen.waitFor(t, crvideo.AudioStatusChanged{UID: "bob", OldStatus: crvideo.StatusOpening, NewStatus: crvideo.StatusClosed})
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	assert.NoError(t, bob.OpenMic(testContext(t), ""), "a place has become free")
}

func TestNoDeviceWithoutPermissionForTheSyntheticOne(t *testing.T) {
	srv := newServer(t)
	c := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.AllowSynthetic = false })
	if len(c.GetAudioMicNames()) > 1 || len(c.GetAllVideoInfo("")) > 1 {
		t.Log("this machine has real devices")
	} else {
		require.NoError(t, c.EnterMeeting(testContext(t), newRoom(t, c).ID))
		assert.Equal(t, crvideo.StatusNone, c.GetAudioStatus(""))
		assert.ErrorIs(t, c.OpenMic(testContext(t), ""), crvideo.CodeNoDevice)
		assert.ErrorIs(t, c.OpenVideo(testContext(t), ""), crvideo.CodeNoDevice)
		require.NoError(t, c.SetDefaultVideo(testContext(t), "", c.GetAllVideoInfo("")[0].VideoID), "chosen by its ID it may be used")
		assert.NoError(t, c.OpenVideo(testContext(t), ""))
	}
}
