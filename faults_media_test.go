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

func TestSignallingCutLeavesMediaAlone(t *testing.T) { // by itself: a busy machine may make media go by TCP, which is cut, too
	n, alice, bob := hurtPair(t)
	openBoth(t, alice)
	back := n.WatchMessage(crvideotest.Method(toClient, "resume"))
	ctx, stop := context.WithCancel(testContext(t))
	var pictures, sounds int
	var pictureGap, soundGap error
	var reading, ready sync.WaitGroup
	ready.Add(2)
	reading.Go(func() { pictures, pictureGap = everyPicture(ctx, bob, "alice", ready.Done) })
	reading.Go(func() { sounds, soundGap = everySound(ctx, bob, "alice", ready.Done) })
	ready.Wait()

	n.RefuseConnections(true)
	require.Equal(t, 2, n.Cut())
	away := time.NewTimer(5 * time.Second)
	<-away.C
	assert.Zero(t, back.Count())
	n.RefuseConnections(false)
	eventually(t, "both back", func() bool { return back.Count() == 2 })
	stop()
	reading.Wait()
	require.NoError(t, pictureGap)
	require.NoError(t, soundGap)
	assert.Greater(t, pictures, 60, "15 a second")
	assert.Greater(t, sounds, 225, "50 a second")
	requireCallOneWay(t, bob, "alice")
}

// everyPicture counts the pictures of uid until ctx ends; its error tells of the first one that is missing. It calls
// ready with the first one, or if there is none.
func everyPicture(ctx context.Context, c *crvideo.Client, uid string, ready func()) (count int, err error) {
	first := sync.OnceFunc(ready)
	defer first()
	v, err := c.Video(uid, crvideo.DefaultCamera)
	if err != nil {
		return 0, err
	}
	defer func() { _ = v.Close() }()
	for last := uint32(0); ; count++ {
		f, err := v.ReadFrame(ctx)
		if ctx.Err() != nil {
			return count, nil
		}
		if err != nil {
			return count, err
		}
		_, counter, ok := crvideotest.ReadPattern(f.Image)
		if !ok || last != 0 && counter != last+1 {
			return count, fmt.Errorf("picture %d (%v) came after %d", counter, ok, last)
		}
		last = counter
		first()
	}
}

// everySound does the same with sound.
func everySound(ctx context.Context, c *crvideo.Client, uid string, ready func()) (count int, err error) {
	first := sync.OnceFunc(ready)
	defer first()
	a, err := c.Audio(uid)
	if err != nil {
		return 0, err
	}
	defer func() { _ = a.Close() }()
	for last := (crvideo.Sample{}); ; count++ {
		s, err := a.ReadSample(ctx)
		if ctx.Err() != nil {
			return count, nil
		}
		if err != nil {
			return count, err
		}
		if count > 0 && s.PTS != last.PTS+last.Duration {
			return count, fmt.Errorf("sound of %v came after that of %v", s.PTS, last.PTS)
		}
		last = s
		first()
	}
}

// requireCallOneWay proves that c sees and hears uid.
func requireCallOneWay(t *testing.T, c *crvideo.Client, uid string) {
	t.Helper()
	require.NoError(t, requireSees(testContext(t), c, uid))
	require.NoError(t, requireHears(testContext(t), c, uid))
}

// hearsInTheEnd bears windows in which so much was lost that the tone is not pure. The network is as bad to the end.
func hearsInTheEnd(t *testing.T, c *crvideo.Client, uid string) {
	t.Helper()
	ctx := testContext(t)
	for {
		err := requireHears(ctx, c, uid)
		if err == nil {
			return
		}
		t.Log(err)
		require.NoError(t, ctx.Err())
	}
}

