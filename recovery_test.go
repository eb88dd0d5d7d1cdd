package crvideo_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// requireNoEvents wants nothing to have happened since the recorder began, but that something was measured.
func requireNoEvents(t *testing.T, seen *recorder) {
	t.Helper()
	for _, e := range seen.all() {
		switch e.(type) {
		case crvideo.MicEnergyUpdate, crvideo.NetStateChanged, crvideo.NotifyNetworkDelay,
			crvideo.NotifyPacketsUploadLostRate, crvideo.NotifyPacketsDownloadLostRate,
			crvideo.SpkDeviceChanged: // speakers are the process's, and another test may unplug them
		default:
			assert.Fail(t, "an event", "%T%+v", e, e)
		}
	}
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
	t.Parallel()
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

// A server that is shut down in order tells its clients, at once or with a grace, and the next one takes them.
func TestOrderlyRestart(t *testing.T) {
	t.Parallel()
	for name, grace := range map[string]time.Duration{"at once": 0, "with a grace": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, func(cfg *server.Config) { cfg.Grace = grace })
			alice, bob := pair(t, srv)
			openBoth(t, alice)
			openBoth(t, bob)
			requireCall(t, alice, bob)
			seen := record(t, alice)
			srv.Restart(100 * time.Millisecond)
			callGoesOn(t, alice, bob)
			requireNoEvents(t, seen)
		})
	}
}

// A server that hangs for longer than it takes to notice, and goes on.
func TestServerFrozen(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
	seen, back := record(t, bob), resumed(n, "bob")
	n.Freeze()
	frozen := time.Now()
	eventually(t, "media lost", func() bool { return bob.GetStats().Media != "connected" })
	t.Logf("media is missed after %v", time.Since(frozen))
	timer := time.NewTimer(time.Until(frozen.Add(7 * time.Second)))
	<-timer.C
	n.Thaw()
	thawed := time.Now()
	sound, picture := firstSamples(t, bob, "alice")
	t.Logf("after the server goes on: sound %v, picture %v", sound.Sub(thawed), picture.Sub(thawed))
	callGoesOn(t, alice, bob)
	wait(t, "resume", back.Hit())
	requireNoEvents(t, seen)
}

// What the application does while the server is away is done when it is back.
func TestCallsDuringARestartWithoutMemory(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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

// The answer to entering again is lost with the connection, and somebody comes back before it is given again: what
// notifications tell is in that answer.
func TestAnswerToEnteringAgainIsLost(t *testing.T) {
	n, alice, bob := hurtPair(t)
	seen := record(t, bob)
	held := n.HoldMessage(crvideotest.Method(toServer, "enterMeeting").Of("alice"))
	lost := n.CutAtMessage(func(m crvideotest.Message) bool {
		return m.Direction == toClient && m.Method == "enterMeeting" && m.UID == "bob"
	})
	back := n.WatchMessage(crvideotest.Method(toClient, "enterMeeting").Of("alice"))
	n.RestartFresh(0)
	wait(t, "alice's request", held.Hit())
	wait(t, "bob's answer", lost.Hit())
	n.RefuseConnections(true)
	n.Cut("bob")
	held.Remove()
	wait(t, "alice's return", back.Hit())
	lost.Remove()
	n.RefuseConnections(false)
	require.NoError(t, bob.SetNickName(testContext(t), "bob", "B"))
	require.NoError(t, alice.SetNickName(testContext(t), "alice", "A"))
	waitEvent(t, seen, "the name", func(e crvideo.NotifyNickNameChanged) bool { return e.NewName == "A" })
	for _, e := range seen.all() {
		switch e.(type) {
		case crvideo.UserEnterMeeting, crvideo.UserLeftMeeting, crvideo.MeetingDropped, crvideo.LineOff:
			t.Errorf("%T%+v", e, e)
		}
	}
	assert.Len(t, bob.GetAllMembers(), 2)
}

// A server that is restarted again while the room is being entered again is no reason to give the room up.
func TestRestartWhileEnteringAgain(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	seen := record(t, alice)
	for range 3 {
		asked := n.DropMessage(crvideotest.Method(toServer, "enterMeeting").Of("alice"))
		n.RestartFresh(0)
		wait(t, "the request to enter again", asked.Hit())
		asked.Remove()
		n.RestartFresh(0)
		require.NoError(t, alice.SetNickName(testContext(t), "alice", "A"), "which waits until the room is entered again")
	}
	require.NoError(t, requireHears(testContext(t), alice, "bob"))
	for _, e := range seen.all() {
		switch e.(type) {
		case crvideo.MeetingDropped, crvideo.LineOff, crvideo.UserLeftMeeting:
			t.Errorf("%T%+v", e, e)
		}
	}
}

// The room was destroyed while its members were away, so it cannot be entered again: the login goes on.
func TestRoomGoneAfterARestart(t *testing.T) {
	srv := newServer(t)
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
	assert.ErrorIs(t, alice.Reenter(testContext(t), crvideo.ReenterPolicy{}), crvideo.CodeNoRoom, "it was not made anew")
	require.NoError(t, alice.EnterMeeting(testContext(t), newRoom(t, alice).ID))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
}

// The vendor's policy tells of a lost connection at once, with nobody at the door again.
func TestRecoveryOff(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.ServerAddr = n.URL(); p.Recovery.Off = true })
	require.NoError(t, alice.EnterMeeting(testContext(t), newRoom(t, alice).ID))
	seen, back := record(t, alice), resumed(n, "alice")
	require.Equal(t, 1, n.Cut("alice"))
	seen.waitFor(t, crvideo.LineOff{Code: crvideo.CodeSocket})
	assert.Empty(t, alice.UID())
	assert.Empty(t, alice.GetAllMembers())
	require.NoError(t, alice.Login(testContext(t), loginParams("alice")), "it is the application's turn")
	assert.Zero(t, back.Count())
}

