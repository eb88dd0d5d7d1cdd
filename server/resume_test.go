package server

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestResumeReplaysWhatWasMissed(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	bob.cut()
	for range 3 {
		enter(t, s, "eve", room).must(wire.MethodExitMeeting, nil, nil)
	}
	ann.openMic()
	bob.back(s)
	for range 3 {
		assert.Equal(t, "eve", note[wire.MemberEntered](bob, wire.NotifyMemberEntered).Member.UID)
		assert.Equal(t, "eve", note[wire.MemberLeft](bob, wire.NotifyMemberLeft).UID)
	}
	assert.Equal(t, wire.StatusOpen, note[wire.MicStatus](bob, wire.NotifyMicStatus).Status)
	bob.quiet()
	for range 3 { // the others noticed nothing of the cut
		ann.next(wire.NotifyMemberEntered, nil)
		ann.next(wire.NotifyMemberLeft, nil)
	}
	ann.quiet()
}

func TestResumeTakesTheConnectionOver(t *testing.T) {
	s := start(t)
	_, bob, _ := two(t, s)
	old := *bob
	bob.back(s)
	old.closed(wire.CloseTaken)
	bob.quiet()
}

func TestResumeRefused(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.Replay = 2 }))
	ann, bob, _ := two(t, s)
	for name, c := range map[string]struct {
		params wire.ResumeParams
		want   wire.Code
	}{
		"no session":      {wire.ResumeParams{Key: "k"}, wire.CodeBadParameter},
		"no key":          {wire.ResumeParams{Session: "s"}, wire.CodeBadParameter},
		"unknown session": {wire.ResumeParams{Session: "none", Key: bob.session.Key}, wire.CodeNoSession},
		"wrong key":       {wire.ResumeParams{Session: bob.session.Session, Key: ann.session.Key}, wire.CodeNoSession},
	} {
		t.Run(name, func(t *testing.T) { dial(t, s).fails(c.want, wire.MethodResume, c.params) })
	}
	bob.quiet()

	bob.cut()
	ann.openMic()
	ann.must(wire.MethodCloseMic, wire.UIDParams{UID: "ann"}, nil)
	ann.openMic()
	lost := dial(t, s) // three were missed, two are kept
	lost.fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: bob.session.Session, Key: bob.session.Key, LastSeq: bob.lastSeq})
	assert.Equal(t, wire.MemberLeft{UID: "bob", Reason: wire.LeftTimeout}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))

	ann.cut()
	future := dial(t, s)
	future.fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: ann.session.Session, Key: ann.session.Key, LastSeq: 99})
}

func TestCutSessionTimesOut(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.timeout, cfg.engine = 500*time.Millisecond, engine })
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	bob := enter(t, s, "bob", room)
	ann.enter(room)
	bob.cut()
	for ann.must(wire.MethodPing, nil, nil); len(ann.notes) == 0; ann.must(wire.MethodPing, nil, nil) { // pings keep ann alive
		<-time.After(tick)
	}
	assert.Equal(t, wire.MemberLeft{UID: "bob", Reason: wire.LeftTimeout}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
	dial(t, s).fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: bob.session.Session, Key: bob.session.Key})
	require.Eventually(t, func() bool { return engine.openPeers() == 1 }, bound, tick)
}

// A session that came back at the very moment at which its time was over, and was cut again, has all of its time.
func TestSessionBackAtTheLastMoment(t *testing.T) {
	const timeout = 2 * time.Second
	s := start(t, func(cfg *Config) { cfg.timeout = timeout })
	ann := login(t, s, "ann")
	sess, failed := s.session(ann.session.Session, ann.session.Key)
	require.Nil(t, failed)
	ann.cut()
	require.Eventually(t, sess.isCut, bound, tick)
	sess.mu.Lock()
	<-time.After(timeout + 100*time.Millisecond) // its end waits for the lock now
	sess.timers.cut = nil                        // it came back, as attach does it
	sess.mu.Unlock()
	ann.back(s)
	ann.quiet()
}

func TestSilentSessionTimesOut(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.timeout = 100 * time.Millisecond })
	c := login(t, s, "ann")
	c.closed(wire.CloseIdle)
	require.Eventually(t, func() bool { return s.count().sessions == 0 }, bound, tick, "it is over at once")
}

func TestRepeatedRequestIsAnsweredOnce(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.AnswersKept = 3 }))
	c := login(t, s, "ann")
	id := c.send(wire.MethodCreateMeeting, wire.CreateMeetingParams{})
	first := c.answer(id)
	c.back(s)
	c.lastID = id - 1
	require.Equal(t, id, c.send(wire.MethodCreateMeeting, wire.CreateMeetingParams{}))
	assert.JSONEq(t, string(first.Result), string(c.answer(id).Result))
	assert.Equal(t, 1, s.count().rooms)

	c.lastID = 10
	refused := c.send(wire.MethodCloseMic, wire.UIDParams{UID: "ann"})
	assert.Equal(t, wire.CodeRoomAbsent, c.answer(refused).Error.Code)
	c.lastID = refused - 1
	c.fails(wire.CodeRoomAbsent, wire.MethodCreateMeeting, wire.CreateMeetingParams{}) // the ID counts, not the method

	for range 3 {
		c.fails(wire.CodeRoomAbsent, wire.MethodExitMeeting, nil)
	}
	c.lastID = id - 1
	c.fails(wire.CodeInvalidRequest, wire.MethodCreateMeeting, wire.CreateMeetingParams{}) // too old to know
	assert.Equal(t, 1, s.count().rooms)
}

