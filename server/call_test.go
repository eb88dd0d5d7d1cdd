package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

type answered = wire.CallAnswered

func TestCall(t *testing.T) {
	s := start(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	meet := &wire.MeetInfo{ID: 12345678, Subject: "tea"}
	p := wire.CallParams{ID: "c1", UID: "bob", Meet: meet, Data: "hello"}
	ann.must(wire.MethodCall, p, nil)
	ann.must(wire.MethodCall, p, nil) // again, as after a restart: the same call
	assert.Equal(t, wire.CallIn{ID: "c1", From: "ann", Nickname: "Nick ann", Meet: meet, Data: "hello"}, note[wire.CallIn](bob, wire.NotifyCallIn))
	bob.quiet()

	cat := login(t, s, "cat")
	cat.fails(wire.CodeBusy, wire.MethodCall, wire.CallParams{ID: "c2", UID: "bob"})
	cat.fails(wire.CodeBusy, wire.MethodCall, wire.CallParams{ID: "c2", UID: "ann"})
	cat.fails(wire.CodeBadParameter, wire.MethodCall, wire.CallParams{ID: "c1", UID: "bob"})
	ann.fails(wire.CodeInCall, wire.MethodCall, wire.CallParams{ID: "c2", UID: "cat"})
	ann.fails(wire.CodeBadCall, wire.MethodAcceptCall, wire.CallAnswerParams{ID: "c1"}) // bob must
	cat.fails(wire.CodeBadCall, wire.MethodHangupCall, wire.CallAnswerParams{ID: "c1"}) // none of its business

	bob.must(wire.MethodAcceptCall, wire.CallAnswerParams{ID: "c1", Data: "hi"}, nil)
	assert.Equal(t, answered{ID: "c1", Data: "hi"}, note[answered](ann, wire.NotifyCallAccepted))
	bob.fails(wire.CodeBadCall, wire.MethodRejectCall, wire.CallAnswerParams{ID: "c1"}) // too late
	bob.must(wire.MethodHangupCall, wire.CallAnswerParams{ID: "c1", Data: "bye"}, nil)
	assert.Equal(t, answered{ID: "c1", Data: "bye"}, note[answered](ann, wire.NotifyCallHangup))
	ann.fails(wire.CodeBadCall, wire.MethodHangupCall, wire.CallAnswerParams{ID: "c1"})

	ann.must(wire.MethodCall, wire.CallParams{ID: "c3", UID: "bob"}, nil)
	bob.skip(1)
	bob.must(wire.MethodRejectCall, wire.CallAnswerParams{ID: "c3", Data: "later"}, nil)
	assert.Equal(t, answered{ID: "c3", Code: wire.CodeRefused, Data: "later"}, note[answered](ann, wire.NotifyCallRejected))
	bob.must(wire.MethodSetDND, wire.DNDParams{DND: 1}, nil)
	ann.fails(wire.CodeRefused, wire.MethodCall, wire.CallParams{ID: "c4", UID: "bob"})
	bob.must(wire.MethodCall, wire.CallParams{ID: "c4", UID: "ann"}, nil)
}

func TestCallEndsWithASide(t *testing.T) {
	for name, c := range map[string]struct {
		accepted, calledLeaves bool
		method                 string
		code                   wire.Code
	}{
		"ringing, caller leaves":  {false, false, wire.NotifyCallHangup, 0},
		"ringing, called leaves":  {false, true, wire.NotifyCallRejected, wire.CodeOffline},
		"accepted, caller leaves": {true, false, wire.NotifyCallHangup, 0},
		"accepted, called leaves": {true, true, wire.NotifyCallHangup, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			ann, bob := login(t, s, "ann"), login(t, s, "bob")
			ann.must(wire.MethodCall, wire.CallParams{ID: "c", UID: "bob"}, nil)
			bob.skip(1)
			if c.accepted {
				bob.must(wire.MethodAcceptCall, wire.CallAnswerParams{ID: "c"}, nil)
				ann.skip(1)
			}
			leaves, stays := ann, bob
			if c.calledLeaves {
				leaves, stays = bob, ann
			}
			leaves.must(wire.MethodLogout, nil, nil)
			assert.Equal(t, answered{ID: "c", Code: c.code}, note[answered](stays, c.method))
			cat := login(t, s, "cat")
			stays.must(wire.MethodCall, wire.CallParams{ID: "next", UID: "cat"}, nil)
			cat.skip(1)
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	s := start(t)
	s.rings.time = 20 * time.Millisecond
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	ann.must(wire.MethodCall, wire.CallParams{ID: "c", UID: "bob"}, nil)
	assert.Equal(t, answered{ID: "c", Code: wire.CodeNoAnswerCall}, note[answered](ann, wire.NotifyCallRejected))
	bob.skip(1)
	assert.Equal(t, answered{ID: "c"}, note[answered](bob, wire.NotifyCallHangup))
	bob.fails(wire.CodeBadCall, wire.MethodAcceptCall, wire.CallAnswerParams{ID: "c"})
	ann.must(wire.MethodInvite, wire.CallParams{ID: "i", UID: "bob"}, nil)
	assert.Equal(t, answered{ID: "i", Reason: wire.ReasonTimeout}, note[answered](ann, wire.NotifyInviteRejected))
	bob.skip(1)
	assert.Equal(t, answered{ID: "i", Reason: wire.ReasonTimeout}, note[answered](bob, wire.NotifyInviteCanceled))
}

func TestInvite(t *testing.T) {
	s := start(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	room := ann.create(wire.CreateMeetingParams{Subject: "tea", Password: "pass"})
	p := enterParams(room.ID)
	p.Password = "pass"
	ann.must(wire.MethodEnterMeeting, p, nil)
	for i, method := range []string{wire.MethodAcceptInvite, wire.MethodRejectInvite} {
		id := fmt.Sprint("i", i)
		ann.must(wire.MethodInvite, wire.CallParams{ID: id, UID: "bob", Data: "come", Meet: &wire.MeetInfo{ID: 11111111}}, nil)
		assert.Equal(t, wire.CallIn{ID: id, From: "ann", Nickname: "Nick ann", Data: "come", Meet: &room}, note[wire.CallIn](bob, wire.NotifyInviteIn))
		ann.fails(wire.CodeBadCall, method, wire.CallAnswerParams{ID: id})
		bob.fails(wire.CodeBadCall, wire.MethodCancelInvite, wire.CallAnswerParams{ID: id})
		bob.must(method, wire.CallAnswerParams{ID: id, Data: "well"}, nil)
	}
	assert.Equal(t, answered{ID: "i0", Data: "well"}, note[answered](ann, wire.NotifyInviteAccepted))
	assert.Equal(t, answered{ID: "i1", Data: "well"}, note[answered](ann, wire.NotifyInviteRejected))
	ann.must(wire.MethodInvite, wire.CallParams{ID: "i2", UID: "bob"}, nil)
	ann.must(wire.MethodCancelInvite, wire.CallAnswerParams{ID: "i2", Data: "never mind"}, nil)
	bob.skip(1)
	assert.Equal(t, answered{ID: "i2", Data: "never mind"}, note[answered](bob, wire.NotifyInviteCanceled))

	for i := range maxInvites {
		ann.must(wire.MethodInvite, wire.CallParams{ID: fmt.Sprint("many", i), UID: "bob"}, nil)
	}
	ann.fails(wire.CodeTooFast, wire.MethodInvite, wire.CallParams{ID: "more", UID: "bob"})
	ann.must(wire.MethodLogout, nil, nil)
	bob.skip(maxInvites)
	for range maxInvites {
		assert.Equal(t, wire.ReasonOffline, note[answered](bob, wire.NotifyInviteCanceled).Reason)
	}
	assert.Empty(t, s.rings.byID)
	assert.Empty(t, s.rings.invites)
}

func TestCallIsRestored(t *testing.T) {
	s := start(t)
	s.rings.time = 100 * time.Millisecond
	ann, bob, cat := login(t, s, "ann"), login(t, s, "bob"), login(t, s, "cat")
	ann.fails(wire.CodeBadCall, wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "bob", Epoch: s.epoch})
	ann.must(wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "bob", Epoch: "before"}, nil)
	cat.fails(wire.CodeBusy, wire.MethodCall, wire.CallParams{ID: "d", UID: "ann"})
	cat.fails(wire.CodeBadCall, wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "ann", Called: true, Epoch: "before"})
	bob.fails(wire.CodeBadCall, wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "ann", Epoch: "before"})
	bob.must(wire.MethodRestoreCall, wire.RestoreCallParams{ID: "c", UID: "ann", Called: true, Epoch: "before"}, nil)
	ann.must(wire.MethodHangupCall, wire.CallAnswerParams{ID: "c"}, nil)
	assert.Equal(t, answered{ID: "c"}, note[answered](bob, wire.NotifyCallHangup))

	bob.must(wire.MethodRestoreCall, wire.RestoreCallParams{ID: "e", UID: "ann", Called: true, Epoch: "before"}, nil)
	assert.Equal(t, answered{ID: "e"}, note[answered](bob, wire.NotifyCallHangup), "ann does not come back")
	ann.quiet()
}

