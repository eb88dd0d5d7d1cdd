//go:build x11

package screen

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The tests need Xvfb, and start one of their own: go test -tags x11 ./device/screen/
const (
	width  = 800
	height = 600
)

func TestMain(m *testing.M) {
	stop, err := startX()
	if err != nil {
		fmt.Fprintln(os.Stderr, "start Xvfb:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// startX starts an X server with a free number, and points this process at it.
func startX() (stop func(), err error) {
	number, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer number.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles, cmd.Stderr = []*os.File{write}, os.Stderr
	err = cmd.Start()
	_ = write.Close()
	if err != nil {
		return nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	_ = number.SetReadDeadline(time.Now().Add(20 * time.Second))
	display, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		stop()
		return nil, fmt.Errorf("it does not say its number: %w", err)
	}
	return stop, os.Setenv("DISPLAY", ":"+strings.TrimSpace(display))
}
