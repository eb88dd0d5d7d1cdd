package crvideotest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bound is far more than anything here takes; it only ends a test that would hang.
const bound = 20 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	return ctx
}

func newClient(t testing.TB, url string, changes ...func(*crvideo.SDKParams)) *crvideo.Client {
	params := crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true}
	for _, change := range changes {
		change(&params)
	}
	c, err := crvideo.New(params)
	require.NoError(t, err)
	require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 7, FPS: 15}))
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func loginParams(uid string) crvideo.LoginParams {
	return crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: uid, Nickname: uid}
}

func loggedIn(t testing.TB, url, uid string, changes ...func(*crvideo.SDKParams)) *crvideo.Client {
	c := newClient(t, url, changes...)
	require.NoError(t, c.Login(testContext(t), loginParams(uid)))
	return c
}

// call is a room of ann and bob through the network, with ann's microphone and camera open.
func call(t testing.TB, n *crvideotest.Network) (ann, bob *crvideo.Client) {
	ctx := testContext(t)
	ann, bob = loggedIn(t, n.URL(), "ann"), loggedIn(t, n.URL(), "bob")
	room, err := ann.CreateMeeting(ctx, crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(ctx, room.ID))
	require.NoError(t, bob.EnterMeeting(ctx, room.ID))
	require.NoError(t, ann.OpenMic(ctx, ""))
	require.NoError(t, ann.OpenVideo(ctx, ""))
	return ann, bob
}

// seen reads pictures of ann at bob until fits likes one; it checks that all are hers.
func seen(t testing.TB, bob *crvideo.Client, fits func(counter uint32) bool) {
	t.Helper()
	v, err := bob.Video("ann", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { _ = v.Close() }()
	ctx := testContext(t)
	for {
		f, err := v.ReadFrame(ctx)
		require.NoError(t, err)
		member, counter, ok := crvideotest.ReadPattern(f.Image)
		require.True(t, ok, "no pattern")
		require.EqualValues(t, 1, member)
		if fits(counter) {
			return
		}
	}
}

// moving wants several different pictures.
func moving(t testing.TB, bob *crvideo.Client) {
	t.Helper()
	different := map[uint32]bool{}
	seen(t, bob, func(counter uint32) bool { different[counter] = true; return len(different) == 5 })
}

// heard wants ann's own tone at bob.
func heard(t testing.TB, bob *crvideo.Client) {
	t.Helper()
	a, err := bob.Audio("ann")
	require.NoError(t, err)
	defer func() { _ = a.Close() }()
	ctx := testContext(t)
	want := crvideotest.ToneFrequency(1)
	window := make([]int16, crvideo.PCMRate/5)
	said := ""
	for range 20 {
		for filled := 0; filled < len(window); {
			n, err := a.ReadPCM(ctx, window[filled:])
			require.NoError(t, err)
			filled += n
		}
		hz, ok := crvideotest.DetectTone(window, crvideo.PCMRate)
		if ok && hz > want-2 && hz < want+2 {
			return
		}
		said = fmt.Sprintf("%.1f Hz (%v)", hz, ok)
	}
	t.Fatalf("%s instead of %.1f Hz", said, want)
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, bound, 5*time.Millisecond, what)
}
