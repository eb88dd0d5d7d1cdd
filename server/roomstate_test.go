package server

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

func changed(c *client) wire.RoomStateChanged {
	return note[wire.RoomStateChanged](c, wire.NotifyRoomState)
}

func TestMainVideo(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.must(wire.MethodSetMainVideo, wire.MainVideoParams{UID: "bob"}, nil)
	want := wire.RoomStateChanged{State: wire.RoomState{Version: 1, MainVideo: "bob", MainVideoMode: wire.MainVideoPresenter}, By: "ann"}
	for _, c := range []*client{ann, bob} {
		assert.Equal(t, want, changed(c), c.uid)
	}
	ann.must(wire.MethodSetMainVideo, wire.MainVideoParams{UID: "bob"}, nil)
	ann.quiet() // nothing is different
	cat := login(t, s, "cat")
	assert.Equal(t, want.State, cat.enter(room).State)
	ann.skip(1)

	bob.must(wire.MethodExitMeeting, nil, nil)
	ann.skip(1)
	assert.Equal(t, wire.RoomStateChanged{State: wire.RoomState{Version: 2, MainVideoMode: wire.MainVideoPresenter}}, changed(ann))

	cat.notes = nil
	ann.must(wire.MethodSetMainVideoMode, wire.MainVideoModeParams{Mode: wire.MainVideoMember, UID: "cat"}, nil)
	assert.Equal(t, "cat", changed(ann).State.MainVideo)
	cat.must(wire.MethodExitMeeting, nil, nil)
	ann.skip(1)
	ann.quiet() // it is followed when it comes back
	assert.Equal(t, "cat", cat.enter(room).State.MainVideo)
}

func TestMainVideoFollowsTheVoice(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, _ := two(t, s)
	ann.must(wire.MethodSetMainVideoMode, wire.MainVideoModeParams{Mode: wire.MainVideoByVoice}, nil)
	assert.Equal(t, wire.MainVideoByVoice, changed(bob).State.MainVideoMode)
	for _, uid := range []string{"ann", "bob"} {
		engine.speak(uid)
		got := changed(bob)
		assert.Equal(t, uid, got.State.MainVideo)
		assert.Empty(t, got.By)
	}
	engine.speak("stranger") // who has just left, say
	bob.must(wire.MethodSetMainVideoMode, wire.MainVideoModeParams{Mode: wire.MainVideoPresenter}, nil)
	assert.Equal(t, wire.RoomState{Version: 4, MainVideo: "bob", MainVideoMode: wire.MainVideoPresenter}, changed(bob).State)
}

func TestPageAndLock(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.must(wire.MethodSwitchToPage, wire.PageParams{MainPage: 4, SubPage: "board 1"}, nil)
	got := changed(bob).State
	assert.Equal(t, 4, got.MainPage)
	assert.Equal(t, "board 1", got.SubPage)
	bob.must(wire.MethodLockRoom, wire.LockParams{Locked: true}, nil)
	assert.True(t, changed(bob).State.Locked)
	cat := login(t, s, "cat")
	cat.fails(wire.CodeRoomLocked, wire.MethodEnterMeeting, enterParams(room))
	bob.must(wire.MethodLockRoom, wire.LockParams{}, nil)
	cat.enter(room)
	cat.must(wire.MethodLockRoom, wire.LockParams{Locked: true}, nil)
	for _, c := range []*client{ann, bob, cat} {
		c.must(wire.MethodExitMeeting, nil, nil)
	}
	state := cat.enter(room).State // an empty room is locked for nobody
	assert.Equal(t, wire.RoomState{Version: 4, MainVideoMode: wire.MainVideoPresenter}, state)
}

func TestStopMeeting(t *testing.T) {
	for _, regular := range []bool{false, true} {
		s := start(t)
		ann := login(t, s, "ann")
		room := ann.create(wire.CreateMeetingParams{Regular: regular}).ID
		ann.enter(room)
		bob := enter(t, s, "bob", room)
		ann.skip(1)
		ann.must(wire.MethodLockRoom, wire.LockParams{Locked: true}, nil)
		changed(bob)
		bob.must(wire.MethodStopMeeting, nil, nil)
		assert.Equal(t, wire.MeetingEnded{MeetID: room, By: "bob"}, note[wire.MeetingEnded](bob, wire.NotifyMeetingEnded))
		changed(ann)
		ann.skip(1)
		ann.fails(wire.CodeRoomAbsent, wire.MethodExitMeeting, nil)
		if regular {
			in := ann.enter(room)
			assert.Len(t, in.Members, 1)
			assert.False(t, in.State.Locked)
		} else {
			ann.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(room))
		}
	}
}

