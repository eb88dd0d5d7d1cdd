package chromiumtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Tab is a page in a window of its own.
type Tab struct {
	HandsOff bool // Eval does not count as something that the page's user has done

	*session
	browser *Browser
	context string
	closed  bool
}

// Navigate loads a page and waits until it is there.
func (tab *Tab) Navigate(t testing.TB, url string) {
	t.Helper()
	if tab.browser.firefox {
		tab.call(t, "browsingContext.navigate", map[string]any{"context": tab.context, "url": url, "wait": "complete"}, nil)
		return
	}
	tab.forget("Page.loadEventFired")
	tab.call(t, "Page.navigate", map[string]any{"url": url}, nil)
	tab.event(t, "Page.loadEventFired")
}

// Reload loads the page again.
func (tab *Tab) Reload(t testing.TB) {
	t.Helper()
	if tab.browser.firefox {
		tab.call(t, "browsingContext.reload", map[string]any{"context": tab.context, "wait": "complete"}, nil)
		return
	}
	tab.forget("Page.loadEventFired")
	tab.call(t, "Page.reload", nil, nil)
	tab.event(t, "Page.loadEventFired")
}

// Close closes the page.
func (tab *Tab) Close(t testing.TB) {
	t.Helper()
	if tab.closed {
		return
	}
	tab.closed = true
	if tab.browser.firefox {
		tab.call(t, "browsingContext.close", map[string]any{"context": tab.context}, nil)
		return
	}
	tab.browser.control.call(t, "Target.disposeBrowserContext", map[string]any{"browserContextId": tab.context}, nil)
	tab.close()
}

// Eval runs a JavaScript expression in the page as if its user had clicked (see HandsOff), waits if it is a promise, and decodes its
// value into result, unless that is nil.
func (tab *Tab) Eval(t testing.TB, expression string, result any) {
	t.Helper()
	if tab.browser.firefox {
		tab.evalBiDi(t, expression, result)
		return
	}
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	tab.call(t, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": !tab.HandsOff,
	}, &answer)
	require.Empty(t, string(answer.ExceptionDetails), expression)
	if result != nil {
		require.NoError(t, json.Unmarshal(answer.Result.Value, result), expression)
	}
}

// Wait waits until a JavaScript expression is true in the page.
func (tab *Tab) Wait(t testing.TB, condition string) {
	t.Helper()
	var ok bool
	tab.Eval(t, fmt.Sprintf(`new Promise((done) => {
		const end = Date.now() + %d;
		const look = () => {
			let now = false;
			try { now = !!(%s); } catch {}
			if (now) done(true);
			else if (Date.now() > end) done(false);
			else setTimeout(look, 20);
		};
		look();
	})`, (Patience-5*time.Second).Milliseconds(), condition), &ok)
	if !ok {
		var page string
		tab.Eval(t, `document.body.innerText`, &page)
		require.Fail(t, "the page never came to "+condition, "it says: %s", page)
	}
}

// Size makes the page as large as a screen of so many CSS pixels.
func (tab *Tab) Size(t testing.TB, width, height int, mobile bool) {
	t.Helper()
	tab.call(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}, nil)
}

// Minimize takes the page's window from the screen, or brings it back. Chromium only.
func (tab *Tab) Minimize(t testing.TB, away bool) {
	t.Helper()
	var window struct{ WindowID int }
	tab.call(t, "Browser.getWindowForTarget", nil, &window)
	state := "normal"
	if away {
		state = "minimized"
	}
	tab.call(t, "Browser.setWindowBounds", map[string]any{"windowId": window.WindowID, "bounds": map[string]any{"windowState": state}}, nil)
}

// Key presses a key as a keyboard does: "Tab", "Enter", "Escape" or a single letter.
func (tab *Tab) Key(t testing.TB, key string) {
	t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
	code, text := codes[key], key
	if code == 0 {
		code = int(key[0] &^ 0x20)
	}
	switch key {
	case "Tab", "Escape":
		text = ""
	case "Enter":
		text = "\r"
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		event := map[string]any{"type": kind, "key": key, "windowsVirtualKeyCode": code}
		if kind == "keyDown" && text != "" {
			event["text"] = text
		}
		tab.call(t, "Input.dispatchKeyEvent", event, nil)
	}
}

// Drag presses the mouse at the first of some places, moves it through the others, and lets it go: CSS pixels from the upper left
// corner of what is seen of the page.
func (tab *Tab) Drag(t testing.TB, places ...[2]float64) {
	t.Helper()
	mouse := func(kind string, at [2]float64, buttons int) {
		tab.call(t, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "buttons": buttons, "clickCount": 1}, nil)
	}
	mouse("mousePressed", places[0], 1)
	for _, at := range places[1:] {
		mouse("mouseMoved", at, 1)
	}
	mouse("mouseReleased", places[len(places)-1], 0)
}

// Screenshot is what the page looks like, as PNG.
func (tab *Tab) Screenshot(t testing.TB) []byte {
	t.Helper()
	var shot struct{ Data string }
	tab.call(t, "Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(t, err)
	return data
}

// Prepare makes the page run a script at the beginning of every load from now on.
func (tab *Tab) Prepare(t testing.TB, script string) {
	t.Helper()
	if tab.browser.firefox {
		tab.call(t, "script.addPreloadScript", map[string]any{"functionDeclaration": "() => {" + script + "}", "contexts": []string{tab.context}}, nil)
		return
	}
	tab.call(t, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script}, nil)
}

// Console is what the page logged so far, and the errors that nobody caught.
func (tab *Tab) Console() []string { return tab.console }
