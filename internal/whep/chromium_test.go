//go:build browser

package whep

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

const browserPatience = 30 * time.Second

// tab is a page in a headless Chromium, driven by the DevTools protocol.
type tab struct {
	conn *websocket.Conn
	last int
}

// openTab starts a browser of its own and opens url in it.
func openTab(t *testing.T, url string) *tab {
	t.Helper()
	browser := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", "--user-data-dir="+t.TempDir(), "about:blank")
	stderr, err := browser.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, browser.Start(), "Debian's package chromium has it")
	ended := make(chan struct{})
	address := make(chan string, 1)
	go func() {
		defer close(ended)
		found := regexp.MustCompile(`^DevTools listening on ws://([^/]+)/`)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if m := found.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
	}()
	t.Cleanup(func() {
		_ = browser.Process.Kill()
		<-ended
		_ = browser.Wait()
	})
	var devtools string
	select {
	case devtools = <-address:
	case <-time.After(browserPatience):
		require.Fail(t, "the browser does not start")
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+devtools+"/json/new", nil)
	require.NoError(t, err)
	reply := do(t, r)
	require.Equal(t, http.StatusOK, reply.status, reply.body)
	var target struct{ WebSocketDebuggerURL string }
	require.NoError(t, json.Unmarshal([]byte(reply.body), &target))
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), target.WebSocketDebuggerURL, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	b := &tab{conn: conn}
	b.call(t, "Page.enable", nil, nil)
	b.call(t, "Page.navigate", map[string]any{"url": url}, nil)
	b.read(t, func(m *devtoolsMessage) bool { return m.Method == "Page.loadEventFired" })
	return b
}

// devtoolsMessage is an answer or an event.
type devtoolsMessage struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  json.RawMessage
}

// read reads messages until the one that is wanted.
func (b *tab) read(t *testing.T, wanted func(*devtoolsMessage) bool) *devtoolsMessage {
	t.Helper()
	require.NoError(t, b.conn.SetReadDeadline(time.Now().Add(browserPatience)))
	for {
		var m devtoolsMessage
		require.NoError(t, b.conn.ReadJSON(&m))
		if wanted(&m) {
			return &m
		}
	}
}

// call calls a method of the DevTools protocol.
func (b *tab) call(t *testing.T, method string, params, result any) {
	t.Helper()
	b.last++
	require.NoError(t, b.conn.WriteJSON(map[string]any{"id": b.last, "method": method, "params": params}))
	answer := b.read(t, func(m *devtoolsMessage) bool { return m.ID == b.last })
	require.Empty(t, string(answer.Error), method)
	if result != nil {
		require.NoError(t, json.Unmarshal(answer.Result, result))
	}
}

// eval runs a JavaScript expression in the page, waits if it is a promise, and decodes its value into result.
func (b *tab) eval(t *testing.T, expression string, result any) {
	t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call(t, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
	}, &answer)
	require.Empty(t, string(answer.ExceptionDetails), expression)
	require.NoError(t, json.Unmarshal(answer.Result.Value, result), expression)
}

// wait waits until a JavaScript expression is true in the page.
func (b *tab) wait(t *testing.T, condition string) {
	t.Helper()
	var ok bool
	b.eval(t, fmt.Sprintf(`new Promise((done) => {
		const end = Date.now() + %d;
		const look = () => {
			if (%s) done(true);
			else if (Date.now() > end) done(false);
			else setTimeout(look, 20);
		};
		look();
	})`, (browserPatience-5*time.Second).Milliseconds(), condition), &ok)
	if !ok {
		var page string
		b.eval(t, `document.body.innerText`, &page)
		require.Fail(t, "the page never came to "+condition, "it says: %s", page)
	}
}
