package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
	"github.com/crvideo/crvideo-go/token"
)

// guardedCall is a call whose permission depends on whom it is about, or on nothing.
type guardedCall struct {
	name, method string
	needs        token.Permission // "": none
	oneRoom      bool             // a token for the room that one is in permits it
	outside      bool             // the caller is in no room
	params       func() any
}

// guardedCalls are all calls there are, said by ann, each way in which it needs another permission.
func guardedCalls(t *testing.T, s *Server, room int64) []guardedCall {
	host := login(t, s, "host")
	is := func(params any) func() any { return func() any { return params } }
	own := tokenParams(t, "ann", time.Hour).Token
	boardOf := func(uid string) string {
		r, failed := s.room("app", room)
		require.Nil(t, failed)
		r.mu.Lock()
		defer r.mu.Unlock()
		for id := range r.boards.byID { // of the last call
			r.closeBoard(r.boards.byID[id], "")
		}
		info := testBoard(randomHex(8))
		info.By = uid
		r.addBoard(*info)
		return info.ID
	}
	return []guardedCall{
		{"ping", wire.MethodPing, "", true, false, is(nil)},
		{"logout", wire.MethodLogout, "", true, false, is(nil)},
		{"new token", wire.MethodUpdateToken, "", true, false, is(wire.UpdateTokenParams{Token: own})},
		{"create", wire.MethodCreateMeeting, token.Create, false, true, is(nil)},
		{"destroy another room", wire.MethodDestroyMeeting, token.Destroy, false, true, func() any {
			return wire.MeetIDParams{MeetID: host.create(wire.CreateMeetingParams{}).ID}
		}},
		{"enter", wire.MethodEnterMeeting, token.Enter, true, true, is(enterParams(room))},
		{"enter another room", wire.MethodEnterMeeting, token.Enter, false, true, func() any {
			return enterParams(host.create(wire.CreateMeetingParams{}).ID)
		}},
		{"exit", wire.MethodExitMeeting, "", true, false, is(nil)},
		{"kick", wire.MethodKickout, token.Kick, true, false, func() any {
			enter(t, s, "cat", room)
			return wire.UIDParams{UID: "cat"}
		}},
		{"own name", wire.MethodSetNickname, "", true, false, is(wire.SetNicknameParams{UID: "ann", Nickname: "a"})},
		{"other's name", wire.MethodSetNickname, token.Control, true, false, is(wire.SetNicknameParams{UID: "bob", Nickname: "b"})},
		{"main video", wire.MethodSetMainVideo, token.Control, true, false, is(wire.MainVideoParams{UID: "bob"})},
		{"main video's mode", wire.MethodSetMainVideoMode, token.Control, true, false, is(wire.MainVideoModeParams{Mode: wire.MainVideoMember, UID: "bob"})},
		{"page", wire.MethodSwitchToPage, token.Control, true, false, is(wire.PageParams{MainPage: 4})},
		{"open the room", wire.MethodLockRoom, token.Control, true, false, is(wire.LockParams{})},
		{"stop", wire.MethodStopMeeting, token.Destroy, true, false, is(nil)},
		{"call", wire.MethodCall, token.Call, true, true, func() any { return callable(t, s) }},
		{"invite", wire.MethodInvite, token.Call, true, false, func() any { return callable(t, s) }},
		{"accept a call", wire.MethodAcceptCall, "", true, true, func() any { return rung(t, s, wire.MethodCall) }},
		{"reject a call", wire.MethodRejectCall, "", true, true, func() any { return rung(t, s, wire.MethodCall) }},
		{"hang up", wire.MethodHangupCall, "", true, true, func() any { return rung(t, s, wire.MethodCall) }},
		{"restore a call", wire.MethodRestoreCall, "", true, true, is(wire.RestoreCallParams{ID: "restored", UID: "bob"})},
		{"accept an invitation", wire.MethodAcceptInvite, "", true, true, func() any { return rung(t, s, wire.MethodInvite) }},
		{"reject an invitation", wire.MethodRejectInvite, "", true, true, func() any { return rung(t, s, wire.MethodInvite) }},
		{"do not disturb", wire.MethodSetDND, "", true, false, is(wire.DNDParams{DND: 1})},
		{"status", wire.MethodGetUserStatus, token.Call, true, false, is(wire.UserStatusParams{UID: "bob"})},
		{"watch", wire.MethodWatchUserStatus, token.Call, true, false, is(wire.WatchParams{On: true})},
		{"list queues", wire.MethodInitQueues, "", true, false, is(nil)},
		{"status of queues", wire.MethodGetQueueStatus, "", true, false, is(nil)},
		{"wait in a queue", wire.MethodStartQueuing, token.Queue, true, false, is(wire.StartQueuingParams{ID: 1})},
		{"stop waiting", wire.MethodStopQueuing, "", true, false, is(nil)},
		{"serve a queue", wire.MethodStartService, token.Serve, true, false, is(wire.StartServiceParams{ID: 1})},
		{"stop serving", wire.MethodStopService, "", true, true, func() any { return wire.QueueParams{ID: assigned(s).ID} }},
		{"ask for a customer", wire.MethodReqAssign, token.Serve, true, true, func() any { assigned(s); return nil }},
		{"accept a customer", wire.MethodAcceptAssign, "", true, true, func() any { return assigned(s) }},
		{"reject a customer", wire.MethodRejectAssign, "", true, true, func() any { return assigned(s) }},
		{"restore a service", wire.MethodRestoreServing, token.Serve, true, true, func() any { return talking(s) }},
		{"command", wire.MethodSendCmd, token.Data, true, true, is(wire.SendCmdParams{ID: anID, UID: "bob", Data: "hi"})},
		{"send", wire.MethodOfferTransfer, token.Data, true, true, func() any {
			framed(t, s, "dan")
			return wire.OfferTransferParams{ID: wire.NewTransferID().String(), UID: "dan", Kind: wire.TransferBuffer}
		}},
		{"accept", wire.MethodAcceptTransfer, "", true, true, func() any { return wire.AcceptTransferParams{ID: offered(t, s)} }},
		{"refuse", wire.MethodEndTransfer, "", true, true, func() any { return wire.EndTransferParams{ID: offered(t, s), Code: wire.CodeRefused} }},
		{"message", wire.MethodSendRoomMsg, token.Data, true, false, is(wire.RoomMsgParams{Text: "hi", Num: 1})},
		{"read attributes", wire.MethodGetRoomAttrs, "", true, false, is(nil)},
		{"read others' attributes", wire.MethodGetUserAttrs, "", true, false, is(wire.UserAttrsParams{UIDs: []string{"bob"}})},
		{"room's attributes", wire.MethodChangeRoomAttrs, token.Data, true, false, is(wire.AttrsChange{Put: map[string]string{"k": "v"}, NotifyAll: true})},
		{"own attributes", wire.MethodChangeUserAttrs, token.Data, true, false, is(wire.UserAttrsChange{UIDs: []string{"ann"}})},
		{"other's attributes", wire.MethodChangeUserAttrs, token.Control, true, false, is(wire.UserAttrsChange{UIDs: []string{"bob"}})},
		{"everybody's attributes", wire.MethodChangeUserAttrs, token.Control, true, false, is(wire.UserAttrsChange{All: true})},
		{"restore attributes", wire.MethodRestoreAttrs, "", true, false, is(nil)},
		{"create a board", wire.MethodCreateBoard, token.Data, true, false, func() any { return testBoard(randomHex(8)) }},
		{"close own board", wire.MethodCloseBoard, token.Data, true, false, func() any { return wire.BoardIDParams{Board: boardOf("ann")} }},
		{"close other's board", wire.MethodCloseBoard, token.Control, true, false, func() any { return wire.BoardIDParams{Board: boardOf("bob")} }},
		{"page of a board", wire.MethodSetBoardPage, token.Data, true, false, func() any { return wire.BoardPageParams{Board: boardOf("bob"), Page: 1} }},
		{"read a board", wire.MethodGetBoardPage, "", true, false, func() any { return wire.GetBoardPageParams{Board: boardOf("bob")} }},
		{"draw", wire.MethodEditBoard, token.Data, true, false, func() any {
			return wire.EditBoardParams{Board: boardOf("bob"), Put: []*wire.BoardElement{line(randomHex(8))}}
		}},
		{"undo", wire.MethodUndoBoard, token.Data, true, false, func() any { return wire.UndoBoardParams{Board: boardOf("bob")} }},
		{"restore boards", wire.MethodRestoreBoards, token.Data, true, false, is(nil)},
		{"restore a page", wire.MethodRestoreBoardPage, token.Data, true, false, func() any { return wire.RestoreBoardPageParams{Board: boardOf("bob")} }},
		{"own devices", wire.MethodSetDevices, "", true, false, is(wire.Devices{Mic: true})},
		{"own microphone", wire.MethodOpenMic, token.Publish, true, false, is(wire.OpenMicParams{UID: "ann", Mid: "0", Codec: "audio/opus"})},
		{"other's microphone", wire.MethodOpenMic, token.Control, true, false, is(wire.OpenMicParams{UID: "bob"})},
		{"close own microphone", wire.MethodCloseMic, "", true, false, is(wire.UIDParams{UID: "ann"})},
		{"close other's microphone", wire.MethodCloseMic, token.Control, true, false, is(wire.UIDParams{UID: "bob"})},
		{"own camera", wire.MethodOpenVideo, token.Publish, true, false, is(wire.OpenVideoParams{UID: "ann", VideoID: 1, Mid: "1", Codec: "video/VP8"})},
		{"other's camera", wire.MethodOpenVideo, token.Control, true, false, is(wire.OpenVideoParams{UID: "bob", VideoID: 1})},
		{"close own camera", wire.MethodCloseVideo, "", true, false, is(wire.VideoParams{UID: "ann", VideoID: 1})},
		{"close other's camera", wire.MethodCloseVideo, token.Control, true, false, is(wire.VideoParams{UID: "bob", VideoID: 1})},
		{"own default camera", wire.MethodSetDefaultVideo, "", true, false, is(wire.VideoParams{UID: "ann", VideoID: 2})},
		{"other's default camera", wire.MethodSetDefaultVideo, token.Control, true, false, is(wire.VideoParams{UID: "bob", VideoID: 2})},
		{"own cameras at once", wire.MethodSetMultiVideo, "", true, false, is(wire.MultiVideo{UID: "ann", On: true})},
		{"other's cameras at once", wire.MethodSetMultiVideo, token.Control, true, false, is(wire.MultiVideo{UID: "bob", On: true})},
		{"subscribe", wire.MethodSubscribe, "", true, false, is(wire.SubscribeParams{})},
		{"offer", wire.MethodOffer, "", true, false, is(wire.OfferParams{Offer: "offer"})},
	}
}

