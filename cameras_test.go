package crvideo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// numbered is a camera whose pictures carry n in place of the member's number.
func numbered(n uint32) crvideo.SourceFunc {
	return func(ctx context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		f.MemberNum = n
		return crvideo.SyntheticCamera(ctx, f)
	}
}

// addCameras adds n cameras; that with the ID id shows the number id+1000.
func addCameras(t *testing.T, c *crvideo.Client, n int) (ids []int) {
	for i := range n {
		want := 50 + i
		id, err := c.AddCamera(testContext(t), fmt.Sprint("camera ", i), numbered(uint32(want+1000)))
		require.NoError(t, err)
		require.Equal(t, want, id)
		ids = append(ids, id)
	}
	return ids
}

// showsCamera decodes pictures until they have moved, all of one camera.
func showsCamera(ctx context.Context, v *crvideo.VideoReader, id int) error {
	var last uint32
	for n := 0; n < wantPictures; {
		f, err := v.ReadFrame(ctx)
		if err != nil {
			return fmt.Errorf("camera %d: %w", id, err)
		}
		camera, counter, ok := crvideotest.ReadPattern(f.Image)
		if !ok || camera != uint32(id+1000) {
			return fmt.Errorf("camera %d: the picture is of %d (%v)", id, camera, ok)
		}
		if counter != last {
			n++
		}
		last = counter
	}
	return nil
}

// requireCameras proves that these cameras of a member are seen at the same time, and that everybody knows of them.
func requireCameras(t *testing.T, c, of *crvideo.Client, ids ...int) {
	t.Helper()
	ctx := testContext(t)
	var wg, all sync.WaitGroup
	all.Add(len(ids))
	for _, id := range ids {
		v, err := c.Video(of.UID(), id)
		require.NoError(t, err)
		defer func() { require.NoError(t, v.Close()) }()
		wg.Go(func() {
			assert.NoError(t, showsCamera(ctx, v, id))
			all.Done()
			all.Wait() // every camera has been seen, and none may be gone again
			assert.NoError(t, showsCamera(ctx, v, id))
		})
	}
	wg.Wait()
	assert.Equal(t, ids, of.GetOpenedVideoIDs(""))
	eventually(t, "the others know", func() bool { return assert.ObjectsAreEqual(ids, c.GetOpenedVideoIDs(of.UID())) })
	if t.Failed() {
		t.FailNow()
	}
}

// severalCameras is a room of two, in which alice has n cameras that are all open.
func severalCameras(t *testing.T, n int) (alice, bob *crvideo.Client, ids []int) {
	alice, bob = pair(t, newServer(t))
	ids = addCameras(t, alice, n)
	require.NoError(t, alice.SetEnableMultiVideo(testContext(t), "", true))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	requireCameras(t, bob, alice, ids...)
	return alice, bob, ids
}

func TestTwoCamerasAtOnce(t *testing.T) {
	alice, bob, ids := severalCameras(t, 2)
	assert.True(t, alice.GetEnableMultiVideo("alice"))
	assert.True(t, bob.GetEnableMultiVideo("alice"))
	assert.False(t, bob.GetEnableMultiVideo(""))
	assert.False(t, bob.GetEnableMultiVideo("nobody"))
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	require.NoError(t, ui.SetVideo("alice", ids[1]))
	f, err := ui.Frame(testContext(t))
	require.NoError(t, err)
	camera, _, _ := crvideotest.ReadPattern(f)
	assert.EqualValues(t, ids[1]+1000, camera)
	var cameras []int
	for _, s := range alice.GetStats().Sending {
		assert.NotZero(t, s.Packets)
		cameras = append(cameras, s.CamID)
	}
	assert.Equal(t, ids, cameras)

	v, err := bob.Video("alice", ids[1])
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	atAlice, atBob := record(t, alice), record(t, bob)
	require.NoError(t, alice.CloseCamera(testContext(t), ids[1]))
	require.NoError(t, alice.CloseCamera(testContext(t), ids[1]), "closed already")
	requireCameras(t, bob, alice, ids[0])
	require.NoError(t, alice.OpenCamera(testContext(t), ids[1]))
	require.NoError(t, alice.OpenCamera(testContext(t), ids[1]), "open already")
	require.NoError(t, showsCamera(testContext(t), v, ids[1]), "the reader goes on")
	requireCameras(t, bob, alice, ids...)
	for _, seen := range []*recorder{atAlice, atBob} {
		changes := 0
		for _, e := range seen.all() {
			switch e.(type) {
			case crvideo.VideoDevChanged:
				changes++
			case crvideo.VideoStatusChanged:
				assert.Fail(t, "one was open all the time", "%+v", e)
			}
		}
		assert.Equal(t, 2, changes)
	}

	require.NoError(t, alice.CloseVideo(testContext(t), ""))
	assert.Empty(t, alice.GetOpenedVideoIDs(""))
	atBob.waitFor(t, crvideo.VideoStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed})
	assert.Empty(t, bob.GetOpenedVideoIDs("alice"))
}

