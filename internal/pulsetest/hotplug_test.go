//go:build pulse

package pulsetest

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// plugMicrophone makes a microphone that hears nothing, and returns what takes it away.
func plugMicrophone(t *testing.T, name string) (unplug func()) {
	t.Helper()
	load := func(args ...string) string {
		out, err := exec.Command("pactl", append([]string{"load-module"}, args...)...).Output()
		require.NoError(t, err)
		return strings.TrimSpace(string(out))
	}
	sink := load("module-null-sink", "sink_name="+name+"-sink", "rate=48000")
	source := load("module-remap-source", "source_name="+name, "master="+name+"-sink.monitor", "source_properties=device.description="+name)
	unplug = func() {
		_ = exec.Command("pactl", "unload-module", source).Run()
		_ = exec.Command("pactl", "unload-module", sink).Run()
	}
	t.Cleanup(unplug)
	return unplug
}

func micNamed(c *crvideo.Client, name string) (m crvideo.MicInfo) {
	for _, info := range c.GetAudioMicNames() {
		if info.Name == name {
			m = info
		}
	}
	return m
}

// hearsTone waits until the sound of a member is a tone.
func hearsTone(t *testing.T, c *crvideo.Client, uid string, hz float64) {
	t.Helper()
	a, err := c.Audio(uid)
	require.NoError(t, err)
	defer a.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for pcm := make([]int16, crvideo.PCMRate/5); ; {
		for filled := 0; filled < len(pcm); {
			n, err := a.ReadPCM(ctx, pcm[filled:])
			require.NoError(t, err, "the tone was never there")
			filled += n
		}
		if got, ok := crvideotest.DetectTone(pcm, crvideo.PCMRate); ok && got > hz-3 && got < hz+3 {
			return
		}
	}
}

// Microphones are noticed while the program runs, keep their IDs, and the next one takes over from one that is unplugged
// while it is open: the others hear it, and nobody's state changes.
func TestRealMicrophonesComeAndGo(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, room := member(t, srv, "ann", 0)
	ben, _ := member(t, srv, "ben", room)
	changed := make(chan struct{}, 100)
	ann.OnMicDeviceChanged(func(crvideo.MicDeviceChanged) { changed <- struct{}{} })
	await := func() {
		t.Helper()
		select {
		case <-changed:
		case <-time.After(20 * time.Second):
			require.Fail(t, "no MicDeviceChanged")
		}
	}
	known := micNamed(ann, microphone)
	require.NotZero(t, known.MicID)
	require.Zero(t, micNamed(ann, "second").MicID)
	unplug := plugMicrophone(t, "second")
	require.Eventually(t, func() bool { await(); return micNamed(ann, "second").MicID != 0 }, 20*time.Second, time.Millisecond)
	second := micNamed(ann, "second")
	assert.Equal(t, known, micNamed(ann, microphone))

	play(t)
	cfg := ann.GetAudioCfg()
	cfg.MicID = second.MicID
	require.NoError(t, ann.SetAudioCfg(t.Context(), cfg))
	require.NoError(t, ann.OpenMic(t.Context(), ""))
	require.Eventually(t, func() bool { return ben.GetAudioStatus("ann") == crvideo.StatusOpen }, 20*time.Second, 10*time.Millisecond)
	states := make(chan crvideo.AudioStatusChanged, 10)
	ben.OnAudioStatusChanged(func(e crvideo.AudioStatusChanged) { states <- e })
	unplug()
	await()
	require.Eventually(t, func() bool { return micNamed(ann, "second").Absent }, 20*time.Second, 10*time.Millisecond)
	hearsTone(t, ben, "ann", 997) // of the one that takes over
	assert.Empty(t, states, "it was open all the time")

	plugMicrophone(t, "second")
	require.Eventually(t, func() bool { await(); return !micNamed(ann, "second").Absent }, 20*time.Second, time.Millisecond)
	assert.Equal(t, second, micNamed(ann, "second"), "the same as before")
}