// assigned has ann serve, whatever her token says, and be offered eve.
func assigned(s *Server) wire.AssignParams {
	q := s.queues
	q.mu.Lock()
	defer q.mu.Unlock()
	k, now := q.centre("app"), q.clock.Now()
	k.engine.Gone(now, "eve")
	_ = k.engine.Serve(now, "ann", 1, 0, true)
	_ = k.engine.Enqueue(now, queue.User{Queue: 1, UID: "eve", Since: now})
	k.own(s.userSession(userKey{"app", "ann"}), now)
	k.settle(now)
	return wire.AssignParams{ID: 1, UID: "eve"}
}

// talking has ann be in a call with eve.
func talking(s *Server) wire.AssignParams {
	s.queues.call(s.userSession(userKey{"app", "ann"}), "eve", true)
	s.queues.mu.Lock()
	defer s.queues.mu.Unlock()
	s.queues.centre("app").engine.Gone(time.Now(), "eve")
	return wire.AssignParams{ID: 1, UID: "eve"}
}

// callable are parameters of a call to somebody who is there and not in a call.
func callable(t *testing.T, s *Server) wire.CallParams {
	login(t, s, "dan")
	return wire.CallParams{ID: randomHex(8), UID: "dan"}
}

// rung has ann called or invited.
func rung(t *testing.T, s *Server, method string) wire.CallAnswerParams {
	p := wire.CallParams{ID: randomHex(8), UID: "ann"}
	login(t, s, "dan").must(method, p, nil)
	return wire.CallAnswerParams{ID: p.ID}
}

