package crvideo_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// failing is a test whose errors are wanted.
type failing struct {
	testing.TB
	mu       sync.Mutex
	errors   []string
	cleanups []func()
}

func (f *failing) Name() string { return f.TB.Name() }
func (f *failing) Helper()      {}

func (f *failing) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }

func (f *failing) Error(args ...any) { f.Errorf("%s", fmt.Sprint(args...)) }

func (f *failing) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

// requireFound wants a test that does so to fail with nothing but what is wanted; with nothing at all if that is empty.
func requireFound(t *testing.T, want string, test func(testing.TB)) {
	t.Helper()
	f := &failing{TB: t}
	test(f)
	for _, cleanup := range slices.Backward(f.cleanups) {
		cleanup()
	}
	if want == "" {
		require.Empty(t, f.errors)
		return
	}
	require.NotEmpty(t, f.errors, "nothing was found")
	for _, found := range f.errors {
		assert.Contains(t, found, want)
	}
}

// What is checked in every test would be found.
func TestWatchFinds(t *testing.T) {
	login := func(p crvideo.LoginParams) func(testing.TB) {
		return func(tb testing.TB) { _ = newClient(tb, newServer(tb)).Login(testContext(t), p) }
	}
	secretAsName, cookieAsName := loginParams("alice"), loginParams("alice")
	secretAsName.Nickname, cookieAsName.Nickname = crvideo.MD5(appSecret), cookieMark+"-1"
	for name, one := range map[string]struct {
		want string
		test func(testing.TB)
	}{
		"nothing":                   {"", login(loginParams("alice"))},
		"a secret in another field": {"the md5 of the app's secret, in > login", login(secretAsName)},
		"a cookie on the wire":      {"a cookie, in > login", login(cookieAsName)},
		"a token sent as a name": {"params.token", func(tb testing.TB) {
			srv := newServer(tb)
			token := mint(t, "alice", time.Hour)[:120] // as long as a name may be
			c := newClient(tb, srv)
			_ = c.Login(testContext(t), crvideo.LoginParams{Token: token, UID: "alice", Nickname: "a"})
			_ = c.Login(testContext(t), crvideo.LoginParams{AppID: "x", AppSecret: "y", UID: "alice", Nickname: token})
		}},
		"a room's password in a message": {"result.password", func(tb testing.TB) {
			c := loggedIn(tb, newServer(tb), "alice")
			room, err := c.CreateMeeting(testContext(t), crvideo.CreateParams{NeedPassword: true})
			require.NoError(t, err)
			require.NoError(t, c.EnterMeeting(testContext(t), room.ID, crvideo.WithPassword(room.Password)))
			require.NoError(t, c.SendMeetingCustomMsg(testContext(t), room.Password))
		}},
		"a secret through a relay": {"the app's secret, in > login", func(tb testing.TB) {
			n := newServer(tb).Network()
			watching(tb).relay(n)
			c := newWatched(tb, watching(tb), crvideo.SDKParams{ServerAddr: n.SecureURL(), TLSConfig: n.TLSConfig()})
			p := loginParams("alice")
			p.Nickname = appSecret
			require.NoError(t, c.Login(testContext(t), p))
		}},
		"a secret in a log": {"in a log: the app's secret", func(tb testing.TB) {
			watching(tb).logger("x").Debug("login", "secret", appSecret)
		}},
		"a cookie in a log": {"in a log: a cookie", func(tb testing.TB) {
			loggedIn(tb, newServer(tb), "alice", func(p *crvideo.SDKParams) { p.Logger = watching(tb).logger("c") }).WriteLog(cookieMark)
		}},
		"a goroutine": {"goroutines of this test are left", func(tb testing.TB) {
			watching(tb).patience = 0
			end := make(chan struct{})
			t.Cleanup(func() { close(end) })
			go func() { <-end }()
		}},
	} {
		t.Run(name, func(t *testing.T) { requireFound(t, one.want, one.test) })
	}
}

// frameOf is a text as a client sends it, or as a server does.
func frameOf(text string, mask []byte) []byte {
	frame := []byte{0x81, 126}
	frame = binary.BigEndian.AppendUint16(frame, uint16(len(text)))
	if mask == nil {
		return append(frame, text...)
	}
	frame[1] |= 0x80
	frame = append(frame, mask...)
	for i := range len(text) {
		frame = append(frame, text[i]^mask[i&3])
	}
	return frame
}

