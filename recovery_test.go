package crvideo_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// requireNoEvents wants nothing to have happened since the recorder began but for events of the given types.
func requireNoEvents(t *testing.T, seen *recorder) {
	t.Helper()
	assert.Empty(t, seen.all())
}

// firstSamples tells when the next sound and the next picture of a member come.
func firstSamples(t *testing.T, c *crvideo.Client, uid string) (sound, picture time.Time) {
	t.Helper()
	a, err := c.Audio(uid)
	require.NoError(t, err)
	defer func() { _ = a.Close() }()
	v, err := c.Video(uid, crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { _ = v.Close() }()
	_, err = a.ReadSample(testContext(t))
	require.NoError(t, err)
	sound = time.Now()
	_, err = v.ReadSample(testContext(t))
	require.NoError(t, err)
	return sound, time.Now()
}

// callGoesOn proves that two members see and hear each other, the end of an interruption being still in the sound.
func callGoesOn(t *testing.T, alice, bob *crvideo.Client) {
	t.Helper()
	for _, ends := range [][2]*crvideo.Client{{alice, bob}, {bob, alice}} {
		require.NoError(t, requireSees(testContext(t), ends[0], ends[1].UID()))
		hearsInTheEnd(t, ends[0], ends[1].UID())
	}
}

// A server that is killed and comes back, with what it knew or without: nobody notices but for the gap in media.
func TestServerRestart(t *testing.T) {
	restarts := map[string]func(*crvideotest.Network, time.Duration){
		"with memory": (*crvideotest.Network).Restart, "without": (*crvideotest.Network).RestartFresh,
	}
	for name, restart := range restarts {
		for _, down := range []time.Duration{500 * time.Millisecond, 5 * time.Second, 30 * time.Second} {
			t.Run(fmt.Sprint(name, " ", down), func(t *testing.T) {
				t.Parallel()
				n, alice, bob := hurtPair(t)
				openBoth(t, alice)
				openBoth(t, bob)
				requireCall(t, alice, bob)
				atAlice, atBob := record(t, alice), record(t, bob)
				members := alice.GetAllMembers()

				restart(n, down)
				returned := time.Now()
				sound, picture := firstSamples(t, bob, "alice")
				t.Logf("after the server's return: sound %v, picture %v", sound.Sub(returned), picture.Sub(returned))
				callGoesOn(t, alice, bob)
				eventually(t, "the members as before", func() bool { return assert.ObjectsAreEqual(members, alice.GetAllMembers()) })
				requireNoEvents(t, atAlice)
				requireNoEvents(t, atBob)
				require.NoError(t, alice.CloseMic(testContext(t), ""))
				atBob.waitFor(t, crvideo.AudioStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed})
				require.NoError(t, alice.OpenMic(testContext(t), ""))
				requireCallOneWay(t, bob, "alice")
			})
		}
	}
}

// A server that is shut down in order tells its clients, and the next one takes them.
func TestOrderlyRestart(t *testing.T) {
	srv := crvideotest.NewServer(t)
	alice, bob := pair(t, srv)
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
	seen := record(t, alice)
	srv.Restart(100 * time.Millisecond)
	callGoesOn(t, alice, bob)
	requireNoEvents(t, seen)
}

// What the application does while the server is away is done when it is back.
func TestCallsDuringARestartWithoutMemory(t *testing.T) {
	n, alice, bob := hurtPair(t)
	openBoth(t, bob)
	requireCallOneWay(t, alice, "bob")
	atBob := record(t, bob)
	n.Down()
	var calls sync.WaitGroup
	calls.Go(func() { assert.NoError(t, alice.OpenMic(testContext(t), "")) })
	calls.Go(func() { assert.NoError(t, alice.OpenVideo(testContext(t), "")) })
	calls.Go(func() { assert.NoError(t, bob.CloseVideo(testContext(t), "")) })
	calls.Go(func() { _, err := bob.CreateMeeting(testContext(t), crvideo.CreateParams{}); assert.NoError(t, err) })
	calls.Go(func() { assert.NoError(t, alice.SetNickName(testContext(t), "alice", "Alice II")) })
	n.RestartFresh(100 * time.Millisecond)
	calls.Wait()
	requireCallOneWay(t, bob, "alice")
	atBob.waitFor(t, crvideo.NotifyNickNameChanged{UID: "alice", OldName: "nick of alice", NewName: "Alice II"})
	eventually(t, "bob's camera closed", func() bool { return alice.GetVideoStatus("bob") == crvideo.StatusClosed })
	assert.Equal(t, crvideo.StatusClosed, bob.GetVideoStatus(""))
	require.NoError(t, requireHears(testContext(t), alice, "bob"))
}

