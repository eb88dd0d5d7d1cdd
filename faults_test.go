package crvideo_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

const (
	toServer = crvideotest.ToServer
	toClient = crvideotest.ToClient
	bothWays = crvideotest.BothWays
)

// hurtPair is a room of alice and bob behind a network that can be hurt.
func hurtPair(t *testing.T) (n *crvideotest.Network, alice, bob *crvideo.Client) {
	_, n, alice, bob = hurtPairOn(t)
	return n, alice, bob
}

func hurtPairOn(t *testing.T) (srv *crvideotest.Server, n *crvideotest.Network, alice, bob *crvideo.Client) {
	srv = newServer(t)
	n = srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() }
	alice = loggedIn(t, srv, "alice", through)
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	bob = entered(t, srv, "bob", room.ID, through)
	eventually(t, "bob at alice", func() bool { return alice.IsUserInMeeting("bob") })
	return srv, n, alice, bob
}

// resumed watches for the client of uid to have come back.
func resumed(n *crvideotest.Network, uid string) *crvideotest.Rule {
	return n.WatchMessage(crvideotest.Method(toClient, "resume").Of(uid))
}

func wait(t *testing.T, what string, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(bound):
		t.Fatal(what + " did not happen")
	}
}

// renames changes alice's name some times.
func renames(t *testing.T, alice *crvideo.Client, names ...string) {
	t.Helper()
	for _, name := range names {
		require.NoError(t, alice.SetNickName(testContext(t), "alice", name))
	}
}

// requireNames wants bob to have seen alice's names in order and once each, and still to be logged in.
func requireNames(t *testing.T, seen *recorder, names ...string) {
	t.Helper()
	waitEvent(t, seen, "the last name", func(e crvideo.NotifyNickNameChanged) bool { return e.NewName == names[len(names)-1] })
	var got []string
	for _, e := range seen.all() {
		switch e := e.(type) {
		case crvideo.NotifyNickNameChanged:
			got = append(got, e.NewName)
		case crvideo.LineOff:
			t.Fatalf("logged out: %+v", e)
		}
	}
	assert.Equal(t, names, got)
}

func TestCutAnswersRequestInFlightOnce(t *testing.T) {
	for name, d := range map[string]crvideotest.Direction{"request lost": toServer, "answer lost": toClient} {
		t.Run(name, func(t *testing.T) {
			n, alice, _ := hurtPair(t)
			back := resumed(n, "alice")
			var answers []string
			create := crvideotest.Method(d, "createMeeting").Nth(1)
			n.CutAtMessage(func(m crvideotest.Message) bool {
				if m.Direction == toClient && m.Method == "createMeeting" {
					answers = append(answers, string(m.Text))
				}
				return create(m)
			})
			room := newRoom(t, alice)
			assert.Equal(t, 1, back.Count())
			require.NotEmpty(t, answers)
			for _, a := range answers { // the second time it is the same answer, not another room
				assert.Contains(t, a, fmt.Sprint(room.ID))
			}
		})
	}
}

func TestCutReplaysMissedNotificationsInOrder(t *testing.T) {
	n, alice, bob := hurtPair(t)
	seen, back := record(t, bob), resumed(n, "bob")
	n.RefuseConnections(true)
	require.Equal(t, 1, n.Cut("bob"))
	renames(t, alice, "a1", "a2", "a3", "a4", "a5")
	assert.Zero(t, back.Count())
	n.RefuseConnections(false)
	requireNames(t, seen, "a1", "a2", "a3", "a4", "a5")
	wait(t, "resume", back.Hit())
}

func TestHalfOpenIsNoticed(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	seen, back := record(t, bob), resumed(n, "bob")
	require.Equal(t, 1, n.HalfOpen("bob"))
	start := time.Now()
	renames(t, alice, "a1", "a2")
	wait(t, "resume", back.Hit())
	assert.Less(t, time.Since(start), 10*time.Second, "5 s of silence and one resume")
	requireNames(t, seen, "a1", "a2")
}

