// Package chromiumtest drives real browsers in tests, headless: Debian's package chromium by the DevTools protocol, and its
// firefox-esr, with which less can be done, by WebDriver BiDi.
package chromiumtest

import (
	"bufio"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Patience bounds every wait for the browser.
const Patience = 30 * time.Second

// Devices gives pages a camera and a microphone that are not there: a moving picture and a beep, allowed without asking.
var Devices = []string{"--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"}

// Browser is one running browser.
type Browser struct {
	firefox  bool
	devtools string // host:port
	control  *session
}

// Start starts a browser with a profile of its own. It ends with the test.
func Start(t testing.TB, flags ...string) *Browser {
	t.Helper()
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
		"--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", "--user-data-dir=" + t.TempDir()}, flags...)
	url := run(t, exec.Command("chromium", append(args, "about:blank")...), `^DevTools listening on (ws://\S+)`)
	b := &Browser{devtools: strings.Split(strings.TrimPrefix(url, "ws://"), "/")[0], control: dial(t, url)}
	t.Cleanup(b.control.close)
	return b
}

// run starts a browser, which ends with the test, and gives the address that it prints.
func run(t testing.TB, browser *exec.Cmd, address string) string {
	t.Helper()
	stderr, err := browser.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, browser.Start(), "Debian's packages have it")
	ended := make(chan struct{})
	found := make(chan string, 1)
	go func() {
		defer close(ended)
		line := regexp.MustCompile(address)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if m := line.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
	}()
	t.Cleanup(func() {
		_ = browser.Process.Kill()
		<-ended
		_ = browser.Wait()
	})
	select {
	case url := <-found:
		return url
	case <-time.After(Patience):
		require.Fail(t, "the browser does not start")
		return ""
	}
}

// Open opens a page in a window of its own that shares nothing with the others: its own storage and permissions.
func (b *Browser) Open(t testing.TB, url string) *Tab {
	t.Helper()
	if b.firefox {
		return b.openBiDi(t, url)
	}
	var context struct{ BrowserContextID string }
	b.control.call(t, "Target.createBrowserContext", nil, &context)
	var target struct{ TargetID string }
	b.control.call(t, "Target.createTarget", map[string]any{
		"url": "about:blank", "browserContextId": context.BrowserContextID, "newWindow": true, "width": 1280, "height": 800,
	}, &target)
	tab := &Tab{session: dial(t, "ws://"+b.devtools+"/devtools/page/"+target.TargetID), browser: b, context: context.BrowserContextID}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("console of %s:\n%s", url, strings.Join(tab.console, "\n"))
		}
		tab.Close(t)
	})
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		tab.call(t, domain+".enable", nil, nil)
	}
	tab.Navigate(t, url)
	return tab
}
