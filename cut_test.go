package crvideo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// cutOff loses a user's connection until the returned function is called.
func cutOff(t *testing.T, n *crvideotest.Network, uid string) (restore func()) {
	n.RefuseConnections(true)
	require.Equal(t, 1, n.Cut(uid))
	return func() { n.RefuseConnections(false) }
}

// What is opened while the signalling is away is published when it is back, and seen and heard.
func TestPublishDuringACut(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, bob.WaitMedia(testContext(t)))
	restore := cutOff(t, n, "bob")
	mic := inBackground(func() error { return bob.OpenMic(testContext(t), "") })
	camera := inBackground(func() error { return bob.OpenVideo(testContext(t), "") })
	eventually(t, "both to be opening", func() bool {
		return bob.GetAudioStatus("") == crvideo.StatusOpening && bob.GetVideoStatus("") == crvideo.StatusOpening
	})
	restore()
	require.NoError(t, receive(t, mic))
	require.NoError(t, receive(t, camera))
	require.NoError(t, requireSees(testContext(t), alice, "bob"))
	require.NoError(t, requireHears(testContext(t), alice, "bob"))
}

// The last of several decisions during a cut holds, here and for the others.
func TestOpenAndCloseDuringACut(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	eventually(t, "open at alice", func() bool { return alice.GetAudioStatus("bob") == crvideo.StatusOpen })
	atAlice := record(t, alice)
	restore := cutOff(t, n, "bob")
	closed := inBackground(func() error { return bob.CloseMic(testContext(t), "") })
	eventually(t, "closed here", func() bool { return bob.GetAudioStatus("") == crvideo.StatusClosed })
	opened := inBackground(func() error { return bob.OpenMic(testContext(t), "") })
	eventually(t, "opening here", func() bool { return bob.GetAudioStatus("") == crvideo.StatusOpening })
	restore()
	require.NoError(t, receive(t, closed))
	require.NoError(t, receive(t, opened))
	require.NoError(t, bob.SetNickName(testContext(t), "bob", "done"))
	waitEvent(t, atAlice, "fence", func(e crvideo.NotifyNickNameChanged) bool { return e.UID == "bob" })
	assert.Equal(t, crvideo.StatusOpen, alice.GetAudioStatus("bob"))
	require.NoError(t, requireHears(testContext(t), alice, "bob"))
}

// Who was put out while its connection was away learns it when it is back, and its login lives.
func TestKickDuringACut(t *testing.T) {
	n, alice, bob := hurtPair(t)
	room := alice.GetMeetInfo().ID
	seen := record(t, bob)
	restore := cutOff(t, n, "bob")
	require.NoError(t, alice.Kickout(testContext(t), "bob"))
	assert.False(t, alice.IsUserInMeeting("bob"))
	restore()
	seen.waitFor(t, crvideo.UserLeftMeeting{UID: "bob", Reason: "kick"})
	assert.Empty(t, bob.GetAllMembers())
	assert.Equal(t, "bob", bob.UID())
	require.NoError(t, bob.EnterMeeting(testContext(t), room))
}

// A room that is ended after the server let us in, and before we know: we are in, and then it ends.
func TestRoomDestroyedWhileEntering(t *testing.T) {
	n, alice, bob := hurtPair(t)
	room := newRoom(t, alice).ID
	require.NoError(t, bob.ExitMeeting(testContext(t)))
	seen := record(t, bob)
	t.Run("before the answer", func(t *testing.T) {
		let := n.WatchMessage(crvideotest.Method(toServer, "enterMeeting").Of("bob"))
		n.Stall(toClient, "bob")
		entered := inBackground(func() error { return bob.EnterMeeting(testContext(t), room) })
		wait(t, "request", let.Hit())
		require.NoError(t, alice.DestroyMeeting(testContext(t), room))
		let.Remove()
		n.Resume("bob")
		if err := receive(t, entered); err != nil { // alice was faster
			require.ErrorIs(t, err, crvideo.CodeNoRoom)
			return
		}
		seen.waitFor(t, crvideo.NotifyMeetEnded{MeetID: room, By: "alice"})
		seen.waitFor(t, crvideo.MeetingStopped{})
		assert.Empty(t, bob.GetAllMembers())
	})
	t.Run("before the request", func(t *testing.T) {
		held := n.HoldMessage(crvideotest.Method(toServer, "enterMeeting").Of("bob"))
		second := newRoom(t, alice).ID
		entered := inBackground(func() error { return bob.EnterMeeting(testContext(t), second) })
		wait(t, "request", held.Hit())
		require.NoError(t, alice.DestroyMeeting(testContext(t), second))
		held.Release()
		require.ErrorIs(t, receive(t, entered), crvideo.CodeNoRoom)
	})
	require.NoError(t, bob.EnterMeeting(testContext(t), alice.GetMeetInfo().ID), "nothing stands in the way of the next room")
}

// Who leaves while the answer to entering is under way is out for the others, too, and may enter at once.
func TestExitWhileEnteringOverTheNetwork(t *testing.T) {
	n, alice, bob := hurtPair(t)
	room := alice.GetMeetInfo().ID
	require.NoError(t, bob.ExitMeeting(testContext(t)))
	eventually(t, "bob to be gone", func() bool { return !alice.IsUserInMeeting("bob") })
	atAlice := record(t, alice)
	n.Stall(toClient, "bob")
	first := inBackground(func() error { return bob.EnterMeeting(testContext(t), room) })
	atAlice.waitFor(t, crvideo.UserEnterMeeting{UID: "bob"})
	require.NoError(t, bob.ExitMeeting(testContext(t)))
	second := inBackground(func() error { return bob.EnterMeeting(testContext(t), room) })
	n.Resume("bob")
	assert.ErrorIs(t, receive(t, first), crvideo.CodeLoginState)
	require.NoError(t, receive(t, second))
	eventually(t, "bob at alice", func() bool { return alice.IsUserInMeeting("bob") })
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
}

// Leaving and entering at once, again and again: the others see each of them in order, and the call is a call.
func TestFastRejoin(t *testing.T) {
	const times = 50
	alice, bob := pair(t, newServer(t))
	room := alice.GetMeetInfo().ID
	openBoth(t, alice)
	openBoth(t, bob)
	atAlice := record(t, alice)
	for range times {
		require.NoError(t, bob.ExitMeeting(testContext(t)))
		require.NoError(t, bob.EnterMeeting(testContext(t), room))
	}
	openBoth(t, bob)
	requireCall(t, alice, bob)
	var order []crvideo.Event
	for _, e := range atAlice.all() {
		switch e.(type) {
		case crvideo.UserLeftMeeting, crvideo.UserEnterMeeting:
			order = append(order, e)
		}
	}
	require.Len(t, order, 2*times)
	for i := 0; i < len(order); i += 2 {
		require.Equal(t, crvideo.UserLeftMeeting{UID: "bob", Reason: "exit"}, order[i])
		require.Equal(t, crvideo.UserEnterMeeting{UID: "bob"}, order[i+1])
	}
}
