package crvideo_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// atOnce is how many of the tests that mostly wait run at the same time, on a machine of few cores, too.
const atOnce = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(atOnce); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if n := openSockets(); n > 0 && code == 0 {
			fmt.Fprintf(os.Stderr, "%d sockets are open after the last test\n", n)
			code = 1
		}
		os.Exit(code)
	}))
}

// bound is far more than anything here takes; it only ends a test that would hang.
const bound = 30 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	return ctx
}

// smallVideo keeps tests with many members light.
var smallVideo = crvideo.VideoCfg{Size: 7, FPS: 15}

// newClient makes a client of srv that may use the synthetic devices.
func newClient(t testing.TB, srv *crvideotest.Server, changes ...func(*crvideo.SDKParams)) *crvideo.Client {
	params := crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}
	for _, change := range changes {
		change(&params)
	}
	c := newWatched(t, watchOf(t, srv), params)
	require.NoError(t, c.SetVideoCfg(testContext(t), smallVideo))
	return c
}

func loginParams(uid string) crvideo.LoginParams {
	return crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(appSecret), UID: uid, Nickname: "nick of " + uid}
}

// loggedIn is a client that has logged in.
func loggedIn(t testing.TB, srv *crvideotest.Server, uid string, changes ...func(*crvideo.SDKParams)) *crvideo.Client {
	c := newClient(t, srv, changes...)
	require.NoError(t, c.Login(testContext(t), loginParams(uid)))
	return c
}

// newRoom creates a room.
func newRoom(t testing.TB, c *crvideo.Client) crvideo.MeetInfo {
	room, err := c.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	return room
}

// entered is a client in a room.
func entered(t testing.TB, srv *crvideotest.Server, uid string, meetID int64, changes ...func(*crvideo.SDKParams)) *crvideo.Client {
	c := loggedIn(t, srv, uid, changes...)
	require.NoError(t, c.EnterMeeting(testContext(t), meetID))
	return c
}

// pair is a room with two members who know of each other.
func pair(t testing.TB, srv *crvideotest.Server) (alice, bob *crvideo.Client) {
	alice = loggedIn(t, srv, "alice")
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	bob = entered(t, srv, "bob", room.ID)
	eventually(t, "bob at alice", func() bool { return alice.IsUserInMeeting("bob") }) // so the events of his coming are past
	require.Len(t, bob.GetAllMembers(), 2)                                             // as are those of his own
	return alice, bob
}

// recorder keeps every event of a client, for tests that wait for some of them.
type recorder struct {
	mu     sync.Mutex
	events []crvideo.Event
	ended  bool
	change chan struct{}
}

func record(t testing.TB, c *crvideo.Client) *recorder {
	r := &recorder{change: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	seq := c.Events(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for e := range seq {
			r.update(func() { r.events = append(r.events, e) })
		}
		r.update(func() { r.ended = true })
	})
	t.Cleanup(func() { cancel(); wg.Wait(); requireOrder(t, r.all()) })
	return r
}

func (r *recorder) update(fn func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn()
	close(r.change)
	r.change = make(chan struct{})
}

func (r *recorder) all() []crvideo.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]crvideo.Event(nil), r.events...)
}

// waitFor waits for the event want to have happened since the recorder began.
func (r *recorder) waitFor(t testing.TB, want crvideo.Event) {
	t.Helper()
	waitEvent(t, r, fmt.Sprintf("%T%+v", want, want), func(e crvideo.Event) bool { return reflect.DeepEqual(e, want) })
}

// waitEvent waits for an event of type E that fits.
func waitEvent[E crvideo.Event](t testing.TB, r *recorder, what string, fits func(E) bool) E {
	t.Helper()
	deadline := time.After(bound)
	for {
		r.mu.Lock()
		for _, e := range r.events {
			if typed, ok := e.(E); ok && fits(typed) {
				r.mu.Unlock()
				return typed
			}
		}
		change := r.change
		r.mu.Unlock()
		select {
		case <-change:
		case <-deadline:
			t.Fatalf("no event %s; there were: %+v", what, r.all())
		}
	}
}

// eventually waits for a state that no event tells of.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, bound, 5*time.Millisecond, what)
}
