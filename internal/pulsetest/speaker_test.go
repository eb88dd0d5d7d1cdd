//go:build pulse

package pulsetest

import (
	"context"
	"encoding/binary"
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	_ "github.com/crvideo/crvideo-go/device/speaker"
)

// monitor hears what the speaker plays.
type monitor struct {
	t   *testing.T
	out io.Reader
}

func newMonitor(t *testing.T) *monitor {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "parec", "--device="+speaker+".monitor", "--format=s16le", "--rate=48000", "--channels=1", "--raw", "--latency-msec=50")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	return &monitor{t, out}
}

func (m *monitor) hear() []int16 {
	m.t.Helper()
	heard := make([]int16, rate/5)
	require.NoError(m.t, binary.Read(m.out, binary.LittleEndian, heard))
	return heard
}

// until waits for a moment in which ok is true of what is heard.
func (m *monitor) until(what string, ok func(heard []int16) bool) {
	m.t.Helper()
	for range 50 {
		if ok(m.hear()) {
			return
		}
	}
	require.Fail(m.t, "not heard", what)
}

// member is a member of a room whose microphone is the tone of its number.
func member(t *testing.T, srv *crvideotest.Server, uid string, room int64) (*crvideo.Client, int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()); <-c.Done() })
	require.NoError(t, c.Login(ctx, crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: uid, Nickname: uid}))
	if room == 0 {
		info, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
		require.NoError(t, err)
		room = info.ID
	}
	require.NoError(t, c.EnterMeeting(ctx, room))
	cfg := c.GetAudioCfg()
	for _, m := range c.GetAudioMicNames() {
		if m.Synthetic {
			cfg.MicID = m.MicID
		}
	}
	require.NoError(t, c.SetAudioCfg(ctx, cfg))
	return c, room
}

// What a real speaker plays is the tone of the one who speaks, or both tones when both do.
func TestRealSpeakerPlaysTheRoom(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, room := member(t, srv, "ann", 0)
	ben, _ := member(t, srv, "ben", room)
	listener, _ := member(t, srv, "listener", room)
	speakers := listener.GetAudioSpkNames()
	require.Len(t, speakers, 1, "%v", speakers)
	require.NoError(t, listener.PlaySpeaker(t.Context()))
	m := newMonitor(t)
	a, b := crvideotest.ToneFrequency(1), crvideotest.ToneFrequency(2)

	require.NoError(t, ann.OpenMic(t.Context(), ""))
	m.until("the tone of ann", func(heard []int16) bool {
		hz, ok := crvideotest.DetectTone(heard, rate)
		return ok && hz > a-1 && hz < a+1
	})
	require.NoError(t, ben.OpenMic(t.Context(), ""))
	m.until("both tones", func(heard []int16) bool {
		shares := [2]float64{crvideotest.ToneShare(heard, rate, a), crvideotest.ToneShare(heard, rate, b)}
		return shares[0] > 0.4 && shares[1] > 0.4
	})
	listener.SetSpeakerMute(true)
	m.until("silence", func(heard []int16) bool { return loudness(heard) == 0 })
	listener.SetSpeakerMute(false)
	require.NoError(t, ben.CloseMic(t.Context(), ""))
	m.until("ann alone", func(heard []int16) bool {
		return crvideotest.ToneShare(heard, rate, a) > 0.9 && crvideotest.ToneShare(heard, rate, b) < 0.01
	})
	listener.PauseSpeaker()
	m.until("silence", func(heard []int16) bool { return loudness(heard) == 0 })
}

func loudness(heard []int16) (most int16) {
	for _, v := range heard {
		most = max(most, v, -v)
	}
	return most
}

// Speakers come and go: the list follows, and the sound goes on on another one.
func TestRealSpeakerIsUnplugged(t *testing.T) {
	out, err := exec.Command("pactl", "load-module", "module-null-sink", "sink_name=second", "rate=48000").Output()
	require.NoError(t, err)
	index := string(out[:len(out)-1])
	unload := func() error { return exec.Command("pactl", "unload-module", index).Run() }
	t.Cleanup(func() { _ = unload() })
	srv := crvideotest.NewServer(t)
	ann, room := member(t, srv, "ann", 0)
	listener, _ := member(t, srv, "listener", room)
	require.NoError(t, ann.OpenMic(t.Context(), ""))
	speakers := listener.GetAudioSpkNames()
	require.Len(t, speakers, 2, "%v", speakers)
	changed := make(chan struct{}, 10)
	listener.OnSpkDeviceChanged(func(crvideo.SpkDeviceChanged) { changed <- struct{}{} })
	cfg := listener.GetAudioCfg()
	cfg.SpeakerID = 2
	require.NoError(t, listener.SetAudioCfg(t.Context(), cfg))
	require.NoError(t, listener.PlaySpeaker(t.Context()))
	require.NoError(t, unload())
	select {
	case <-changed:
	case <-time.After(20 * time.Second):
		require.Fail(t, "no SpkDeviceChanged")
	}
	m := newMonitor(t)
	m.until("the tone on the other speaker", func(heard []int16) bool {
		_, ok := crvideotest.DetectTone(heard, rate)
		return ok
	})
	assert.Len(t, listener.GetAudioSpkNames(), 1)
}