// offered has something sent to ann.
func offered(t *testing.T, s *Server) string {
	p := wire.OfferTransferParams{ID: wire.NewTransferID().String(), UID: "ann", Kind: wire.TransferBuffer}
	framed(t, s, "dan").must(wire.MethodOfferTransfer, p, nil)
	return p.ID
}

// TestPermissions tries every call in every role: it is done if the token permits it, and otherwise refused with 21
// before anybody learns of it. A method that is new must be added to guardedCalls.
func TestPermissions(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.UserLoginsPerMinute, l.MessageBurst = 10_000, 100_000 }),
		func(cfg *Config) { cfg.Queues = []Queue{{AppID: "app", ID: 1}} })
	bob := login(t, s, "bob")
	room := bob.create(wire.CreateMeetingParams{}).ID
	bob.enter(room)
	calls := guardedCalls(t, s, room)
	covered := make(map[string]bool)
	for _, c := range calls {
		covered[c.method] = true
	}
	for method := range s.verbs {
		if method == wire.MethodCancelInvite { // of one's own: whoever may invite may cancel
			continue
		}
		assert.True(t, covered[method], "%s is not in guardedCalls", method)
	}

	roles := map[string]*token.Claims{
		"nothing": {Permissions: []token.Permission{}}, "unknown": {Permissions: []token.Permission{"later"}},
		"everything": {}, "everything in one room": {Room: room}, "guest": {Permissions: []token.Permission{token.Enter, token.Publish}},
		"secret": nil,
	}
	for _, p := range []token.Permission{token.Create, token.Destroy, token.Enter, token.Publish, token.Control, token.Kick, token.Data, token.Call, token.Queue, token.Serve} {
		roles["only "+string(p)] = &token.Claims{Permissions: []token.Permission{p}}
	}
	for name, role := range roles {
		t.Run(name, func(t *testing.T) {
			for _, c := range calls {
				if role == nil && c.method == wire.MethodUpdateToken {
					continue // there is none to be replaced
				}
				where, role := room, role
				if c.method == wire.MethodStopMeeting { // nobody else's
					where = bob.create(wire.CreateMeetingParams{}).ID
					if role != nil && role.Room != 0 {
						role = &token.Claims{Room: where}
					}
				}
				ann := inRole(t, s, role, where, c.outside)
				params := c.params()
				bob.must(wire.MethodPing, nil, nil)
				bob.notes = nil
				m := ann.answer(ann.send(c.method, params))
				if role == nil || (c.needs == "" || role.Allows(c.needs)) && (role.Room == 0 || c.oneRoom) {
					assert.Nil(t, m.Error, c.name)
				} else if assert.NotNil(t, m.Error, "%s is not refused", c.name) {
					assert.Equal(t, wire.CodeAuthFailed, m.Error.Code, c.name)
					bob.quiet()
				}
				ann.cut()
			}
		})
	}
}

// inRole gives ann a login of a role (nil: with the secret), in the room or outside. She enters before she has the role.
func inRole(t *testing.T, s *Server, role *token.Claims, room int64, outside bool) *client {
	if role == nil {
		ann := framed(t, s, "ann")
		if !outside {
			ann.enter(room)
		}
		return ann
	}
	p := tokenParams(t, "ann", time.Hour)
	p.Frames = true
	ann := loginWith(t, s, p)
	if !outside {
		ann.enter(room)
	}
	ann.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: tokenParams(t, "ann", time.Hour, func(c *token.Claims) {
		c.Room, c.Permissions = role.Room, role.Permissions
	}).Token}, nil)
	return ann
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