func TestLoginDNSFailure(t *testing.T) {
	noDNS := errors.New("no name server")
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, noDNS }}
	c := newClient(t, newServer(t), func(p *crvideo.SDKParams) {
		p.ServerAddr, p.NetDial = "ws://meet.example.invalid", (&net.Dialer{Resolver: resolver}).DialContext
	})
	err := c.Login(testContext(t), loginParams("alice"))
	require.ErrorIs(t, err, crvideo.CodeConnectFailed)
	var failure *net.DNSError
	require.ErrorAs(t, err, &failure)
}

// hurtLogin is a login through the network in the background.
func hurtLogin(t *testing.T, n *crvideotest.Network, ctx context.Context) <-chan error { //nolint:revive // ctx is one of many
	watching(t).relay(n)
	c := newWatched(t, watching(t), crvideo.SDKParams{ServerAddr: n.SecureURL(), TLSConfig: n.TLSConfig(), Timeout: 10 * time.Second})
	done := make(chan error, 1)
	go func() { done <- c.Login(ctx, loginParams("alice")) }()
	return done
}

func TestLoginRefused(t *testing.T) {
	n := newServer(t).Network()
	n.RefuseConnections(true)
	require.ErrorIs(t, <-hurtLogin(t, n, testContext(t)), crvideo.CodeConnectFailed)
	n.RefuseConnections(false)
	codes := map[int]crvideo.Code{401: crvideo.CodeAuthFailed, 403: crvideo.CodeAuthFailed, 429: crvideo.CodeTooFast, 503: crvideo.CodeServiceFailure}
	for status, code := range codes {
		n.RefuseUpgrades(status)
		require.ErrorIs(t, <-hurtLogin(t, n, testContext(t)), code, status)
	}
	n.RefuseUpgrades(0)
	require.NoError(t, <-hurtLogin(t, n, testContext(t)))
}

func TestLoginStalled(t *testing.T) {
	stages := map[string]crvideotest.Stage{
		"before accept": crvideotest.BeforeAccept, "before TLS": crvideotest.BeforeTLS,
		"after TLS": crvideotest.AfterTLS, "after upgrade": crvideotest.AfterUpgrade,
	}
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newServer(t).Network()
			n.StallAt(stage)
			ctx, cancel := context.WithTimeout(testContext(t), 200*time.Millisecond)
			defer cancel()
			start := time.Now()
			forGood, soon := hurtLogin(t, n, testContext(t)), <-hurtLogin(t, n, ctx)
			require.ErrorIs(t, soon, context.DeadlineExceeded)
			require.ErrorIs(t, <-forGood, crvideo.CodeTimeout)
			assert.GreaterOrEqual(t, time.Since(start), 10*time.Second)
			later := hurtLogin(t, n, testContext(t))
			n.StallAt(crvideotest.Nowhere)
			require.NoError(t, <-later)
		})
	}
}

// Who is refused when it comes back tries again where that may help, and nothing is lost; else it says so at once.
func TestResumeRefused(t *testing.T) {
	for status, final := range map[int]bool{401: true, 403: true, 429: false, 503: false} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			n, alice, bob := hurtPair(t)
			openBoth(t, bob)
			seen, back := record(t, bob), resumed(n, "bob")
			n.RefuseUpgrades(status)
			require.Equal(t, 1, n.Cut("bob"))
			if final {
				seen.waitFor(t, crvideo.LineOff{Code: crvideo.CodeSocket})
				assert.Empty(t, bob.UID())
				assert.Empty(t, bob.GetAllMembers())
				n.RefuseUpgrades(0)
				require.NoError(t, bob.Login(testContext(t), loginParams("bob")), "it is the application's turn")
				assert.Zero(t, back.Count())
				return
			}
			renames(t, alice, "a1")
			created := inBackground(func() error { _, err := bob.CreateMeeting(testContext(t), crvideo.CreateParams{}); return err })
			require.NoError(t, requireHears(testContext(t), alice, "bob"), "media goes on")
			assert.Zero(t, back.Count())
			n.RefuseUpgrades(0)
			require.NoError(t, receive(t, created))
			requireNames(t, seen, "a1")
			assert.Equal(t, 1, back.Count())
			requireCallOneWay(t, alice, "bob")
		})
	}
}

