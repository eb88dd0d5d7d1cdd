package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/testcodec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bound = 60 * time.Second // ends a test that would hang

func defaults(t *testing.T, args ...string) options {
	o, err := parseFlags(args)
	require.NoError(t, err)
	return o
}

func TestDemo(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, demo(context.Background(), newPrinter(&out), defaults(t, "-for", "2s")), "%s", &out)
	for _, want := range []string{"step 9", "up: everybody", "alice  receives bob: " + testcodec.VideoName + " 848x480", "bob    receives alice: " + testcodec.VideoName + " 848x480", "of member 1", "of member 2", "watch the call on http://", "join it with a browser on http://127.0.0.1:"} {
		assert.Contains(t, out.String(), want)
	}
}

func TestDemoEndsInOrderWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	out := &watched{fn: func(line string) {
		if strings.Contains(line, "up: everybody") {
			cancel()
		}
	}}
	require.NoError(t, demo(ctx, newPrinter(out), defaults(t)))
	assert.Regexp(t, `(?s)interrupted.*bob .*step 7.*bob .*step 9.*alice .*step 7.*alice .*step 9.*server stopped`, out.String())
}

func TestMissingIsAnError(t *testing.T) {
	ob := &observer{self: "bob", uid: "alice", c: crvideo.Default()}
	assert.ErrorContains(t, missing([]*observer{ob}), "a picture, a tone")
}

// Who waits in vain is told what is missing, and the exit code is 1; so is who cannot get in.
func TestNobodyComes(t *testing.T) {
	srv := crvideotest.NewServer(t)
	alone := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := join(context.Background(), newPrinter(&out), defaults(t, append([]string{"-server", srv.URL(), "-for", "200ms"}, args...)...))
		return out.String(), err
	}
	out, err := alone()
	assert.ErrorContains(t, err, "nobody else was in the room")
	assert.Contains(t, out, "step 9")
	out, err = alone("-secret", "wrong")
	assert.ErrorIs(t, err, crvideo.CodeWrongSecret)
	assert.NotContains(t, out, "step 7", "there is no room to leave")
	assert.NotContains(t, out, "step 8")
	_, err = alone("-room", "10000000")
	assert.ErrorIs(t, err, crvideo.CodeNoRoom)
	_, err = alone("-mic", "77")
	assert.ErrorIs(t, err, crvideo.CodeNoDevice)

	dir := t.TempDir()
	build(t, dir, "./examples/basic-call", "")
	p := start(t, filepath.Join(dir, "basic-call"), "-server", srv.URL(), "-for", "200ms")
	var exit *exec.ExitError
	require.ErrorAs(t, <-p.done, &exit)
	assert.Equal(t, 1, exit.ExitCode())
	assert.Contains(t, p.out.String(), "basic-call: nobody else was in the room")
}

func TestJoinLink(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8765":                  "http://127.0.0.1:8765/#room=12345678",
		"meet.example.com":                "https://meet.example.com/#room=12345678",
		"ws://meet.example.com:80/signal": "http://meet.example.com:80/#room=12345678",
		"https://meet.example.com:8443/":  "https://meet.example.com:8443/#room=12345678",
	} {
		assert.Equal(t, want, joinLink(addr, 12345678, ""))
	}
	assert.Equal(t, "https://meet.example.com/#room=12345678&password=1234", joinLink("meet.example.com", 12345678, "1234"))
}

func TestBadFlags(t *testing.T) {
	_, err := parseFlags([]string{"-for", "2s", "surplus"})
	assert.Error(t, err)
}

// Three processes: a server, and two members who hear and see each other.
func TestThreeProcesses(t *testing.T) {
	dir := t.TempDir()
	build(t, dir, "./examples/basic-call", "")
	build(t, dir, "./cmd/crvideo-server", "")
	addr := freeAddr(t)
	server := start(t, filepath.Join(dir, "crvideo-server"), "-addr", addr)
	waitReady(t, addr)

	first := start(t, filepath.Join(dir, "basic-call"), "-server", addr, "-uid", "ann")
	room := first.waitFor(t, `-room (\d+)`)[1]
	second := start(t, filepath.Join(dir, "basic-call"), "-server", addr, "-room", room, "-uid", "ben", "-for", "4s")
	second.end(t, "the second member")
	first.waitFor(t, `receives ben: `+testcodec.VideoName+` 848x480 .* frame \d+ of member 2; opus .* tone \d+`)
	require.NoError(t, first.cmd.Process.Signal(syscall.SIGINT))
	first.end(t, "the first member")
	require.NoError(t, server.cmd.Process.Signal(syscall.SIGTERM))
	server.end(t, "the server")
	assert.Regexp(t, `receives ann: `+testcodec.VideoName+` 848x480 .* frame \d+ of member 1; opus .* tone \d+`, second.out.String())
}

func build(t *testing.T, dir, pkg, tags string) {
	cmd := exec.Command("go", "build", "-tags", tags, "-o", dir+string(filepath.Separator), pkg)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func freeAddr(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, ln.Close()) }()
	return ln.Addr().String()
}

func waitReady(t *testing.T, addr string) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	require.Eventually(t, func() bool {
		res, err := client.Get(fmt.Sprintf("http://%s/healthz", addr))
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	}, bound, 20*time.Millisecond, "the server does not answer")
}

// process is a program that runs beside the test.
type process struct {
	cmd  *exec.Cmd
	out  *watched
	done chan error
}

func start(t *testing.T, name string, args ...string) *process {
	p := &process{cmd: exec.Command(name, args...), out: &watched{}, done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	require.NoError(t, p.cmd.Start())
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// waitFor waits for output that matches.
func (p *process) waitFor(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	require.Eventually(t, func() bool {
		found = re.FindStringSubmatch(p.out.String())
		return found != nil
	}, bound, 20*time.Millisecond, "no %s in the output of %s", pattern, p.cmd.Path)
	return found
}

// end waits for the program's good end.
func (p *process) end(t *testing.T, who string) {
	t.Helper()
	select {
	case err := <-p.done:
		require.NoError(t, err, "%s:\n%s", who, p.out)
	case <-time.After(bound):
		t.Fatalf("%s did not end:\n%s", who, p.out)
	}
}

// watched keeps what is written, and tells of each write.
type watched struct {
	mu sync.Mutex
	b  bytes.Buffer
	fn func(string)
}

var _ io.Writer = (*watched)(nil)

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	n, err := w.b.Write(p)
	w.mu.Unlock()
	if w.fn != nil {
		w.fn(string(p))
	}
	return n, err
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}