// Who is put out at the moment at which it stops the meeting stops nothing.
func TestStopMeetingByWhoIsPutOut(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	info := ann.create(wire.CreateMeetingParams{})
	ann.enter(info.ID)
	bob := enter(t, s, "bob", info.ID)
	ann.skip(1)
	r, failed := s.room("app", info.ID)
	require.Nil(t, failed)
	sess, failed := s.session(bob.session.Session, bob.session.Key)
	require.Nil(t, failed)
	r.mu.Lock()
	id := bob.send(wire.MethodStopMeeting, nil)
	for sess.requests.TryLock() { // until the request is being handled
		sess.requests.Unlock()
		runtime.Gosched()
	}
	m, failed := r.find("bob")
	require.Nil(t, failed)
	r.remove(m) // as kickout does
	m.sess.leftRoom(m)
	r.mu.Unlock()
	answer := bob.answer(id)
	require.NotNil(t, answer.Error)
	assert.Equal(t, wire.CodeRoomAbsent, answer.Error.Code)
	ann.quiet()
	assert.Len(t, login(t, s, "cat").enter(info.ID).Members, 2)
}

// Who offers while the meeting is stopped is not let in with media that has ended.
func TestStopWhileSomebodyEnters(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{Regular: true}).ID
	ann.enter(room)
	engine.joining, engine.joined = make(chan struct{}), make(chan struct{}, 1)
	bob := login(t, s, "bob")
	id := bob.send(wire.MethodEnterMeeting, enterParams(room))
	<-engine.joined
	ann.must(wire.MethodStopMeeting, nil, nil)
	close(engine.joining)
	m := bob.answer(id)
	require.NotNil(t, m.Error)
	assert.Equal(t, wire.CodeRoomAbsent, m.Error.Code)
	require.Eventually(t, func() bool { return engine.openPeers() == 1 }, bound, tick, "ann's, which the fake room does not close")
	bob.enter(room)
}

func TestStateIsRestored(t *testing.T) {
	old := start(t)
	p := ticketed(t, old, wire.CreateMeetingParams{})
	p.State = &wire.RoomState{Version: 7, MainVideo: "ann", MainVideoMode: 3, MainPage: 4, Locked: true}

	s := start(t) // which does not know the room
	guest := loginWith(t, s, tokenParams(t, "guest", time.Hour, func(c *token.Claims) { c.Permissions = []token.Permission{token.Enter} }))
	var in wire.EnterMeetingResult
	guest.must(wire.MethodEnterMeeting, p, &in)
	assert.Zero(t, in.State.Version, "a guest cannot make a state, so it is not believed")

	ann := login(t, s, "ann")
	ann.must(wire.MethodEnterMeeting, p, &in)
	assert.Equal(t, *p.State, in.State)
	guest.skip(1)
	assert.Equal(t, wire.RoomStateChanged{State: *p.State}, changed(guest))

	bob := login(t, s, "bob")
	later := *p
	later.State = &wire.RoomState{Version: 6, MainVideoMode: 1}
	bob.must(wire.MethodEnterMeeting, later, &in) // the lock does not hold yet
	assert.Equal(t, *p.State, in.State, "older")
	r, failed := s.room("app", p.MeetID)
	require.Nil(t, failed)
	r.mu.Lock()
	r.shared.openUntil = time.Now()
	r.mu.Unlock()
	login(t, s, "cat").fails(wire.CodeRoomLocked, wire.MethodEnterMeeting, enterParams(p.MeetID))
}

// TestLockLetsTheLostComeBack: a crash does not lock anybody out, as leaving or being put out does.
func TestLockLetsTheLostComeBack(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	cat := enter(t, s, "cat", room)
	ann.must(wire.MethodLockRoom, wire.LockParams{Locked: true}, nil)
	bob.cut()
	bob = login(t, s, "bob")
	bob.enter(room)
	cat.must(wire.MethodExitMeeting, nil, nil)
	cat.fails(wire.CodeRoomLocked, wire.MethodEnterMeeting, enterParams(room))
	ann.must(wire.MethodKickout, wire.UIDParams{UID: "bob"}, nil)
	bob.fails(wire.CodeRoomLocked, wire.MethodEnterMeeting, enterParams(room))
	login(t, s, "dan").fails(wire.CodeRoomLocked, wire.MethodEnterMeeting, enterParams(room))
}
