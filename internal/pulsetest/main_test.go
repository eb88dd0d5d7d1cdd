//go:build pulse

package pulsetest

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

// inside marks the process that runs the tests. The microphone driver looks for devices while the program starts, so the
// server must be there before: the tests run in a process of their own, started when the server answers.
const inside = "CRVIDEO_PULSETEST"

func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		// what is left of a speaker that was unplugged while it played: see device/speaker
		goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/gen2brain/malgo.(*Device).Uninit"))
		return
	}
	os.Exit(outside())
}

func outside() int {
	dir, err := os.MkdirTemp("", "pulsetest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	stop, err := startServer(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "start PulseAudio:", err)
		return 1
	}
	defer stop()
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	return 0
}
