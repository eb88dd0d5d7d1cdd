package crvideo_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/server"
)

// What must hold in every test, whatever it does to the network, is checked here for all tests that have a server: no
// test has a line of its own for it. Of each client (newClient, params.watched): its events are in order and none comes
// after Done, calls that are under way all the time end once with their cookies, nothing is left of it. Of the test: no
// goroutine is left, no secret was on the wire where it must not be, none and no cookie was in a log.
//
// Goroutines are told apart by a profiler label, which those that are started inherit: so a test is not blamed for
// others that run at the same time. Timers run on goroutines without it; what they are of is checked by LeftOf.

// appSecret is the secret of the app in tests; not the demo's, which is a word that is everywhere.
const appSecret = "secret-of-the-tests-app"

var testApps = []server.App{{ID: crvideotest.AppID, Secret: appSecret}}

// watch is what is known of one test.
type watch struct {
	t        testing.TB
	logs     *transcript
	secrets  *secrets
	patience time.Duration // with goroutines that are on their way out

	lean atomic.Bool // keep no more of what passes and is logged

	mu       sync.Mutex
	wires    []*tappedConn
	relays   map[*crvideotest.Network]bool
	messages []message // of connections that cannot be tapped at their end
}

var (
	watchMu sync.Mutex
	watches = map[any]*watch{} // by test, and by server
	labels  atomic.Int64
)

// watching begins to watch a test; the second time it gives what it gave the first time.
func watching(t testing.TB) *watch {
	watchMu.Lock()
	defer watchMu.Unlock()
	if w := watches[t]; w != nil {
		return w
	}
	w := &watch{t: t, logs: &transcript{}, secrets: newSecrets(), patience: 10 * time.Second, relays: map[*crvideotest.Network]bool{}}
	watches[t] = w
	label := fmt.Sprint(t.Name(), " ", labels.Add(1))
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(testLabel, label)))
	t.Cleanup(func() { // first registered, so last called
		watchMu.Lock()
		for key, other := range watches {
			if other == w {
				delete(watches, key)
			}
		}
		watchMu.Unlock()
		if left := goroutinesLeft(label, w.patience); left != "" {
			t.Errorf("goroutines of this test are left:\n%s", left)
		}
		w.check(t)
	})
	return w
}

// watchOf gives what watches the clients of a server.
func watchOf(t testing.TB, srv *crvideotest.Server) *watch {
	watchMu.Lock()
	w := watches[srv]
	watchMu.Unlock()
	if w == nil {
		return watching(t)
	}
	return w
}

// newServer is a server that is watched.
func newServer(t testing.TB, changes ...func(*server.Config)) *crvideotest.Server {
	t.Helper()
	apps := func(cfg *server.Config) { cfg.Apps = testApps }
	if _, bench := t.(*testing.B); bench {
		return crvideotest.NewServer(t, append([]func(*server.Config){apps}, changes...)...)
	}
	w := watching(t)
	logs := func(cfg *server.Config) { cfg.Logger = w.logger("server") }
	srv := crvideotest.NewServer(t, append([]func(*server.Config){apps, logs}, changes...)...)
	watchMu.Lock()
	defer watchMu.Unlock()
	watches[srv] = w
	return srv
}

// newScript is a scripted server that is watched.
func newScript(t testing.TB) *mocksignal.Server {
	watching(t)
	return mocksignal.New(t)
}

// measure lets a test measure memory: what the watch keeps must not be in it.
func (w *watch) measure() { w.lean.Store(true); w.logs.lean.Store(true) }

// logger writes all down, and warnings into the test's log, too.
func (w *watch) logger(who string) *slog.Logger {
	return slog.New(slog.NewMultiHandler(
		slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}),
		slog.NewTextHandler(testLog{w.t, who}, &slog.HandlerOptions{Level: slog.LevelWarn}),
	))
}

type testLog struct {
	t   testing.TB
	who string
}

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s: %s", l.who, bytes.TrimSpace(p))
	return len(p), nil
}

// params are those of a client with its log and its connections watched.
func (w *watch) params(p crvideo.SDKParams) (crvideo.SDKParams, *dialled) {
	if p.Logger == nil {
		p.Logger = w.logger("client")
	}
	d := &dialled{watch: w, dial: p.NetDial}
	if d.dial == nil {
		d.dial = (&net.Dialer{}).DialContext
	}
	p.NetDial = d.netDial
	return p, d
}

// initialise is Init with the default client watched. It ends with Uninit, which the test sees to.
func initialise(t testing.TB, p crvideo.SDKParams) error {
	p, _ = watching(t).params(p)
	return crvideo.Init(p)
}

// newWatched is a client that is watched from its beginning to its end, which comes with the test's at the latest.
func newWatched(t testing.TB, w *watch, p crvideo.SDKParams) *crvideo.Client {
	return newWatchedPaced(t, w, p, callPace)
}

// newQuiet is a client that is watched and makes no calls of its own: for a server that is told what to answer.
func newQuiet(t testing.TB, p crvideo.SDKParams) *crvideo.Client {
	return newWatchedPaced(t, watching(t), p, 24*time.Hour)
}

func newWatchedPaced(t testing.TB, w *watch, p crvideo.SDKParams, pace time.Duration) *crvideo.Client {
	p, connections := w.params(p)
	c, err := crvideo.New(p)
	require.NoError(t, err)
	events, calls := watchEvents(c), watchCalls(c, pace)
	t.Cleanup(func() {
		calls.stop()
		require.NoError(t, c.Close())
		select {
		case <-c.Done():
		case <-time.After(bound):
			t.Error("client did not end")
			return
		}
		calls.requireEnded(t)
		events.requireEnded(t)
		for _, what := range crvideo.LeftOf(c) {
			t.Errorf("left of a client after Done: %s", what)
		}
		if n := connections.open(); n > 0 {
			t.Errorf("left of a client after Done: %d connections", n)
		}
	})
	return c
}

const testLabel = "crvideo-test"

// goroutinesLeft waits until no goroutine with a label is left but those that run tests; it gives the others' stacks.
func goroutinesLeft(label string, patience time.Duration) (stacks string) {
	for deadline := time.Now().Add(patience); ; {
		stacks = labelled(label)
		if stacks == "" || time.Now().After(deadline) {
			return stacks
		}
		timer := time.NewTimer(20 * time.Millisecond)
		<-timer.C
	}
}

func labelled(label string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	var left []string
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, fmt.Sprintf("%q:%q", testLabel, label)) && !strings.Contains(stack, "testing.tRunner") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}