// Eight are as many as a member may have: the receiver's slots and the sender's places grow while the call goes on.
func TestEightCamerasAtOnce(t *testing.T) {
	alice, bob, ids := severalCameras(t, 8)
	ninth, err := alice.AddCamera(testContext(t), "ninth", numbered(1058))
	require.NoError(t, err)
	assert.ErrorIs(t, alice.OpenCamera(testContext(t), ninth), crvideo.CodeBadParameter)
	require.NoError(t, alice.OpenVideo(testContext(t), ""), "what can be open is open")
	require.NoError(t, alice.RemoveCamera(testContext(t), ids[3]))
	require.NoError(t, alice.OpenCamera(testContext(t), ninth))
	requireCameras(t, bob, alice, append(append(append([]int(nil), ids[:3]...), ids[4:]...), ninth)...)
}

// Without several at once there is one, and which one may be said.
func TestOneCameraAtATime(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ids := addCameras(t, alice, 2)
	assert.ErrorIs(t, alice.OpenCamera(testContext(t), ids[1]), crvideo.CodeBadParameter)
	require.NoError(t, alice.OpenCamera(testContext(t), crvideo.DefaultCamera))
	requireCameras(t, bob, alice, ids[0])
	require.NoError(t, alice.CloseCamera(testContext(t), crvideo.DefaultCamera))
	assert.Equal(t, crvideo.StatusClosed, alice.GetVideoStatus(""))
	require.NoError(t, alice.ExitMeeting(testContext(t)))
	for _, err := range []error{alice.OpenCamera(testContext(t), ids[0]), alice.CloseCamera(testContext(t), ids[0])} {
		assert.ErrorIs(t, err, crvideo.CodeNoRoom)
	}
}

// With several open another default camera closes none: who watches the default one sees the other.
func TestDefaultAmongSeveralCameras(t *testing.T) {
	alice, bob, ids := severalCameras(t, 2)
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	require.NoError(t, showsCamera(testContext(t), v, ids[0]))
	seen := record(t, bob)
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", ids[1]))
	seen.waitFor(t, crvideo.DefVideoChanged{UID: "alice", VideoID: ids[1]})
	begun := time.Now()
	require.NoError(t, becomes(testContext(t), v, ids[1]))
	t.Logf("the other default camera is seen after %v", time.Since(begun))
	requireCameras(t, bob, alice, ids...)

	require.NoError(t, alice.CloseCamera(testContext(t), ids[0]))
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", ids[0]), "a closed one is opened, since video is on")
	eventually(t, "both are open", func() bool { return len(alice.GetOpenedVideoIDs("")) == 2 })
	require.NoError(t, becomes(testContext(t), v, ids[0]))
	for _, e := range seen.all() {
		if _, status := e.(crvideo.VideoStatusChanged); status {
			assert.Fail(t, "one was open all the time", "%+v", e)
		}
	}
}

// becomes reads on until the picture is of one camera.
func becomes(ctx context.Context, v *crvideo.VideoReader, id int) error {
	for {
		f, err := v.ReadFrame(ctx)
		if err != nil {
			return err
		}
		if camera, _, _ := crvideotest.ReadPattern(f.Image); camera == uint32(id+1000) {
			return showsCamera(ctx, v, id)
		}
	}
}

func TestSeveralCamerasTurnedOnAndOff(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ids := addCameras(t, alice, 3)
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", ids[1]))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	requireCameras(t, bob, alice, ids[1])
	require.NoError(t, alice.SetEnableMultiVideo(testContext(t), "", true))
	requireCameras(t, bob, alice, ids...)
	require.NoError(t, alice.SetEnableMultiVideo(testContext(t), "", false))
	requireCameras(t, bob, alice, ids[1])
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", ids[2]))
	eventually(t, "the other one", func() bool { return assert.ObjectsAreEqual([]int{ids[2]}, alice.GetOpenedVideoIDs("")) })
	requireCameras(t, bob, alice, ids[2])
}

// Another member may choose, open and close, as with one camera.
func TestSeveralCamerasOfAnother(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ids := addCameras(t, alice, 2)
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	require.NoError(t, bob.SetEnableMultiVideo(testContext(t), "alice", true))
	eventually(t, "all are open", func() bool { return len(alice.GetOpenedVideoIDs("")) == 2 })
	assert.True(t, alice.GetEnableMultiVideo(""))
	eventually(t, "bob knows", func() bool { return bob.GetEnableMultiVideo("alice") })
	requireCameras(t, bob, alice, ids...)
	require.NoError(t, bob.CloseVideo(testContext(t), "alice"))
	eventually(t, "all are closed", func() bool { return alice.GetVideoStatus("") == crvideo.StatusClosed })
	require.NoError(t, bob.OpenVideo(testContext(t), "alice"))
	eventually(t, "all are open again", func() bool { return len(alice.GetOpenedVideoIDs("")) == 2 })
	requireCameras(t, bob, alice, ids...)
	require.NoError(t, bob.SetEnableMultiVideo(testContext(t), "alice", false))
	eventually(t, "the default one stays", func() bool { return len(alice.GetOpenedVideoIDs("")) == 1 })
	requireCameras(t, bob, alice, ids[0])
	assert.ErrorIs(t, bob.SetEnableMultiVideo(testContext(t), "nobody", true), crvideo.CodeInvalidUser)
}

