package crvideo_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// wantPictures is how many different pictures prove that a picture moves.
const wantPictures = 5

// requireSees decodes a member's pictures until they have moved, all with the right member's number.
func requireSees(ctx context.Context, c *crvideo.Client, uid string) error {
	info, ok := c.GetMemberInfo(uid)
	if !ok {
		return fmt.Errorf("%s is not a member", uid)
	}
	v, err := c.Video(uid, crvideo.DefaultCamera)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	var last uint32
	for n := 0; n < wantPictures; {
		f, err := v.ReadFrame(ctx)
		if err != nil {
			return fmt.Errorf("picture of %s at %s: %w", uid, c.UID(), err)
		}
		member, counter, ok := crvideotest.ReadPattern(f.Image)
		if !ok {
			return fmt.Errorf("picture of %s at %s: no pattern in %v", uid, c.UID(), f.Image.Rect)
		}
		if member != info.Num {
			return fmt.Errorf("picture of %s at %s: of member %d instead of %d", uid, c.UID(), member, info.Num)
		}
		if counter != last {
			n++
		}
		last = counter
	}
	return nil
}

// requireHears decodes a member's sound until its own tone has been found.
func requireHears(ctx context.Context, c *crvideo.Client, uid string) error {
	info, ok := c.GetMemberInfo(uid)
	if !ok {
		return fmt.Errorf("%s is not a member", uid)
	}
	a, err := c.Audio(uid)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	want := crvideotest.ToneFrequency(info.Num)
	window := make([]int16, crvideo.PCMRate/5)
	for try := 0; ; try++ {
		for filled := 0; filled < len(window); {
			n, err := a.ReadPCM(ctx, window[filled:])
			if err != nil {
				return fmt.Errorf("sound of %s at %s: %w", uid, c.UID(), err)
			}
			filled += n
		}
		hz, ok := crvideotest.DetectTone(window, crvideo.PCMRate)
		if ok && hz > want-2 && hz < want+2 {
			return nil
		}
		if ok || try > 5 { // a wrong tone, or none for more than a second
			return fmt.Errorf("sound of %s at %s: %.1f Hz (%v) instead of %.1f", uid, c.UID(), hz, ok, want)
		}
	}
}

// requireCall proves that everybody sees and hears everybody else.
func requireCall(t *testing.T, clients ...*crvideo.Client) {
	t.Helper()
	ctx := testContext(t)
	var wg sync.WaitGroup
	for _, c := range clients {
		for _, other := range clients {
			if c == other {
				continue
			}
			wg.Go(func() { assert.NoError(t, requireSees(ctx, c, other.UID())) })
			wg.Go(func() { assert.NoError(t, requireHears(ctx, c, other.UID())) })
		}
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func openBoth(t *testing.T, c *crvideo.Client) {
	t.Helper()
	require.NoError(t, c.OpenMic(testContext(t), ""))
	require.NoError(t, c.OpenVideo(testContext(t), ""))
}

func TestCallOfTwo(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
}

func TestCallInDefaultSize(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{}))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	f, err := v.ReadFrame(testContext(t))
	require.NoError(t, err)
	assert.Equal(t, 848, f.Image.Rect.Dx())
	assert.Equal(t, 480, f.Image.Rect.Dy())
}

func TestCallOfThreeWithOneLeavingAndOneComing(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	room := alice.GetMeetInfo()
	carol := entered(t, srv, "carol", room.ID)
	for _, c := range []*crvideo.Client{alice, bob, carol} {
		openBoth(t, c)
	}
	eventually(t, "three members at alice", func() bool { return len(alice.GetAllMembers()) == 3 })
	eventually(t, "three members at bob", func() bool { return len(bob.GetAllMembers()) == 3 })
	requireCall(t, alice, bob, carol)

	seen := record(t, alice)
	require.NoError(t, bob.ExitMeeting(testContext(t)))
	seen.waitFor(t, crvideo.UserLeftMeeting{UID: "bob", Reason: "exit"})
	eventually(t, "bob gone at carol", func() bool { return !carol.IsUserInMeeting("bob") })
	requireCall(t, alice, carol)

	dave := entered(t, srv, "dave", room.ID)
	openBoth(t, dave)
	eventually(t, "dave at alice", func() bool { return alice.IsUserInMeeting("dave") })
	eventually(t, "dave at carol", func() bool { return carol.IsUserInMeeting("dave") })
	requireCall(t, alice, carol, dave)
}

// Ten members are more than there are receive slots at first: the connections grow while the call goes on.
func TestCallOfTenComingOneByOne(t *testing.T) {
	srv := newServer(t)
	first := loggedIn(t, srv, "m0")
	room := newRoom(t, first)
	var all []*crvideo.Client
	for i := range 10 {
		c := first
		if i > 0 {
			c = loggedIn(t, srv, fmt.Sprintf("m%d", i))
		}
		require.NoError(t, c.SetAudioSubscribeMode(crvideo.AudioSubscribeOthers)) // all, not only the loudest
		require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 5, FPS: 8}))
		require.NoError(t, c.EnterMeeting(testContext(t), room.ID))
		openBoth(t, c)
		all = append(all, c)
	}
	for _, c := range all {
		eventually(t, "ten members", func() bool { return len(c.GetAllMembers()) == 10 })
	}
	requireCall(t, all...)

	require.NoError(t, all[3].ExitMeeting(testContext(t)))
	require.NoError(t, all[7].Logout(testContext(t)))
	rest := append(append(append([]*crvideo.Client(nil), all[:3]...), all[4:7]...), all[8:]...)
	for _, c := range rest {
		eventually(t, "eight members", func() bool { return len(c.GetAllMembers()) == 8 })
	}
	requireCall(t, rest...)
}

func TestCameraClosedAndOpenedAgain(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	openBoth(t, alice)
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	_, err = v.ReadFrame(testContext(t))
	require.NoError(t, err)

	seen := record(t, bob)
	require.NoError(t, alice.CloseVideo(testContext(t), ""))
	seen.waitFor(t, crvideo.VideoStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed})
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	_, err = v.ReadFrame(testContext(t)) // the same reader goes on with the new stream
	require.NoError(t, err)
	require.NoError(t, requireSees(testContext(t), bob, "alice"))
}