// Who does not come back leaves, who comes for the first time enters, and what changed meanwhile is told.
func TestDifferencesAfterARestart(t *testing.T) {
	srv, n, alice, bob := hurtPairOn(t)
	room := alice.GetMeetInfo().ID
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	eventually(t, "bob's microphone", func() bool { return alice.GetAudioStatus("bob") == crvideo.StatusOpen })
	seen := record(t, alice)
	n.Down()
	require.NoError(t, bob.Close())
	n.RestartFresh(0)
	carol := loggedIn(t, srv, "carol", func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() })
	eventually(t, "carol in the room", func() bool { return carol.EnterMeeting(testContext(t), room) == nil })
	waitEvent(t, seen, "bob left", func(e crvideo.UserLeftMeeting) bool { return e.UID == "bob" })
	seen.waitFor(t, crvideo.UserEnterMeeting{UID: "carol"})
	assert.Len(t, alice.GetAllMembers(), 2)
	for _, e := range seen.all() {
		switch e.(type) {
		case crvideo.LineOff, crvideo.MeetingDropped:
			t.Errorf("%T%+v", e, e)
		}
	}
}

// The room was destroyed while its members were away, so it cannot be entered again: the login goes on.
func TestRoomGoneAfterARestart(t *testing.T) {
	srv := crvideotest.NewServer(t)
	n := srv.Network()
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.ServerAddr = n.URL(); p.Recovery.NoReenter = true })
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	seen := record(t, alice)
	n.RestartFresh(0)
	seen.waitFor(t, crvideo.MeetingDropped{Code: crvideo.CodeSocket})
	assert.Empty(t, alice.GetAllMembers())
	assert.Equal(t, "alice", alice.UID())
	require.NoError(t, alice.EnterMeeting(testContext(t), newRoom(t, alice).ID))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
}

func TestRecoveryOff(t *testing.T) {
	srv := crvideotest.NewServer(t)
	n := srv.Network()
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.ServerAddr = n.URL(); p.Recovery.Off = true })
	seen := record(t, alice)
	n.Cut("alice")
	seen.waitFor(t, crvideo.LineOff{Code: crvideo.CodeSocket})
	require.NoError(t, alice.Login(testContext(t), loginParams("alice")))
}

// Leaving, logging out and closing while the server is away, or while the room is being restored.
func TestEndsDuringARestart(t *testing.T) {
	ends := map[string]func(*crvideo.Client) error{
		"ExitMeeting": func(c *crvideo.Client) error { return c.ExitMeeting(context.Background()) },
		"Logout":      func(c *crvideo.Client) error { return c.Logout(context.Background()) },
		"Close":       func(c *crvideo.Client) error { return c.Close() },
	}
	for name, end := range ends {
		for _, when := range []string{"down", "login", "enterMeeting"} {
			t.Run(name+" at "+when, func(t *testing.T) {
				t.Parallel()
				n, alice, bob := hurtPair(t)
				openBoth(t, alice)
				openBoth(t, bob)
				at := make(chan struct{})
				if when != "down" {
					held := n.HoldMessage(crvideotest.Method(toClient, when).Of("alice").Nth(1))
					go func() { <-held.Hit(); close(at); held.Release() }()
				} else {
					close(at)
				}
				n.Down()
				restarted := make(chan struct{})
				go func() { defer close(restarted); n.RestartFresh(0) }()
				<-at
				require.NoError(t, end(alice))
				<-restarted
				eventually(t, "alice gone at bob's", func() bool { return !bob.IsUserInMeeting("alice") })
				require.NoError(t, requireNothingLost(bob))
			})
		}
	}
}

func requireNothingLost(c *crvideo.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	return c.SetNickName(ctx, c.UID(), "still here")
}
