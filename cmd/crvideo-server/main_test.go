package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func environment(values map[string]string) lookup {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"addr":"file:1","mediaAddr":"file:2","store":"file.json",
		"apps":[{"id":"a","secret":"s"}],"publicIPs":["192.0.2.1"],"grace":"1m30s","queues":[{"appID":"a","queID":7,"prio":3,"name":"n","desc":"d"}],"trustedProxies":["10.0.0.0/8"],"logLevel":"WARN"}`), 0o600))
	env := environment(map[string]string{"CRVIDEO_CONFIG": file, "CRVIDEO_ADDR": "env:1", "CRVIDEO_MEDIA_ADDR": "env:2", "CRVIDEO_MEDIA_TCP_ADDR": "env:3", "CRVIDEO_APPS": "b:s:t, c:u"})
	fromFile, err := configure([]string{"-config", file}, environment(nil), io.Discard)
	require.NoError(t, err)
	assert.Equal(t, []server.Queue{{AppID: "a", ID: 7, Prio: 3, Name: "n", Desc: "d"}}, fromFile.Queues)
	s, err := configure([]string{"-addr", "flag:1", "-admin", "true", "-hooks", "http://a/x,http://b/", "-login-hooks", "https://c/", "-queues", "1:0:sales, 2:5:a:b"}, env, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, "flag:1", s.Addr)
	assert.Equal(t, "env:2", s.MediaAddr)
	assert.Equal(t, "env:3", s.MediaTCPAddr)
	assert.Equal(t, "file.json", s.Store)
	assert.True(t, s.Admin)
	assert.Equal(t, []server.Hook{{URL: "http://a/x"}, {URL: "http://b/"}}, s.Hooks)
	assert.Equal(t, []server.Hook{{URL: "https://c/"}}, s.LoginHooks)
	assert.Equal(t, []server.Queue{{ID: 1, Name: "sales"}, {ID: 2, Prio: 5, Name: "a:b"}}, s.Queues)
	assert.Equal(t, []string{"192.0.2.1"}, s.PublicIPs)
	assert.Equal(t, []server.App{{ID: "b", Secret: "s:t"}, {ID: "c", Secret: "u"}}, s.Apps)
	assert.Equal(t, []string{"10.0.0.0/8"}, s.TrustedProxies)
	assert.Equal(t, duration(90*time.Second), s.Grace)
	assert.Equal(t, "WARN", s.LogLevel.String())
}

func TestWrongCalls(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"adr":"x"}`), 0o600))
	twice := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(twice, []byte(`{"addr":"x"} {"addr":"y"}`), 0o600))
	for name, args := range map[string][]string{
		"unknown flag": {"-frobnicate"}, "argument": {"now"}, "app without secret": {"-apps", "topsecret"},
		"no file": {"-config", broken + ".not"}, "more in the file": {"-config", twice}, "unknown name in the file": {"-config", broken},
		"log level": {"-log-level", "loud"}, "grace without a unit": {"-grace", "30"}, "negative grace": {"-grace", "-30s"},
		"admin": {"-admin", "perhaps"}, "queue without a name": {"-queues", "1:2"}, "queue without a number": {"-queues", "one:2:x"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr strings.Builder
			assert.Equal(t, 2, run(t.Context(), args, environment(nil), io.Discard, &stderr))
			assert.NotEmpty(t, stderr.String())
			assert.NotContains(t, stderr.String(), "topsecret", "what was given as an app may be a secret")
		})
	}
	var stderr strings.Builder
	assert.Equal(t, 2, run(t.Context(), nil, environment(map[string]string{"CRVIDEO_APPS": "topsecret"}), io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "CRVIDEO_APPS")
	assert.NotContains(t, stderr.String(), "topsecret")
}

func TestRefusesToStart(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		why  string
	}{
		"without apps beyond loopback":       {[]string{"-addr", "0.0.0.0:0"}, "no Apps"},
		"without apps, media beyond":         {[]string{"-addr", "127.0.0.1:0", "-media-addr", ":0"}, "no Apps"},
		"without apps, media by TCP beyond":  {[]string{"-addr", "127.0.0.1:0", "-media-tcp-addr", ":0"}, "no Apps"},
		"certificate without key":            {[]string{"-addr", "127.0.0.1:0", "-cert", "x.pem"}, "belong together"},
		"certificate that is not there":      {[]string{"-addr", "127.0.0.1:0", "-cert", "x.pem", "-key", "y.pem"}, "certificate"},
		"address that cannot be listened on": {[]string{"-addr", "127.0.0.1:999999"}, "999999"},
		"no address":                         {[]string{"-addr", ""}, "address"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr strings.Builder
			assert.Equal(t, 1, run(t.Context(), c.args, environment(nil), io.Discard, &stderr))
			assert.Contains(t, stderr.String(), c.why)
		})
	}
}

func TestVersionAndHelp(t *testing.T) {
	var out strings.Builder
	assert.Equal(t, 0, run(t.Context(), []string{"-version"}, environment(nil), &out, io.Discard))
	assert.Contains(t, out.String(), "crvideo-server")
	assert.Equal(t, 0, run(t.Context(), []string{"-h"}, environment(nil), io.Discard, &out))
	assert.Contains(t, out.String(), "-media-addr")
}

// TestServesAndEnds runs the program as a person would: it prints where it is, answers there, and ends in order.
func TestServesAndEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, print := io.Pipe()
	var log strings.Builder
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-grace", "1h", "-store", filepath.Join(t.TempDir(), "rooms.json")}, environment(nil), print, &log)
		_ = print.Close()
	}()
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	url, ok := strings.CutPrefix(lines.Text(), "signalling ws://")
	require.True(t, ok, lines.Text())
	require.True(t, lines.Scan())
	assert.Regexp(t, `^media      udp 127\.0\.0\.1:(\d+), tcp 127\.0\.0\.1:(\d+)$`, lines.Text())
	require.True(t, lines.Scan())
	assert.Equal(t, "page       http://"+strings.TrimSuffix(url, "signal"), lines.Text())
	require.True(t, lines.Scan())
	assert.Contains(t, lines.Text(), "demo")

	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + strings.TrimSuffix(url, "/signal") + "/healthz")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	require.NoError(t, resp.Body.Close())

	stop()
	select {
	case code := <-ended:
		assert.Equal(t, 0, code)
	case <-time.After(30 * time.Second): // nobody is there to be waited for
		t.Fatal("does not end")
	}
	for line := range strings.Lines(log.String()) {
		assert.True(t, strings.HasPrefix(line, "{"), line)
	}
}

// TestSecretsAreNotPrinted: neither on standard output nor in the log, wherever they come from.
func TestSecretsAreNotPrinted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"apps":[{"id":"one","secret":"topsecret"}],"logLevel":"DEBUG"}`), 0o600))
	ctx, stop := context.WithCancel(t.Context())
	stop() // it starts, and ends at once
	for _, given := range []map[string]string{
		{"CRVIDEO_CONFIG": file}, {"CRVIDEO_APPS": "one:topsecret,two:topsecret", "CRVIDEO_LOG_LEVEL": "debug"},
	} {
		var out, log strings.Builder
		assert.Equal(t, 0, run(ctx, []string{"-addr", "127.0.0.1:0"}, environment(given), &out, &log))
		assert.Contains(t, log.String(), "serving")
		assert.NotContains(t, out.String()+log.String(), "topsecret")
	}
}
