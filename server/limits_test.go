package server

import (
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

func TestDefaults(t *testing.T) {
	l := Limits{Replay: 10_000, Members: 7}.withDefaults()
	assert.Equal(t, 7, l.Members)
	assert.Equal(t, DefaultMaxOpenMics, l.OpenMics)
	assert.Equal(t, 30*time.Minute, l.RoomLife)
	assert.Greater(t, l.SendQueue, l.Replay)
}

func TestRoomLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.Rooms = 2 }))
	c := login(t, s, "ann")
	first := c.create(wire.CreateMeetingParams{}).ID
	c.create(wire.CreateMeetingParams{})
	c.fails(wire.CodeNoRoomLeft, wire.MethodCreateMeeting, wire.CreateMeetingParams{})
	c.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: first}, nil)
	c.create(wire.CreateMeetingParams{})
}

func TestMemberLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.Members = 2 }))
	_, bob, room := two(t, s)
	eve := login(t, s, "eve")
	eve.fails(wire.CodeRoomFull, wire.MethodEnterMeeting, enterParams(room))
	bob.must(wire.MethodExitMeeting, nil, nil)
	eve.enter(room)
}

func TestMicrophoneLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.OpenMics = 1 }))
	ann, bob, _ := two(t, s)
	ann.openMic()
	refused := wire.OpenMicParams{UID: "bob", Mid: "0", Codec: "audio/opus"}
	bob.fails(wire.CodeMicLimit, wire.MethodOpenMic, refused)
	ann.must(wire.MethodOpenMic, wire.OpenMicParams{UID: "ann", Mid: "3", Codec: "audio/opus"}, nil) // its own place
	ann.must(wire.MethodExitMeeting, nil, nil)
	bob.openMic()
}

func TestSessionLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.Sessions = 1 }))
	ann := login(t, s, "ann")
	dial(t, s).fails(wire.CodeServiceFailure, wire.MethodLogin, loginParams("bob"))
	p := loginParams("bob")
	p.AppID, p.SecretMD5 = "other", secretMD5("hidden")
	loginWith(t, s, p) // each app has its own
	again := login(t, s, "ann")
	ann.closed(wire.CloseSuperseded)
	again.must(wire.MethodLogout, nil, nil)
	again.closed(websocket.CloseNormalClosure)
	login(t, s, "bob")
}

func TestConnectionLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limit func(*Limits)
		want  int
	}{
		"all":         {func(l *Limits) { l.Connections = 2 }, http.StatusServiceUnavailable},
		"per address": {func(l *Limits) { l.PerAddress = 2 }, http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, withLimits(c.limit))
			first := login(t, s, "ann")
			login(t, s, "bob")
			_, resp, err := tryDial(t, s, nil)
			require.ErrorIs(t, err, websocket.ErrBadHandshake)
			assert.Equal(t, c.want, resp.StatusCode)
			require.NoError(t, resp.Body.Close())
			first.cut()
			require.Eventually(t, func() bool {
				_, resp, err := tryDial(t, s, nil)
				_ = resp.Body.Close()
				return err == nil
			}, bound, tick)
		})
	}
}

func TestRateLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.MessagesPerSecond, l.MessageBurst, l.TooFastTolerated = 1, 3, 2 }))
	ann := login(t, s, "ann")
	other := login(t, s, "bob")
	ids := make([]uint64, 5)
	for i := range ids {
		ids[i] = ann.send(wire.MethodPing, nil)
	}
	require.Nil(t, ann.answer(ids[0]).Error)
	require.Nil(t, ann.answer(ids[1]).Error)
	require.Equal(t, wire.CodeTooFast, ann.answer(ids[2]).Error.Code)
	require.Equal(t, wire.CodeTooFast, ann.answer(ids[3]).Error.Code)
	ann.closed(wire.CloseTooFast)
	other.quiet()
	ann.back(s) // the session has not suffered
}

func TestFailedLoginLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.FailuresPerMinute = 3 }))
	before := login(t, s, "bob")
	room := before.create(wire.CreateMeetingParams{Password: "123456"}).ID
	wrong := loginParams("ann")
	wrong.SecretMD5 = secretMD5("guess")
	c := dial(t, s)
	for range 2 {
		c.fails(wire.CodeWrongSecret, wire.MethodLogin, wrong)
	}
	guess := enterParams(room)
	guess.Password = "000000"
	before.fails(wire.CodeRoomPassword, wire.MethodEnterMeeting, guess) // counts too
	before.fails(wire.CodeTooFast, wire.MethodEnterMeeting, guess)
	c.fails(wire.CodeTooFast, wire.MethodLogin, wrong)
	c.fails(wire.CodeTooFast, wire.MethodLogin, loginParams("ann")) // a right guess must not be told from a wrong one
	before.quiet()
}

func TestAddressesAreForgotten(t *testing.T) {
	a := newAddresses(60)
	require.True(t, a.connect("192.0.2.1", 1))
	require.False(t, a.connect("192.0.2.1", 1))
	a.disconnect("192.0.2.1")
	require.Empty(t, a.entries)
	for i := range maxIdleAddresses + 1 {
		a.failed(string(rune('a' + i)))
	}
	require.Len(t, a.entries, maxIdleAddresses+1)
	a.forget(time.Now())
	require.NotEmpty(t, a.entries, "they failed just now")
	a.forget(time.Now().Add(2 * time.Minute))
	require.Empty(t, a.entries)
}

func TestNoHello(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.FirstMessageTimeout = 50 * time.Millisecond }))
	dial(t, s).closed(wire.CloseNoHello)
	login(t, s, "ann").quiet()
}

// TestGuessesByUpdateToken: wrong tokens count, and are blocked, wherever they are tried.
func TestGuessesByUpdateToken(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.FailuresPerMinute = 3 }))
	eve := loginWith(t, s, tokenParams(t, "eve", time.Hour))
	guess := mint(t, "guess", token.Claims{AppID: "other", UID: "eve", Expires: time.Now().Add(time.Hour)})
	for range 3 {
		eve.fails(wire.CodeAuthData, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: guess})
	}
	eve.fails(wire.CodeTooFast, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: guess})
	dial(t, s).fails(wire.CodeTooFast, wire.MethodLogin, loginParams("ann"))
}

// TestControlFrameFlood: WebSocket pings and pongs are messages too, and the rate limit holds for them.
func TestControlFrameFlood(t *testing.T) {
	for name, kind := range map[string]int{"ping": websocket.PingMessage, "pong": websocket.PongMessage} {
		t.Run(name, func(t *testing.T) {
			s := start(t, withLimits(func(l *Limits) { l.MessagesPerSecond, l.MessageBurst, l.TooFastTolerated = 1, 5, 5 }))
			c := login(t, s, "ann")
			pongs := 0
			c.ws.SetPongHandler(func(string) error { pongs++; return nil })
			for range 100 {
				if c.ws.WriteControl(kind, []byte("x"), time.Now().Add(bound)) != nil {
					break
				}
			}
			c.closed(wire.CloseTooFast)
			assert.LessOrEqual(t, pongs, 4+int(bound.Seconds()))
		})
	}
}
