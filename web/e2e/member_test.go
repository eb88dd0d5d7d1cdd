//go:build browser

package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// watching makes a blank page a user by the ES module, as `sdk`, which remembers in `seen` every event of these kinds.
const watching = `import('/crvideo.mjs').then((m) => new Promise((done, failed) => {
	document.body.replaceChildren();
	window.sdk = m;
	window.seen = [];
	const [uid, addr] = %s;
	for (const [name, event] of Object.entries(m)) {
		if (/^CRVideo_\w*(Success|Fail|Rslt)$|^CRVideo_(Notify\w+|User\w+Meeting|LineOff|MeetingDropped|Qu\w+Changed|\w+AssignUser)$/.test(name) && 'callback' in event) {
			event.callback = (...args) => { seen.push([name.replace('CRVideo_', ''), ...args]); };
		}
	}
	m.CRVideo_Init().then(() => {
		m.CRVideo_SetServerAddr(addr);
		m.CRVideo_Login('demo', '%s', uid, uid, '', 'login');
		const look = () => {
			const result = seen.find(([name, ...args]) => name.startsWith('Login') && args.at(-1) === 'login');
			if (!result) setTimeout(look, 5);
			else if (result[0] === 'LoginSuccess') done();
			else failed(result);
		};
		look();
	}, failed);
})).then(() => 0)`

// scripted is a user in a page that is nothing but the SDK. addr may be that of a network that fails.
func scripted(t testing.TB, b *chromiumtest.Browser, srv *crvideotest.Server, uid, addr string) *chromiumtest.Tab {
	t.Helper()
	tab := b.Open(t, "about:blank")
	tab.Prepare(t, keepPlayers)
	tab.Navigate(t, "http://"+srv.Addr().String()+"/healthz")
	tab.Eval(t, fmt.Sprintf(watching, jsonOf(t, []string{uid, addr}), crvideo.MD5(server.DemoApp)), nil)
	return tab
}

func jsonOf(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// asks makes a call of the API, with a cookie after the arguments, and gives the name and arguments of the event that ends it.
func asks(t testing.TB, tab *chromiumtest.Tab, name string, args ...any) (event string, result []any) {
	t.Helper()
	if args == nil {
		args = []any{}
	}
	var found []any
	tab.Eval(t, fmt.Sprintf(`new Promise((done) => {
		const cookie = {mine: %q};
		sdk['CRVideo_' + %q](...%s, cookie);
		const look = () => {
			const result = seen.find((e) => e.at(-1) === cookie);
			if (result) done([result[0], ...result.slice(1, -1)]);
			else setTimeout(look, 5);
		};
		look();
	})`, name, name, jsonOf(t, args)), &found)
	return strings.TrimPrefix(found[0].(string), name), found[1:]
}

// succeeds is asks for a call that must not fail; it gives what its event tells.
func succeeds(t testing.TB, tab *chromiumtest.Tab, name string, args ...any) []any {
	t.Helper()
	event, result := asks(t, tab, name, args...)
	if strings.HasSuffix(event, "Rslt") {
		require.Equal(t, float64(0), result[0], "%s%v", name, args)
		return result[1:]
	}
	require.True(t, strings.HasSuffix(event, "Success"), "%s%v: %s%v", name, args, event, result)
	return result
}

// code is asks for a call that must fail.
func code(t testing.TB, tab *chromiumtest.Tab, name string, args ...any) crvideo.Code {
	t.Helper()
	event, result := asks(t, tab, name, args...)
	require.NotEmpty(t, result, event)
	require.NotEqual(t, "Success", event, "%s%v", name, args)
	return crvideo.Code(result[len(result)-1].(float64))
}

// told waits for the next event of a name that has not been waited for, and gives its arguments.
func told(t testing.TB, tab *chromiumtest.Tab, name string) []any {
	t.Helper()
	var args []any
	tab.Wait(t, fmt.Sprintf(`seen.some((e) => e[0] === %q)`, name))
	tab.Eval(t, fmt.Sprintf(`seen.splice(seen.findIndex((e) => e[0] === %q), 1)[0].slice(1)`, name), &args)
	return args
}

// events is how many of a name have come and were not taken by told.
func events(t testing.TB, tab *chromiumtest.Tab, name string) (n int) {
	t.Helper()
	tab.Eval(t, fmt.Sprintf(`seen.filter((e) => e[0] === %q).length`, name), &n)
	return n
}

// enters brings a scripted user into a room.
func enters(t testing.TB, tab *chromiumtest.Tab, room int64) {
	t.Helper()
	var result int
	tab.Eval(t, fmt.Sprintf(`new Promise((done) => {
		const cookie = {};
		sdk.CRVideo_EnterMeeting3(%d, cookie);
		const look = () => {
			const result = seen.find((e) => e[0] === 'EnterMeetingRslt' && e[2] === cookie);
			if (result) done(result[1]);
			else setTimeout(look, 5);
		};
		look();
	})`, room), &result)
	require.Zero(t, result)
}