// Each kind of secret is learnt where it travels, and found where it must not be.
func TestWatchReadsTheWire(t *testing.T) {
	const password = "493817"
	key, ticket := strings.Repeat("k", 64), "dGlja2V0.c2lnbmF0dXJl"
	requests := []string{
		`{"jsonrpc":"2.0","id":1,"method":"login","params":{"secretMD5":"` + crvideo.MD5(appSecret) + `"}}`,
		`{"jsonrpc":"2.0","id":2,"method":"createMeeting","params":{}}`,
		`{"jsonrpc":"2.0","id":3,"method":"enterMeeting","params":{"meetID":12345678,"password":"` + password + `"}}`,
		`{"jsonrpc":"2.0","id":4,"method":"resume","params":{"key":"` + key + `"}}`,
	}
	answers := []string{
		`{"jsonrpc":"2.0","id":1,"result":{"session":"s","key":"` + key + `"}}`,
		`{"jsonrpc":"2.0","id":2,"result":{"id":12345678,"password":"` + password + `"}}`,
		`{"jsonrpc":"2.0","id":3,"result":{"num":493817,"ticket":"` + ticket + `"}}`,
	}
	conn := func(more string) *tappedConn {
		c := &tappedConn{
			toServer: []byte("GET /signal HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
			toClient: []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
		}
		for _, text := range requests {
			c.toServer = append(c.toServer, frameOf(text, []byte{1, 2, 3, 4})...)
		}
		for _, text := range append(slices.Clone(answers), more) {
			c.toClient = append(c.toClient, frameOf(text, nil)...)
		}
		c.toClient = append(c.toClient, frameOf(key, nil)[:20]...) // cut off: no message
		return c
	}
	requireFound(t, "", func(tb testing.TB) { watching(tb).wires = []*tappedConn{conn("{}")} })
	for what, text := range map[string]string{
		"params.key": key, "result.ticket": ticket, "result.password": password, "md5": crvideo.MD5(appSecret), "the app's secret": appSecret,
		"a cookie": cookieMark + "-7",
	} {
		t.Run(what, func(t *testing.T) {
			requireFound(t, what, func(tb testing.TB) {
				watching(tb).wires = []*tappedConn{conn(`{"jsonrpc":"2.0","method":"roomMsg","seq":1,"params":{"text":"` + text + `"}}`)}
			})
			requireFound(t, what, func(tb testing.TB) {
				watching(tb).wires = []*tappedConn{conn("{}")}
				watching(tb).logger("x").Debug("all", "value", text)
			})
		})
	}
}

// Calls that do not end once, events out of order or after Done, and what is left of a client are found.
func TestWatchFindsWhatIsWrongWithAClient(t *testing.T) {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "127.0.0.1:1"})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"its life", "the timer that looks for devices"}, crvideo.LeftOf(c))
	events, calls := watchEvents(c), watchCalls(c, time.Hour)
	calls.stop()
	events.event(crvideo.UserEnterMeeting{UID: "bob"})
	events.event(crvideo.UserEnterMeeting{UID: "bob"})
	events.handled("LineOff") // not yet done
	for range 3 {
		calls.ask()
	}
	require.NoError(t, c.Close())
	receive(t, c.Done())
	events.handled("LineOff")
	calls.answered(cookieMark+"-1", nil) // once more, and after Done
	calls.mu.Lock()
	calls.asked++ // which never ends
	calls.mu.Unlock()

	f := &failing{TB: t}
	events.requireEnded(f)
	calls.requireEnded(f)
	assert.Equal(t, []string{
		"event 2, crvideo.UserEnterMeeting{UID:bob}: entered twice", "LineOff came after Done",
		"the end of " + cookieMark + "-1 came after Done: <nil>", cookieMark + "-1 came back 2 times", cookieMark + "-4 came back 0 times",
	}, f.errors)
	assert.Empty(t, crvideo.LeftOf(c))
}

// A connection of a client that stays open is found.
func TestWatchFindsAnOpenConnection(t *testing.T) {
	w := watching(t)
	p, connections := w.params(crvideo.SDKParams{ServerAddr: newServer(t).URL()})
	before := openSockets()
	conn, err := p.NetDial(testContext(t), "tcp", strings.TrimPrefix(strings.TrimSuffix(p.ServerAddr, "/signal"), "ws://"))
	require.NoError(t, err)
	assert.Equal(t, 1, connections.open())
	if runtime.GOOS == "linux" {
		assert.Greater(t, openSockets(), before)
	}
	require.NoError(t, conn.Close())
	assert.Zero(t, connections.open())
}
