package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// two gives two members of one room, who have seen each other.
func two(t *testing.T, s *Server) (ann, bob *client, room int64) {
	t.Helper()
	ann = login(t, s, "ann")
	room = ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	bob = enter(t, s, "bob", room)
	ann.next(wire.NotifyMemberEntered, nil)
	return ann, bob, room
}

func TestEnterGivesTheRoomAsItIs(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	info := ann.create(wire.CreateMeetingParams{Subject: "tea", NeedPassword: true})
	require.Regexp(t, `^\d{6}$`, info.Password)
	p := enterParams(info.ID)
	p.Password = info.Password
	var first wire.EnterMeetingResult
	ann.must(wire.MethodEnterMeeting, p, &first)
	assert.Equal(t, wire.MeetInfo{ID: info.ID, Subject: "tea"}, first.Meeting, "without the password")
	assert.Equal(t, "answer to offer", first.Answer)
	assert.Equal(t, wire.EngineSFU, first.Engine)
	assert.Equal(t, uint32(1), first.Num)
	require.Len(t, first.Members, 1)
	mic, cam := ann.openMic(), ann.openVideo(2, "1")
	assert.NotEqual(t, mic.Num, cam.Num)

	bob := login(t, s, "bob")
	var second wire.EnterMeetingResult
	bob.must(wire.MethodEnterMeeting, p, &second)
	assert.Equal(t, uint32(2), second.Num)
	assert.Equal(t, []wire.Member{
		{UID: "ann", Nickname: "Nick ann", Num: 1, Audio: wire.StatusOpen, AudioStream: &mic, DefaultVideo: 1,
			Videos: []wire.Video{{ID: 1, Name: "front"}, {ID: 2, Name: "back", Stream: &cam}}},
		{UID: "bob", Nickname: "Nick bob", Num: 2, Audio: wire.StatusClosed, DefaultVideo: 1,
			Videos: []wire.Video{{ID: 1, Name: "front"}, {ID: 2, Name: "back"}}},
	}, second.Members)
	entered := note[wire.MemberEntered](ann, wire.NotifyMemberEntered)
	assert.Equal(t, second.Members[1], entered.Member)
	ann.quiet()
	bob.quiet()
}

func TestExit(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, room := two(t, s)
	bob.must(wire.MethodExitMeeting, nil, nil)
	assert.Equal(t, wire.MemberLeft{UID: "bob", Reason: wire.LeftExit}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
	bob.fails(wire.CodeRoomAbsent, wire.MethodExitMeeting, nil)
	again := bob.enter(room)
	assert.Equal(t, uint32(3), again.Num, "numbers are never used twice")
	ann.next(wire.NotifyMemberEntered, nil)
	bob.must(wire.MethodLogout, nil, nil)
	bob.closed(1000)
	assert.Equal(t, wire.MemberLeft{UID: "bob", Reason: wire.LeftExit}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
	ann.quiet()
	require.Eventually(t, func() bool { return engine.openPeers() == 1 }, bound, tick)
}

func TestKick(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.must(wire.MethodKickout, wire.UIDParams{UID: "bob"}, nil)
	want := wire.MemberLeft{UID: "bob", Reason: wire.LeftKick}
	assert.Equal(t, want, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
	assert.Equal(t, want, note[wire.MemberLeft](bob, wire.NotifyMemberLeft))
	bob.fails(wire.CodeRoomAbsent, wire.MethodExitMeeting, nil)
	bob.enter(room)
}

func TestDestroy(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, room := two(t, s)
	eve := login(t, s, "eve")
	eve.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil)
	want := wire.MeetingEnded{MeetID: room, By: "eve"}
	assert.Equal(t, want, note[wire.MeetingEnded](ann, wire.NotifyMeetingEnded))
	assert.Equal(t, want, note[wire.MeetingEnded](bob, wire.NotifyMeetingEnded))
	ann.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(room))
	ann.fails(wire.CodeRoomAbsent, wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room})
	ann.enter(ann.create(wire.CreateMeetingParams{}).ID)
	eve.quiet()
}

func TestRoomsOfAnotherAppAreAbsent(t *testing.T) {
	s := start(t)
	_, _, room := two(t, s)
	p := loginParams("ann")
	p.AppID, p.SecretMD5 = "other", secretMD5("hidden")
	stranger := loginWith(t, s, p)
	stranger.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(room))
	stranger.fails(wire.CodeRoomAbsent, wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room})
}

func TestNickname(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.must(wire.MethodSetNickname, wire.SetNicknameParams{UID: "ann", Nickname: "Anna"}, nil)
	assert.Equal(t, wire.NicknameChanged{UID: "ann", Old: "Nick ann", New: "Anna"},
		note[wire.NicknameChanged](bob, wire.NotifyNicknameChanged))
	ann.must(wire.MethodSetNickname, wire.SetNicknameParams{UID: "bob", Nickname: "Bobby"}, nil)
	want := wire.NicknameChanged{UID: "bob", Old: "Nick bob", New: "Bobby"}
	assert.Equal(t, want, note[wire.NicknameChanged](ann, wire.NotifyNicknameChanged))
	assert.Equal(t, want, note[wire.NicknameChanged](bob, wire.NotifyNicknameChanged))
	ann.must(wire.MethodSetNickname, wire.SetNicknameParams{UID: "bob", Nickname: "Bobby"}, nil)
	bob.must(wire.MethodExitMeeting, nil, nil)
	members := bob.enter(room).Members
	assert.Equal(t, "Bobby", members[1].Nickname, "the name goes with the login")
	bob.quiet()
}

func TestEmptyRoomIsRemoved(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.RoomLife = 100 * time.Millisecond }))
	ann := login(t, s, "ann")
	never := ann.create(wire.CreateMeetingParams{}).ID
	regular := ann.create(wire.CreateMeetingParams{Regular: true}).ID
	gone := func(id int64) func() bool {
		return func() bool { _, failed := s.room("app", id); return failed != nil }
	}
	require.Eventually(t, gone(never), bound, tick)
	ann.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(never))

	var used int64
	require.Eventually(t, func() bool { // in time, unless the machine is very busy
		used = ann.create(wire.CreateMeetingParams{}).ID
		return ann.answer(ann.send(wire.MethodEnterMeeting, enterParams(used))).Error == nil
	}, bound, tick)
	never = login(t, s, "bob").create(wire.CreateMeetingParams{}).ID
	require.Eventually(t, gone(never), bound, tick)
	require.False(t, gone(used)(), "somebody is in it")
	ann.must(wire.MethodExitMeeting, nil, nil)
	require.Eventually(t, gone(used), bound, tick)
	require.False(t, gone(regular)())
}

// TestKickedWhileOffering: media that is being made for a member who is put out meanwhile is closed again.
func TestKickedWhileOffering(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	bob := login(t, s, "bob")
	bob.must(wire.MethodEnterMeeting, wire.EnterMeetingParams{MeetID: room}, nil)
	engine.joining, engine.joined = make(chan struct{}), make(chan struct{}, 9)
	id := bob.send(wire.MethodOffer, wire.OfferParams{Offer: "offer"})
	<-engine.joined
	ann.must(wire.MethodKickout, wire.UIDParams{UID: "bob"}, nil)
	close(engine.joining)
	require.Equal(t, wire.CodeRoomAbsent, bob.answer(id).Error.Code)
	require.Eventually(t, func() bool { return engine.openPeers() == 1 }, bound, tick)
}
