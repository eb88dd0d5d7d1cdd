package chromiumtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// firefoxPrefs give pages a camera and a microphone that are not there (a tone, and a picture that changes its colour), allowed
// without asking; let sound play and media take the loopback; and keep the browser from calling home.
var firefoxPrefs = []string{
	`"media.navigator.streams.fake", true`, `"media.navigator.permission.disabled", true`,
	`"media.autoplay.default", 0`, `"media.autoplay.blocking_policy", 0`, `"media.peerconnection.ice.loopback", true`,
	`"media.gmp-manager.updateEnabled", false`, `"app.normandy.enabled", false`, `"network.captive-portal-service.enabled", false`,
	`"network.connectivity-service.enabled", false`, `"datareporting.policy.dataSubmissionEnabled", false`, `"services.settings.server", "data:,"`,
}

// StartFirefox starts Firefox with a profile of its own. It ends with the test. Its tabs know neither sizes, keys nor screenshots.
// Pages of the origin have the right to use devices: others' peer connections do not take the loopback. The gate installs it; where
// there is none the test is skipped.
func StartFirefox(t testing.TB, origin string) *Browser {
	t.Helper()
	for _, program := range []string{"firefox-esr", "pulseaudio"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("no " + program)
		}
	}
	home := t.TempDir()
	rights := filepath.Join(home, "rights")
	require.NoError(t, os.WriteFile(rights, []byte("origin\tcamera\t1\t"+origin+"\norigin\tmicrophone\t1\t"+origin+"\n"), 0o600))
	var lines strings.Builder
	for _, pref := range append(firefoxPrefs, `"permissions.manager.defaultsUrl", "file://`+rights+`"`) {
		lines.WriteString("user_pref(" + pref + ");\n")
	}
	require.NoError(t, os.WriteFile(filepath.Join(home, "user.js"), []byte(lines.String()), 0o600))
	browser := exec.Command("firefox-esr", "--headless", "--no-remote", "--profile", home, "--remote-debugging-port=0", "about:blank")
	browser.Env = append(os.Environ(), "HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1", "PULSE_SERVER=unix:"+speaker(t))
	url := run(t, browser, `^WebDriver BiDi listening on (ws://\S+)`)
	b := &Browser{firefox: true, control: dial(t, url+"/session")}
	t.Cleanup(b.control.close)
	b.control.call(t, "session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	return b
}

// speaker is a sound server's socket. Without one Firefox's AudioContext does not run.
func speaker(t testing.TB) (socket string) {
	t.Helper()
	dir := t.TempDir()
	socket = filepath.Join(dir, "socket")
	server := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--log-level=error",
		"--load=module-native-protocol-unix auth-anonymous=1 socket="+socket, "--load=module-null-sink rate=48000")
	server.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "XDG_CONFIG_HOME="+dir, "PULSE_RUNTIME_PATH="+dir, "PULSE_STATE_PATH="+dir)
	require.NoError(t, server.Start(), "Debian's package pulseaudio has it")
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	require.Eventually(t, func() bool {
		_, err := os.Stat(socket)
		return err == nil
	}, Patience, 20*time.Millisecond, "pulseaudio does not start")
	return socket
}

func (b *Browser) openBiDi(t testing.TB, url string) *Tab {
	t.Helper()
	var made struct{ Context string }
	b.control.call(t, "browsingContext.create", map[string]any{"type": "tab"}, &made)
	tab := &Tab{session: b.control, browser: b, context: made.Context}
	t.Cleanup(func() { tab.Close(t) })
	tab.Navigate(t, url)
	return tab
}

func (tab *Tab) evalBiDi(t testing.TB, expression string, result any) {
	t.Helper()
	var answer struct {
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	tab.call(t, "script.evaluate", map[string]any{
		"expression": "(async () => JSON.stringify(await (" + expression + ")))()", "target": map[string]any{"context": tab.context},
		"awaitPromise": true, "userActivation": !tab.HandsOff,
	}, &answer)
	require.Empty(t, answer.ExceptionDetails.Text, expression)
	if result != nil {
		require.NoError(t, json.Unmarshal([]byte(answer.Result.Value), result), expression)
	}
}