func TestUserStatus(t *testing.T) {
	s := start(t)
	watcher := login(t, s, "watcher")
	watcher.must(wire.MethodWatchUserStatus, wire.WatchParams{On: true}, nil)
	next := func() wire.UserStatus { return note[wire.UserStatus](watcher, wire.NotifyUserStatus) }
	ann := login(t, s, "ann")
	assert.Equal(t, wire.UserStatus{UID: "ann", Status: wire.UserIdle}, next())
	ann.must(wire.MethodSetDND, wire.DNDParams{DND: 2}, nil)
	assert.Equal(t, wire.UserStatus{UID: "ann", Status: wire.UserIdle, DND: 2}, next())
	ann.must(wire.MethodSetDND, wire.DNDParams{}, nil)
	next()
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	assert.Equal(t, wire.UserInRoom, next().Status)
	ann.must(wire.MethodExitMeeting, nil, nil)
	assert.Equal(t, wire.UserIdle, next().Status)
	bob := login(t, s, "bob")
	assert.Equal(t, "bob", next().UID)
	ann.must(wire.MethodCall, wire.CallParams{ID: "c", UID: "bob"}, nil)
	assert.Equal(t, wire.UserStatus{UID: "ann", Status: wire.UserBusy}, next())
	assert.Equal(t, wire.UserStatus{UID: "bob", Status: wire.UserBusy}, next())
	var got wire.UserStatusResult
	watcher.must(wire.MethodGetUserStatus, nil, &got)
	assert.Equal(t, []wire.UserStatus{{UID: "ann", Status: 2}, {UID: "bob", Status: 2}, {UID: "watcher", Status: 1}}, got.Users)
	watcher.must(wire.MethodGetUserStatus, wire.UserStatusParams{UID: "eve"}, &got)
	assert.Equal(t, []wire.UserStatus{{UID: "eve"}}, got.Users)
	bob.must(wire.MethodLogout, nil, nil)
	seen := map[wire.UserStatus]bool{next(): true, next(): true}
	assert.Equal(t, map[wire.UserStatus]bool{{UID: "ann", Status: 1}: true, {UID: "bob"}: true}, seen)
	watcher.must(wire.MethodWatchUserStatus, wire.WatchParams{}, nil)
	login(t, s, "cat")
	watcher.quiet()
	other := loginWith(t, s, &wire.LoginParams{AppID: "other", SecretMD5: secretMD5("hidden"), UID: "ann", Nickname: "n"})
	other.must(wire.MethodGetUserStatus, nil, &got)
	assert.Equal(t, []wire.UserStatus{{UID: "ann", Status: 1}}, got.Users, "other apps' users do not exist")
}

func TestUserStatusInPages(t *testing.T) {
	p := newPresence(nil)
	for i := range statusPage + 1 {
		p.told[userKey{"app", fmt.Sprintf("%04d", i)}] = wire.UserStatus{UID: fmt.Sprintf("%04d", i), Status: 1}
	}
	first := p.page("app", "")
	require.True(t, first.More)
	second := p.page("app", first.Users[len(first.Users)-1].UID)
	assert.False(t, second.More)
	assert.Equal(t, statusPage+1, len(first.Users)+len(second.Users))
	assert.Equal(t, fmt.Sprintf("%04d", statusPage), second.Users[0].UID)
}
