package crvideo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// The server let us in, but its answer is of no use: it is told that we are not there.
func TestServerWithoutMediaAnswer(t *testing.T) {
	c, conn := scripted(t)
	err := enterScripted(t, c, conn, func(r *wire.EnterMeetingResult) { r.Answer = "" })
	assert.ErrorIs(t, err, crvideo.CodeInvalidData)
	assert.Zero(t, c.GetMeetInfo())
	conn.Expect(testContext(t), wire.MethodExitMeeting).Reply(nil)
}

// A refusal leaves nothing behind on the server, so there is nothing to take back.
func TestRefusalsAreNotTakenBack(t *testing.T) {
	c, conn := scripted(t)
	entered := inBackground(func() error { return c.EnterMeeting(testContext(t), scriptedRoom) })
	conn.Expect(testContext(t), wire.MethodEnterMeeting).Fail(wire.CodeRoomFull, "full")
	assert.ErrorIs(t, receive(t, entered), crvideo.CodeRoomFull)
	enterWithBob(t, c, conn)
	opened := inBackground(func() error { return c.OpenMic(testContext(t), "") })
	conn.Expect(testContext(t), wire.MethodOpenMic).Fail(wire.CodeMicLimit, "too many")
	assert.ErrorIs(t, receive(t, opened), crvideo.CodeMicLimit)
	requireNext(t, c, conn)
}

// The server opened the microphone, but its answer is of no use.
func TestServerNamesNoStream(t *testing.T) {
	c, conn := scripted(t)
	enterWithBob(t, c, conn)
	opened := inBackground(func() error { return c.OpenMic(testContext(t), "") })
	conn.Expect(testContext(t), wire.MethodOpenMic).Reply(wire.OpenResult{})
	assert.ErrorIs(t, receive(t, opened), crvideo.CodeInvalidData)
	assert.Equal(t, crvideo.StatusClosed, c.GetAudioStatus(""))
	conn.Expect(testContext(t), wire.MethodCloseMic).Reply(nil)
}

// An offer for more slots that is refused is repeated as it was, not with more of them each time.
func TestRefusedOfferIsRepeated(t *testing.T) {
	t.Parallel()
	c, conn := scripted(t)
	enterWithBob(t, c, conn)
	conn.Notify(1, wire.NotifySlotsNeeded, wire.SlotsNeeded{Video: 2})
	var sections []int
	for range 3 {
		r := conn.Expect(testContext(t), wire.MethodOffer)
		var p wire.OfferParams
		r.Params(&p)
		sections = append(sections, strings.Count(p.Offer, "m=video"))
		r.Fail(wire.CodeTooFast, "not now")
	}
	assert.Equal(t, []int{7, 7, 7}, sections, "a camera, 4 slots, and 2 more")
}

// The room is entered, but its media cannot be connected: it is dropped, and the login lives.
func TestServerWithGarbageMediaAnswer(t *testing.T) {
	c, conn := scripted(t)
	seen := record(t, c)
	require.NoError(t, enterScripted(t, c, conn, func(r *wire.EnterMeetingResult) { r.Answer = "garbage" }))
	seen.waitFor(t, crvideo.MeetingDropped{Code: crvideo.CodeSocket})
	failed := waitEvent(t, seen, "why", func(crvideo.PeerConnectionError) bool { return true })
	assert.Contains(t, failed.Desc, "answer")
	conn.Expect(testContext(t), wire.MethodExitMeeting).Reply(struct{}{})
	assert.Equal(t, "alice", c.UID())
	assert.Empty(t, c.GetAllMembers())
}

func TestOpenMicWithoutMedia(t *testing.T) {
	c, conn := scripted(t)
	require.NoError(t, enterWithoutMedia(t, c, conn))
	opened := make(chan error, 1)
	go func() { opened <- c.OpenMic(testContext(t), "") }()
	assert.ErrorIs(t, receive(t, opened), crvideo.CodeNoPlatform, "without media nothing can be opened")
}

// Notifications that make no sense change nothing and break nothing.
func TestStrangeNotifications(t *testing.T) {
	c, conn := scripted(t)
	conn.Notify(1, wire.NotifyMemberEntered, wire.MemberEntered{Member: wire.Member{UID: "early"}}) // in no room
	require.NoError(t, enterWithoutMedia(t, c, conn))
	seen := record(t, c)
	conn.Notify(2, "somethingNew", map[string]int{"a": 1})
	conn.Notify(3, wire.NotifyMemberLeft, wire.MemberLeft{UID: "nobody"})
	conn.Notify(4, wire.NotifyMicStatus, wire.MicStatus{UID: "nobody", Status: wire.StatusOpen})
	conn.Notify(5, wire.NotifyMicStatus, []int{1})
	conn.Notify(6, wire.NotifyVideoStatus, wire.VideoStatus{UID: "nobody", VideoID: 3})
	conn.Notify(7, wire.NotifyMeetingEnded, wire.MeetingEnded{MeetID: 87654321})
	conn.Notify(8, wire.NotifySlotsNeeded, wire.SlotsNeeded{Audio: 1 << 30, Video: -5})
	conn.Notify(9, wire.NotifyMemberEntered, wire.MemberEntered{Member: wire.Member{UID: "bob", Num: 2}})
	conn.Notify(10, wire.NotifyMemberEntered, wire.MemberEntered{Member: wire.Member{UID: "bob", Num: 2}}) // again
	conn.Notify(11, wire.NotifyNicknameChanged, wire.NicknameChanged{UID: "bob", Old: "", New: "Bob"})
	seen.waitFor(t, crvideo.NotifyNickNameChanged{UID: "bob", NewName: "Bob"})
	assert.Len(t, c.GetAllMembers(), 2)
	assert.Equal(t, scriptedRoom, int(c.GetMeetInfo().ID))
}

// Leaving while the answer to entering is under way: the call ends with an error, and the server is told to let us out.
func TestExitWhileEntering(t *testing.T) {
	c, conn := scripted(t)
	entered := make(chan error, 1)
	go func() { entered <- c.EnterMeeting(testContext(t), scriptedRoom) }()
	request := conn.Expect(testContext(t), wire.MethodEnterMeeting)
	require.NoError(t, c.ExitMeeting(testContext(t)))
	conn.Expect(testContext(t), wire.MethodExitMeeting).Reply(struct{}{})
	request.Reply(wire.EnterMeetingResult{Meeting: wire.MeetInfo{ID: scriptedRoom}, Num: 1, Answer: "v=0"})
	assert.ErrorIs(t, receive(t, entered), crvideo.CodeLoginState)
	assert.Empty(t, c.GetAllMembers())
}

// Close at a moment when calls are under way ends each of them once.
func TestCloseWhileCallsAreUnderWay(t *testing.T) {
	c, conn := scripted(t)
	ends := make(chan error, 3)
	go func() { _, err := c.CreateMeeting(testContext(t), crvideo.CreateParams{}); ends <- err }()
	go func() { ends <- c.DestroyMeeting(testContext(t), scriptedRoom) }()
	go func() { ends <- c.EnterMeeting(testContext(t), scriptedRoom) }()
	for range 3 {
		conn.Next(testContext(t))
	}
	require.NoError(t, c.Close())
	for range 3 {
		assert.Error(t, receive(t, ends))
	}
	select {
	case <-c.Done():
	case <-time.After(bound):
		t.Fatal("the client does not end")
	}
}