// New settings hold for all cameras that are open, or for none.
func TestSettingsOfSeveralCameras(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ids := addCameras(t, alice, 2)
	stubborn, err := alice.AddCamera(testContext(t), "stubborn", func(ctx context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		if f.Height > 160 {
			return nil, errors.New("too large for me")
		}
		return numbered(1052)(ctx, f)
	})
	require.NoError(t, err)
	require.NoError(t, alice.SetEnableMultiVideo(testContext(t), "", true))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	requireCameras(t, bob, alice, ids[0], ids[1], stubborn)
	large := crvideo.VideoCfg{Size: 9, FPS: 15}
	require.ErrorIs(t, alice.SetVideoCfg(testContext(t), large), crvideo.CodeDeviceFailed)
	assert.Equal(t, smallVideo.Size, alice.GetVideoCfg().Size)
	require.NoError(t, alice.RemoveCamera(testContext(t), stubborn))
	require.NoError(t, alice.SetVideoCfg(testContext(t), large))
	for _, id := range ids {
		v, err := bob.Video("alice", id)
		require.NoError(t, err)
		for height := 0; height != 256; {
			f, err := v.ReadFrame(testContext(t))
			require.NoError(t, err)
			height = f.Image.Rect.Dy()
		}
		require.NoError(t, v.Close())
	}
	requireCameras(t, bob, alice, ids...)
}

// One of several that is unplugged closes alone; when the last one goes, the next that there is takes over.
func TestUnpluggedAmongSeveral(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ids := addCameras(t, alice, 1)
	a, b := crvideo.FakeDevice{Name: "a", Open: numbered(1002)}, crvideo.FakeDevice{Name: "b", Open: numbered(1003)}
	crvideo.Plug(alice, []crvideo.FakeDevice{a, b}, nil)
	require.NoError(t, alice.SetEnableMultiVideo(testContext(t), "", true))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	requireCameras(t, bob, alice, 2, 3, ids[0])
	require.NoError(t, alice.CloseCamera(testContext(t), ids[0]))
	crvideo.Plug(alice, []crvideo.FakeDevice{b}, nil)
	requireCameras(t, bob, alice, 3)
	crvideo.Plug(alice, nil, nil)
	eventually(t, "the next one", func() bool { return assert.ObjectsAreEqual(ids, alice.GetOpenedVideoIDs("")) })
	requireCameras(t, bob, alice, ids...)
	crvideo.Plug(alice, []crvideo.FakeDevice{a, b}, nil)
	requireCameras(t, bob, alice, append([]int{2}, ids...)...) // the default camera again, and no other unasked
}

// A server that forgets everything: all cameras are there again, and nobody is told of anything.
func TestSeveralCamerasAfterARestart(t *testing.T) {
	for name, restart := range map[string]func(*crvideotest.Network, time.Duration){
		"with memory": (*crvideotest.Network).Restart, "without": (*crvideotest.Network).RestartFresh,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, alice, bob := hurtPair(t)
			ids := addCameras(t, alice, 5)
			require.NoError(t, alice.SetEnableMultiVideo(testContext(t), "", true))
			require.NoError(t, alice.OpenVideo(testContext(t), ""))
			require.NoError(t, alice.CloseCamera(testContext(t), ids[1])) // a gap among the places
			open := append([]int{ids[0]}, ids[2:]...)
			requireCameras(t, bob, alice, open...)
			atAlice, atBob := record(t, alice), record(t, bob)
			restart(n, 300*time.Millisecond)
			requireCameras(t, bob, alice, open...)
			requireNoEvents(t, atAlice)
			requireNoEvents(t, atBob)
			require.NoError(t, alice.OpenCamera(testContext(t), ids[1]))
			requireCameras(t, bob, alice, ids...)
			assert.True(t, bob.GetEnableMultiVideo("alice"))
		})
	}
}

func TestMirrorOfSeveralCameras(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice")
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}))
	ended := crvideo.Default().Done()
	t.Cleanup(func() { crvideo.Uninit(); <-ended })
	c := crvideo.Default()
	ids := addCameras(t, c, 2)
	require.NoError(t, crvideo.SetVideoCfg(smallVideo))
	require.NoError(t, c.Login(testContext(t), loginParams("bob")))
	require.NoError(t, c.EnterMeeting(testContext(t), room.ID))
	crvideo.OpenVideo("")
	require.NoError(t, crvideo.SetEnableMultiVideo("bob", true))
	assert.True(t, crvideo.GetEnableMultiVideo("bob"))
	eventually(t, "both", func() bool { return assert.ObjectsAreEqual(ids, crvideo.GetOpenedVideoIDs("")) })
	requireCameras(t, alice, c, ids...)
	crvideo.CloseVideo("")
	assert.Empty(t, crvideo.GetOpenedVideoIDs(""))
	assert.Equal(t, crvideo.StatusClosed, crvideo.GetVideoStatus(""))
}