func TestCallOverBadNetwork(t *testing.T) {
	faults := map[string]crvideotest.MediaFaults{
		"loss of 5 %":           {Loss: 0.05},
		"loss of 10 %":          {Loss: 0.1},
		"loss of 10 % in burst": {Loss: 0.1, Burst: 4},
		"loss of 30 %":          {Loss: 0.3},
		"reordering":            {Reorder: 0.2},
		"duplication":           {Duplicate: 0.3},
		"delay":                 {Delay: 100 * time.Millisecond},
		"delay and jitter":      {Delay: 50 * time.Millisecond, Jitter: 50 * time.Millisecond},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, alice, bob := hurtPair(t)
			n.Media(bothWays, fault)
			openBoth(t, alice)
			openBoth(t, bob)
			for _, ends := range [][2]*crvideo.Client{{alice, bob}, {bob, alice}} {
				require.NoError(t, requireSees(testContext(t), ends[0], ends[1].UID()))
				hearsInTheEnd(t, ends[0], ends[1].UID())
			}
			for _, d := range []crvideotest.Direction{toServer, toClient} {
				count := n.MediaCount(d)
				assert.Equal(t, fault.Loss > 0, count.Lost > 0, d)
				assert.Equal(t, fault.Duplicate > 0, count.Duplicated > 0, d)
				assert.Equal(t, fault.Reorder > 0, count.Reordered > 0, d)
			}
		})
	}
}

func TestMediaGoesOnAfterBlackhole(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	openBoth(t, alice)
	requireCallOneWay(t, bob, "alice")
	for _, d := range []crvideotest.Direction{toServer, toClient, bothWays} {
		before := n.MediaCount(toServer)
		n.BlackholeUDP(d)
		eventually(t, "a second of datagrams", func() bool { return n.MediaCount(toServer).Datagrams > before.Datagrams+50 })
		n.Media(bothWays, crvideotest.MediaFaults{})
		requireCallOneWay(t, bob, "alice")
	}
}

func TestMediaGoesOnAfterPathChange(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	openBoth(t, alice)
	requireCallOneWay(t, bob, "alice")
	for _, uid := range []string{"alice", "bob"} { // who sends, and who receives
		require.Equal(t, 1, n.ChangePath(uid))
		requireCallOneWay(t, bob, "alice")
	}
	require.Positive(t, n.ChangePath())
	requireCallOneWay(t, bob, "alice")
}

// requireTransport wants media to go by udp or tcp.
func requireTransport(t *testing.T, want string, clients ...*crvideo.Client) {
	t.Helper()
	for _, c := range clients {
		eventually(t, "media of "+c.UID()+" by "+want, func() bool { return c.GetStats().Transport == want })
	}
}

func TestUDPBlockedFromTheStart(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	room := alice.GetMeetInfo().ID
	n.BlackholeUDP(bothWays)
	for _, c := range []*crvideo.Client{alice, bob} {
		require.NoError(t, c.ExitMeeting(testContext(t)))
		require.NoError(t, c.EnterMeeting(testContext(t), room))
		openBoth(t, c)
	}
	requireCall(t, alice, bob)
	requireTransport(t, "tcp", alice, bob)
}

func TestUDPBlockedInTheMiddle(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
	requireTransport(t, "udp", alice, bob)
	seen := record(t, alice)
	n.BlackholeUDP(bothWays)
	requireTransport(t, "tcp", alice, bob)
	callGoesOn(t, alice, bob)
	requireNoEvents(t, seen)
}

// What is called while media is away is done.
func TestPublishWhileMediaIsAway(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	openBoth(t, bob)
	requireCallOneWay(t, alice, "bob")
	n.BlackholeUDP(bothWays)
	openBoth(t, alice)
	callGoesOn(t, alice, bob)
	requireTransport(t, "tcp", alice, bob)
}

func TestMediaOverTCPOnly(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.MSProtocol = 2 })
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	bob := entered(t, srv, "bob", room.ID)
	openBoth(t, alice)
	openBoth(t, bob)
	requireCall(t, alice, bob)
	requireTransport(t, "tcp", alice)
	requireTransport(t, "udp", bob)
}
