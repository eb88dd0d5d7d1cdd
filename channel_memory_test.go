package crvideo_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// A file of 100 MiB goes from one process to another by way of a third; what each of them uses of memory for it is far less than the
// file. Throughput and peaks are in the test's log.

const (
	bigFile     = 100 << 20
	partEnv     = "CRVIDEO_TEST_PART"
	partAddrEnv = "CRVIDEO_TEST_ADDR"
)

// TestMemoryOfAFile is all three processes.
func TestMemoryOfAFile(t *testing.T) {
	switch os.Getenv(partEnv) {
	case "server":
		serveFile(t)
		return
	case "sender":
		sendFile(t)
		return
	case "receiver":
		receiveFile(t)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("peaks of memory are read from /proc")
	}
	srv := startPart(t, "server", "")
	addr := srv.line(t, "at ")
	receiver := startPart(t, "receiver", addr)
	receiver.line(t, "ready")
	sender := startPart(t, "sender", addr)
	took := sender.line(t, "took ")
	sums := [2]string{sender.line(t, "sum "), receiver.line(t, "sum ")}
	assert.Equal(t, sums[0], sums[1])
	for _, p := range []*part{sender, receiver, srv} {
		before, peak := p.number(t, "before "), p.number(t, "peak ")
		t.Logf("%s: %d MiB at most, %d of them before", p.name, peak>>20, before>>20)
		assert.Less(t, peak-before, int64(bigFile/4), "%s holds too much of the file", p.name)
		p.end(t)
	}
	duration, err := time.ParseDuration(took)
	require.NoError(t, err)
	t.Logf("100 MiB in %v: %.0f MiB/s", duration, 100/duration.Seconds())
}

// part is another process of the test.
type part struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Scanner
}

func startPart(t *testing.T, name, addr string) *part {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*bound)
	t.Cleanup(cancel)
	p := &part{name: name, cmd: exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestMemoryOfAFile$")}
	p.cmd.Env = append(os.Environ(), partEnv+"="+name, partAddrEnv+"="+addr)
	p.cmd.Stderr = os.Stderr
	var err error
	p.stdin, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.out = bufio.NewScanner(stdout)
	require.NoError(t, p.cmd.Start())
	return p
}

// line waits for a line that begins so, and gives the rest of it.
func (p *part) line(t *testing.T, prefix string) string {
	t.Helper()
	for p.out.Scan() {
		if rest, ok := strings.CutPrefix(p.out.Text(), prefix); ok {
			return rest
		}
	}
	t.Fatalf("%s ended without saying %q", p.name, prefix)
	return ""
}

func (p *part) number(t *testing.T, prefix string) int64 {
	t.Helper()
	if prefix == "before " && p.name == "server" { // which is told when all is over
		_, err := io.WriteString(p.stdin, "\n")
		require.NoError(t, err)
	}
	n, err := strconv.ParseInt(p.line(t, prefix), 10, 64)
	require.NoError(t, err)
	return n
}

func (p *part) end(t *testing.T) {
	t.Helper()
	require.NoError(t, p.stdin.Close())
	for p.out.Scan() { // whatever it still says
	}
	require.NoError(t, p.cmd.Wait(), p.name)
}

// resident is what the process has had in memory at most (VmHWM), in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	require.True(t, ok)
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kib << 10
}

func tellMemory(t *testing.T, before int64) { fmt.Printf("before %d\npeak %d\n", before, resident(t)) }

// untilTold waits for the first process.
func untilTold() { _, _ = bufio.NewReader(os.Stdin).ReadString('\n') }

func serveFile(t *testing.T) {
	srv := crvideotest.NewServer(t, func(cfg *server.Config) {
		cfg.Apps, cfg.Logger = testApps, slog.New(slog.DiscardHandler)
		cfg.Limits.TransferBytesPerSecond = 10 << 30 // how fast it can be
	})
	before := resident(t)
	fmt.Println("at", srv.URL())
	untilTold()
	tellMemory(t, before)
}

func partClient(t *testing.T, uid string) *crvideo.Client {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: os.Getenv(partAddrEnv), NoMedia: true})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.Login(testContext(t), loginParams(uid)))
	return c
}

func sendFile(t *testing.T) {
	c := partClient(t, "alice")
	before := resident(t)
	sum := sha256.New()
	content := io.TeeReader(io.LimitReader(bigPattern{}, bigFile), sum)
	began := time.Now()
	require.NoError(t, c.SendFile(testContext(t), "bob", crvideo.OutgoingFile{Name: "big", Size: bigFile, Content: content}))
	fmt.Println("took", time.Since(began))
	fmt.Println("sum", hex.EncodeToString(sum.Sum(nil)))
	tellMemory(t, before)
}

func receiveFile(t *testing.T) {
	c := partClient(t, "bob")
	before := resident(t)
	paths := make(chan string, 1)
	dir := t.TempDir()
	c.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) {
		path, err := e.File.SaveIn(context.Background(), dir)
		assert.NoError(t, err)
		paths <- path
	})
	fmt.Println("ready")
	path := receive(t, paths)
	peak := resident(t)
	file, err := os.Open(path)
	require.NoError(t, err)
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	fmt.Println("sum", hex.EncodeToString(sum.Sum(nil)))
	fmt.Printf("before %d\npeak %d\n", before, peak)
}

// bigPattern is endless bytes that are not all the same.
type bigPattern struct{}

func (bigPattern) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i ^ i>>8)
	}
	return len(p), nil
}
