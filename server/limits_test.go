package server

import (
	"net/http"
	"strings"
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

// TestRatesOfAUser hold over its connections: whoever connects anew gets no more by it.
func TestRatesOfAUser(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.MessagesPerSecond, l.MessageBurst = 1, 20 }))
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	allowed := 0
	for range 40 {
		ann.back(s)
		if ann.answer(ann.send(wire.MethodPing, nil)).Error == nil {
			allowed++
		}
	}
	assert.Less(t, allowed, 20)
	bob.quiet()
	body := metricsOf(t, s)
	assert.Contains(t, body, `crvideo_too_fast_total{scope="user",what="messages"}`)
	assert.NotContains(t, body, `scope="address"`)
}

func TestByteLimit(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) {
		l.MessageBytes, l.BytesPerSecond, l.ByteBurst, l.TooFastTolerated = 1000, 1, 2500, 2
	}))
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	big := map[string]string{"padding": strings.Repeat("x", 900)}
	for range 2 {
		ann.must(wire.MethodPing, big, nil)
	}
	ann.fails(wire.CodeTooFast, wire.MethodPing, big)
	ann.must(wire.MethodPing, nil, nil) // there is still room for a small one
	for range 2 {
		ann.fails(wire.CodeTooFast, wire.MethodPing, big)
	}
	ann.send(wire.MethodPing, big)
	ann.closed(wire.CloseTooFast)
	bob.quiet()
	assert.Contains(t, metricsOf(t, s), `crvideo_too_fast_total{scope="user",what="bytes"} 4`)
}

// TestRatesOfAnAddress hold over all its connections and users.
func TestRatesOfAnAddress(t *testing.T) {
	for what, c := range map[string]struct {
		limit func(*Limits)
		text  string
	}{
		"messages": {func(l *Limits) { l.AddressMessagesPerSecond = 5 }, ""},
		"bytes":    {func(l *Limits) { l.MessageBytes, l.AddressBytesPerSecond = 1000, 1000 }, strings.Repeat("x", 300)},
	} {
		t.Run(what, func(t *testing.T) {
			s := start(t, withLimits(c.limit))
			ann, bob := login(t, s, "ann"), login(t, s, "bob")
			for refused := false; !refused; {
				m := ann.answer(ann.send(wire.MethodPing, map[string]string{"padding": c.text}))
				refused = m.Error != nil && m.Error.Code == wire.CodeTooFast
			}
			m := bob.answer(bob.send(wire.MethodPing, map[string]string{"padding": c.text}))
			require.NotNil(t, m.Error)
			assert.Equal(t, wire.CodeTooFast, m.Error.Code)
			assert.Contains(t, metricsOf(t, s), `crvideo_too_fast_total{scope="address",what="`+what+`"} 2`)
		})
	}
}

func TestLoginLimits(t *testing.T) {
	t.Run("connection", func(t *testing.T) {
		s := start(t, withLimits(func(l *Limits) { l.LoginTries = 3 }))
		c := dial(t, s)
		for range 2 {
			c.fails(wire.CodeNoApp, wire.MethodLogin, &wire.LoginParams{AppID: "none", SecretMD5: "x", UID: "ann", Nickname: "n"})
		}
		c.fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: "s", Key: "k"})
		c.closed(wire.CloseTooFast)
	})
	t.Run("user", func(t *testing.T) {
		s := start(t, withLimits(func(l *Limits) { l.UserLoginsPerMinute = 3 }))
		for range 3 {
			login(t, s, "ann").must(wire.MethodLogout, nil, nil)
		}
		dial(t, s).fails(wire.CodeTooFast, wire.MethodLogin, loginParams("ann"))
		login(t, s, "bob")
		other := loginParams("ann")
		other.AppID, other.SecretMD5 = "other", secretMD5("hidden")
		loginWith(t, s, other) // who is another user
	})
	t.Run("user, wrong secrets", func(t *testing.T) {
		s := start(t, withLimits(func(l *Limits) { l.UserLoginsPerMinute = 3 }))
		wrong := loginParams("ann")
		wrong.SecretMD5 = secretMD5("guess")
		for range 5 {
			dial(t, s).fails(wire.CodeWrongSecret, wire.MethodLogin, wrong)
		}
		login(t, s, "ann") // nobody can be locked out by others
	})
	t.Run("address", func(t *testing.T) {
		s := start(t, withLimits(func(l *Limits) { l.LoginsPerMinute = 3 }))
		ann := login(t, s, "ann")
		login(t, s, "bob")
		ann.back(s)
		dial(t, s).fails(wire.CodeTooFast, wire.MethodLogin, loginParams("eve"))
		dial(t, s).fails(wire.CodeTooFast, wire.MethodResume, wire.ResumeParams{Session: ann.session.Session, Key: ann.session.Key})
		ann.quiet()
		assert.Contains(t, metricsOf(t, s), `crvideo_too_fast_total{scope="address",what="logins"} 2`)
	})
}

func TestGuestLimit(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.PageApp = "app" }, withLimits(func(l *Limits) { l.LoginsPerMinute = 1 }))
	status, _ := ask(t, s, http.MethodPost, "/page/token", `{}`)
	assert.Equal(t, http.StatusOK, status)
	status, _ = ask(t, s, http.MethodPost, "/page/token", `{}`)
	assert.Equal(t, http.StatusTooManyRequests, status)
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