// The same when the server was restarted meanwhile and has forgotten everybody.
func TestReturnToARestartedServerRefused(t *testing.T) {
	for _, status := range []int{429, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			n, alice, bob := hurtPair(t)
			openBoth(t, bob)
			requireCallOneWay(t, alice, "bob")
			atAlice, atBob := record(t, alice), record(t, bob)
			n.RefuseUpgrades(status)
			n.RestartFresh(0)
			opened := inBackground(func() error { return alice.OpenMic(testContext(t), "") })
			eventually(t, "opening", func() bool { return alice.GetAudioStatus("") == crvideo.StatusOpening })
			n.RefuseUpgrades(0)
			require.NoError(t, receive(t, opened))
			requireCallOneWay(t, alice, "bob")
			require.NoError(t, requireHears(testContext(t), bob, "alice"))
			for _, e := range append(atAlice.all(), atBob.all()...) {
				switch e.(type) {
				case crvideo.LineOff, crvideo.MeetingDropped, crvideo.UserLeftMeeting, crvideo.UserEnterMeeting:
					t.Errorf("%T%+v", e, e)
				}
			}
		})
	}
}

// An answer that comes after its request was given up hurts nobody.
func TestLateAnswers(t *testing.T) {
	n, alice, bob := hurtPair(t)
	seen, back := record(t, bob), resumed(n, "bob")
	late := n.HoldMessage(crvideotest.Method(toClient, "createMeeting").Of("bob").Nth(1))
	ctx, giveUp := context.WithCancel(testContext(t))
	go func() { <-late.Hit(); giveUp() }()
	_, err := bob.CreateMeeting(ctx, crvideo.CreateParams{})
	require.ErrorIs(t, err, context.Canceled)
	renames(t, alice, "a1")
	late.Release()
	newRoom(t, bob)
	renames(t, alice, "a2")
	requireNames(t, seen, "a1", "a2")
	assert.Zero(t, back.Count())
}

// What the server must not send costs one connection at most; nothing is lost or seen twice.
func TestBadMessagesFromServer(t *testing.T) {
	renamed := crvideotest.Method(toClient, "nicknameChanged").Of("bob")
	faults := map[string]struct {
		hurt    func(*crvideotest.Network)
		resumes bool
		names   []string
	}{
		"invalid":          {func(n *crvideotest.Network) { n.Inject(toClient, "bob", "nonsense") }, true, nil},
		"binary":           {func(n *crvideotest.Network) { n.InjectBinary(toClient, "bob", []byte{1}) }, true, nil},
		"oversized":        {func(n *crvideotest.Network) { n.Inject(toClient, "bob", strings.Repeat("x", 300<<10)) }, true, nil},
		"answer to nobody": {func(n *crvideotest.Network) { n.Inject(toClient, "bob", `{"jsonrpc":"2.0","id":999999,"result":{}}`) }, true, nil},
		"corrupt":          {func(n *crvideotest.Network) { n.CorruptMessage(renamed.Nth(2)) }, true, nil},
		"lost":             {func(n *crvideotest.Network) { n.DropMessage(renamed.Nth(2)) }, true, nil},
		"reset in frame":   {func(n *crvideotest.Network) { n.CutInMessage(renamed.Nth(2)) }, true, nil},
		"duplicate":        {func(n *crvideotest.Network) { n.DuplicateMessage(renamed) }, false, nil},
		"unknown": {func(n *crvideotest.Network) {
			n.AlterMessage(renamed.Nth(2), func(m crvideotest.Message) [][]byte {
				return [][]byte{[]byte(strings.Replace(string(m.Text), "nicknameChanged", "moodChanged", 1))}
			})
		}, false, []string{"a1", "a3"}},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			n, alice, bob := hurtPair(t)
			seen, back := record(t, bob), resumed(n, "bob")
			fault.hurt(n)
			renames(t, alice, "a1", "a2", "a3")
			if fault.resumes {
				wait(t, "resume", back.Hit())
			}
			if fault.names == nil {
				fault.names = []string{"a1", "a2", "a3"}
			}
			requireNames(t, seen, fault.names...)
			assert.Equal(t, fault.resumes, back.Count() == 1)
		})
	}
}