// TestRepeatedWhileItIsHandled: the connection breaks while a request is being handled, and the client repeats it on
// the next one before the answer is there.
func TestRepeatedWhileItIsHandled(t *testing.T) {
	engine := &fakeEngine{joining: make(chan struct{}), joined: make(chan struct{}, 9)}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	c := login(t, s, "ann")
	room := c.create(wire.CreateMeetingParams{}).ID
	id := c.send(wire.MethodEnterMeeting, enterParams(room))
	<-engine.joined
	c.back(s)
	c.lastID = id - 1
	require.Equal(t, id, c.send(wire.MethodEnterMeeting, enterParams(room)))
	close(engine.joining)
	result := c.answer(id)
	require.Nil(t, result.Error)
	assert.Contains(t, string(result.Result), `"answer":"answer to offer"`)
	assert.Equal(t, 1, engine.openPeers())
	c.quiet()
}

// TestRepeatedEnterGivesTheRoomAsItIs: what was replayed before the repeated answer is in it.
func TestRepeatedEnterGivesTheRoomAsItIs(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	id := ann.send(wire.MethodEnterMeeting, enterParams(room))
	ann.answer(id) // and then lost, let us say
	enter(t, s, "bob", room)
	ann.back(s)
	ann.next(wire.NotifyMemberEntered, nil)
	ann.lastID = id - 1
	var result wire.EnterMeetingResult
	ann.must(wire.MethodEnterMeeting, enterParams(room), &result)
	require.Len(t, result.Members, 2)
	assert.Equal(t, uint32(1), result.Num)
}

func TestSessionEndsWhileEntering(t *testing.T) {
	engine := &fakeEngine{joining: make(chan struct{}), joined: make(chan struct{}, 9)}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	c := login(t, s, "ann")
	room := c.create(wire.CreateMeetingParams{}).ID
	c.send(wire.MethodEnterMeeting, enterParams(room))
	<-engine.joined
	again := login(t, s, "ann")
	close(engine.joining)
	c.closed(wire.CloseSuperseded)
	require.Len(t, again.enter(room).Members, 1)
	require.Eventually(t, func() bool { return engine.openPeers() == 1 }, bound, tick)
}

func TestRoomDestroyedWhileEntering(t *testing.T) {
	engine := &fakeEngine{joining: make(chan struct{}), joined: make(chan struct{}, 9)}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	c := login(t, s, "ann")
	room := c.create(wire.CreateMeetingParams{}).ID
	id := c.send(wire.MethodEnterMeeting, enterParams(room))
	<-engine.joined
	login(t, s, "bob").must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil)
	close(engine.joining)
	require.Equal(t, wire.CodeRoomAbsent, c.answer(id).Error.Code)
	require.Zero(t, engine.openPeers())
	c.quiet()
}

// TestRepeatedEnterAfterKick: who was put out learns nothing more of the room by repeating its old request, and does
// not take itself for a member.
func TestRepeatedEnterAfterKick(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	bob := login(t, s, "bob")
	id := bob.send(wire.MethodEnterMeeting, enterParams(room))
	require.Nil(t, bob.answer(id).Error)
	bob.cut()
	ann.must(wire.MethodKickout, wire.UIDParams{UID: "bob"}, nil)
	bob.back(s)
	bob.lastID = id - 1
	bob.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(room))
	bob.fails(wire.CodeRoomAbsent, wire.MethodExitMeeting, nil)
	bob.enter(room) // a new request is another matter
}

// TestKeptAnswersDoNotKeepMedia: the kept answer to enterMeeting does not hold the media of a room left long ago.
func TestKeptAnswersDoNotKeepMedia(t *testing.T) {
	for name, leave := range map[string]func(c *client, room int64){
		"exit":    func(c *client, _ int64) { c.must(wire.MethodExitMeeting, nil, nil) },
		"kick":    func(c *client, _ int64) { c.must(wire.MethodKickout, wire.UIDParams{UID: "ann"}, nil) },
		"destroy": func(c *client, room int64) { c.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room}, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			engine := &fakeEngine{}
			s := start(t, func(cfg *Config) { cfg.engine = engine })
			ann := login(t, s, "ann")
			room := ann.create(wire.CreateMeetingParams{}).ID
			ann.enter(room)
			old := weak.Make(engine.peer("ann"))
			leave(ann, room)
			engine.forgetPeers()
			require.Eventually(t, func() bool { runtime.GC(); return old.Value() == nil }, bound, tick)
		})
	}
}

// TestWaitingRequestOfAnEndedSession: a request that waited behind another one is not handled once its session is over.
func TestWaitingRequestOfAnEndedSession(t *testing.T) {
	s := start(t)
	bob := login(t, s, "bob")
	room := bob.create(wire.CreateMeetingParams{}).ID
	ann := login(t, s, "ann")
	sess, failed := s.session(ann.session.Session, ann.session.Key)
	require.Nil(t, failed)
	sess.requests.Lock() // as a request does that takes its time
	before := gather(t, s, "crvideo_received_messages_total")
	ann.send(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room})
	require.Eventually(t, func() bool { return gather(t, s, "crvideo_received_messages_total") > before }, bound, tick)
	again := login(t, s, "ann")
	ann.closed(wire.CloseSuperseded)
	sess.requests.Unlock()
	require.Eventually(t, func() bool { return s.count().connections == 2 }, bound, tick)
	again.quiet()
	bob.enter(room) // it is still there
}
