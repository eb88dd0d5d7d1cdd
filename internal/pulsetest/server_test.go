//go:build pulse

package pulsetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Names of the server's devices: what is played into the speaker comes out of the microphone.
const (
	speaker    = "speaker"
	microphone = "testmic"
)

// startServer starts a PulseAudio server without a session bus or hardware in dir, and points this process at it.
func startServer(dir string) (stop func(), err error) {
	socket := filepath.Join(dir, "socket")
	for name, value := range map[string]string{
		"HOME": dir, "XDG_RUNTIME_DIR": dir, "XDG_CONFIG_HOME": dir, "PULSE_RUNTIME_PATH": dir, "PULSE_STATE_PATH": dir,
		"PULSE_SERVER": "unix:" + socket,
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--log-level=error",
		"--load=module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"--load=module-null-sink sink_name="+speaker+" rate=48000",
		"--load=module-remap-source source_name="+microphone+" master="+speaker+".monitor source_properties=device.description="+microphone)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	stop = func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	deadline := time.After(10 * time.Second)
	for {
		if out, err := exec.Command("pactl", "list", "short", "sources").Output(); err == nil && len(out) > 0 {
			return stop, nil
		}
		select {
		case <-ended:
			return nil, fmt.Errorf("pulseaudio ended")
		case <-deadline:
			stop()
			return nil, fmt.Errorf("pulseaudio does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