// An application's own pace is asked before every attempt, and may give up.
func TestRecoveryBackoff(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	var mu sync.Mutex
	var attempts []int
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) {
		p.ServerAddr = n.URL()
		p.Recovery.Backoff = func(attempt int, _ time.Duration) time.Duration {
			mu.Lock()
			defer mu.Unlock()
			if attempts = append(attempts, attempt); attempt == 3 {
				return -1
			}
			return time.Millisecond
		}
	})
	seen, back := record(t, alice), resumed(n, "alice")
	require.Equal(t, 1, n.Cut("alice"))
	wait(t, "resume", back.Hit())
	newRoom(t, alice)
	mu.Lock()
	assert.Equal(t, []int{0}, attempts)
	attempts = nil
	mu.Unlock()
	n.RefuseConnections(true)
	n.Cut("alice")
	seen.waitFor(t, crvideo.LineOff{Code: crvideo.CodeSocket})
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []int{0, 1, 2, 3}, attempts)
}

func TestReenter(t *testing.T) {
	srv := newServer(t)
	c := newClient(t, srv)
	soon := crvideo.ReenterPolicy{Interval: time.Millisecond}
	assert.ErrorIs(t, c.Reenter(testContext(t), soon), crvideo.CodeBadParameter, "there was no room")
	require.NoError(t, c.Login(testContext(t), loginParams("ann")))
	room, err := c.CreateMeeting(testContext(t), crvideo.CreateParams{NeedPassword: true})
	require.NoError(t, err)
	require.NoError(t, c.EnterMeeting(testContext(t), room.ID, crvideo.WithPassword(room.Password)))
	assert.ErrorIs(t, c.Reenter(testContext(t), crvideo.ReenterPolicy{Attempts: 3, Interval: time.Millisecond}), crvideo.CodeInRoom)
	require.NoError(t, c.ExitMeeting(testContext(t)))
	require.NoError(t, c.Reenter(testContext(t), soon))
	assert.Equal(t, room.ID, c.GetMeetInfo().ID)
	require.NoError(t, c.DestroyMeeting(testContext(t), room.ID))
	require.NoError(t, c.ExitMeeting(testContext(t)))
	assert.ErrorIs(t, c.Reenter(testContext(t), soon), crvideo.CodeNoRoom, "hopeless at once")
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	assert.ErrorIs(t, c.Reenter(ctx, soon), context.Canceled)
}

// The vendor's demo: each attempt is told with its number, until one succeeds.
func TestReenterMirror(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	results := make(chan crvideo.EnterMeetingRslt, 99)
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { results <- e })
	t.Cleanup(func() { crvideo.OnEnterMeetingRslt(nil) })
	crvideo.Reenter(crvideo.ReenterPolicy{})
	assert.Equal(t, crvideo.CodeNotInit, receive(t, results).Code)

	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: n.URL(), AllowSynthetic: true}))
	t.Cleanup(crvideo.Uninit)
	c := crvideo.Default()
	require.NoError(t, c.Login(testContext(t), loginParams("ann")))
	require.NoError(t, c.EnterMeeting(testContext(t), newRoom(t, c).ID))
	require.NoError(t, c.ExitMeeting(testContext(t)))
	refuse := n.AlterMessage(crvideotest.Method(toServer, "enterMeeting"), func(m crvideotest.Message) [][]byte {
		return [][]byte{bytes.Replace(m.Text, []byte("enterMeeting"), []byte("dropIn"), 1)}
	})
	crvideo.Reenter(crvideo.ReenterPolicy{Attempts: 1000, Interval: time.Millisecond})
	for attempt := 1; attempt <= 3; attempt++ {
		e := receive(t, results)
		assert.Equal(t, crvideo.CodeInvalidData, e.Code)
		assert.Equal(t, fmt.Sprint("reEnter_", attempt), e.Cookie)
	}
	refuse.Remove()
	e := receive(t, results)
	for e.Code == crvideo.CodeInvalidData { // those that were on their way
		e = receive(t, results)
	}
	assert.Equal(t, crvideo.CodeOK, e.Code)
	assert.NotZero(t, c.GetMeetInfo().ID)
}
