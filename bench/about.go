package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// describe tells on what machine and with what versions the table was made.
func describe(ctx context.Context, o *options) string {
	var b strings.Builder
	how := "everything"
	if o.quick {
		how = "`-quick`"
	}
	fmt.Fprintf(&b, "Made by `go run .` in this folder (%s), %s. All candidates on one machine, by loopback, in turn in the same run: "+
		"compare the ratios, not the numbers with those of other machines.\n\n", how, time.Now().UTC().Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(&b, "- machine: %s, %d cores, %s; load average before the run %s\n",
		field("/proc/cpuinfo", "model name"), runtime.NumCPU(), first("/proc/sys/kernel/osrelease"), load1())
	fmt.Fprintf(&b, "- %s; crvideo %s; floor: pion/webrtc %s, see `floor_server.go`", runtime.Version(), commit(ctx), version(ctx, ".", "github.com/pion/webrtc/v4"))
	if !o.quick {
		fmt.Fprintf(&b, "; livekit-server %s with server-sdk-go %s (pion/webrtc %s), one peer connection for both directions",
			version(ctx, "livekit", "github.com/livekit/livekit-server"), version(ctx, "livekit", "github.com/livekit/server-sdk-go/v2"),
			version(ctx, "livekit", "github.com/pion/webrtc/v4"))
	}
	b.WriteString("\n- every server is a process of its own; the clients of a scenario share another one, so a client's processor time has " +
		"its part of the publisher in it. Memory is resident memory. Times are medians")
	return b.String()
}

func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer func() { _ = f.Close() }()
	for in := bufio.NewScanner(f); in.Scan(); {
		if key, value, ok := strings.Cut(in.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func first(file string) string {
	b, _ := os.ReadFile(file)
	return strings.TrimSpace(string(b))
}

func load1() string {
	one, _, _ := strings.Cut(first("/proc/loadavg"), " ")
	return one
}

func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "without a commit"
	}
	return strings.TrimSpace(string(out))
}

func version(ctx context.Context, dir, module string) string {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", module)
	cmd.Dir = dir
	out, _ := cmd.Output()
	return strings.TrimSpace(string(out))
}
