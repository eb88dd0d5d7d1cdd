package server

import (
	"testing"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// TestPermissions tries every guarded call with every permission alone: it is refused with 21, except with the one
// that it needs.
func TestPermissions(t *testing.T) {
	s := start(t)
	host := login(t, s, "host")
	other := func() int64 { return host.create(wire.CreateMeetingParams{}).ID }
	room := other()
	enter(t, s, "bob", room)
	calls := []struct {
		name, method string
		needs        token.Permission
		params       func() any
	}{
		{"create", wire.MethodCreateMeeting, token.Create, func() any { return nil }},
		{"destroy", wire.MethodDestroyMeeting, token.Destroy, func() any { return wire.MeetIDParams{MeetID: other()} }},
		{"own microphone", wire.MethodOpenMic, token.Publish, func() any { return wire.OpenMicParams{UID: "ann", Mid: "0", Codec: "audio/opus"} }},
		{"own camera", wire.MethodOpenVideo, token.Publish, func() any { return wire.OpenVideoParams{UID: "ann", VideoID: 1, Mid: "1", Codec: "video/VP8"} }},
		{"other's microphone", wire.MethodOpenMic, token.Control, func() any { return wire.OpenMicParams{UID: "bob"} }},
		{"close other's microphone", wire.MethodCloseMic, token.Control, func() any { return wire.UIDParams{UID: "bob"} }},
		{"other's camera", wire.MethodOpenVideo, token.Control, func() any { return wire.OpenVideoParams{UID: "bob", VideoID: 1} }},
		{"close other's camera", wire.MethodCloseVideo, token.Control, func() any { return wire.VideoParams{UID: "bob", VideoID: 1} }},
		{"other's default camera", wire.MethodSetDefaultVideo, token.Control, func() any { return wire.VideoParams{UID: "bob", VideoID: 1} }},
		{"other's name", wire.MethodSetNickname, token.Control, func() any { return wire.SetNicknameParams{UID: "bob", Nickname: "b"} }},
		{"kick", wire.MethodKickout, token.Kick, func() any { return wire.UIDParams{UID: "cat"} }},
		{"own name", wire.MethodSetNickname, "", func() any { return wire.SetNicknameParams{UID: "ann", Nickname: "a"} }},
		{"own default camera", wire.MethodSetDefaultVideo, "", func() any { return wire.VideoParams{UID: "ann", VideoID: 2} }},
		{"close own microphone", wire.MethodCloseMic, "", func() any { return wire.UIDParams{UID: "ann"} }},
		{"subscribe", wire.MethodSubscribe, "", func() any { return wire.SubscribeParams{} }},
		{"exit", wire.MethodExitMeeting, "", func() any { return nil }},
	}
	for _, owned := range []token.Permission{token.Create, token.Destroy, token.Publish, token.Control, token.Kick, "later"} {
		t.Run(string(owned), func(t *testing.T) {
			enter(t, s, "cat", room)
			ann := loginWith(t, s, tokenParams(t, "ann", time.Hour, func(c *token.Claims) { c.Permissions = []token.Permission{token.Enter, owned} }))
			ann.enter(room)
			for _, c := range calls {
				if c.needs == "" || c.needs == owned {
					ann.must(c.method, c.params(), nil)
				} else {
					ann.fails(wire.CodeAuthFailed, c.method, c.params())
				}
			}
		})
	}
}

func TestTokenWithoutPermissions(t *testing.T) {
	s := start(t)
	host := login(t, s, "host")
	room := host.create(wire.CreateMeetingParams{}).ID
	ann := loginWith(t, s, tokenParams(t, "ann", time.Hour, func(c *token.Claims) { c.Permissions = []token.Permission{} }))
	ann.fails(wire.CodeAuthFailed, wire.MethodEnterMeeting, enterParams(room))
	ann.must(wire.MethodPing, nil, nil)
	bob := loginWith(t, s, tokenParams(t, "bob", time.Hour)) // without the claim: everything
	bob.enter(bob.create(wire.CreateMeetingParams{}).ID)
}

func TestTokenForOneRoom(t *testing.T) {
	s := start(t)
	host := login(t, s, "host")
	room, other := host.create(wire.CreateMeetingParams{}).ID, host.create(wire.CreateMeetingParams{}).ID
	ann := loginWith(t, s, tokenParams(t, "ann", time.Hour, func(c *token.Claims) { c.Room = room }))
	ann.fails(wire.CodeAuthFailed, wire.MethodEnterMeeting, enterParams(other))
	ann.fails(wire.CodeAuthFailed, wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: other})
	ann.fails(wire.CodeAuthFailed, wire.MethodCreateMeeting, wire.CreateMeetingParams{})
	ann.enter(room)
	ann.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil)
}

// TestUpdateToATokenForAnotherRoom: its rights in that room are no rights in the room that one is in.
func TestUpdateToATokenForAnotherRoom(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	room, other := ann.create(wire.CreateMeetingParams{}).ID, ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	guest := func(room int64) string {
		return tokenParams(t, "eve", time.Hour, func(c *token.Claims) { c.Room, c.Permissions = room, []token.Permission{token.Enter} }).Token
	}
	host := tokenParams(t, "eve", time.Hour, func(c *token.Claims) { c.Room = other }).Token
	eve := loginWith(t, s, &wire.LoginParams{Token: guest(room), UID: "eve", Nickname: "Eve"})
	eve.enter(room)
	eve.fails(wire.CodeAuthFailed, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: host})
	eve.fails(wire.CodeAuthFailed, wire.MethodKickout, wire.UIDParams{UID: "ann"})
	eve.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: guest(room)}, nil)
	eve.must(wire.MethodExitMeeting, nil, nil)
	eve.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: host}, nil)
	eve.enter(other)
}
