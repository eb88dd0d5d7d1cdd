package crvideo_test

import (
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/playback"
)

// loudspeakers are a driver with speakers that can be unplugged and listened to.
type loudspeakers struct {
	mu      sync.Mutex
	present []string
	broken  error
	open    map[*loudspeaker]bool
}

type loudspeaker struct {
	of      *loudspeakers
	id      string
	stopped func()
	stop    chan struct{}
	ended   chan struct{}

	mu    sync.Mutex
	heard []int16 // the left side
}

func plugIn(t *testing.T, names ...string) *loudspeakers {
	l := &loudspeakers{present: names, open: map[*loudspeaker]bool{}}
	playback.Register(l)
	t.Cleanup(func() { playback.Register(nil) })
	return l
}

func (l *loudspeakers) Speakers() ([]playback.Device, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []playback.Device
	for _, name := range l.present {
		out = append(out, playback.Device{ID: name, Name: "the " + name})
	}
	return out, nil
}

func (l *loudspeakers) Open(id string, rate, channels int, pull func([]int16), stopped func()) (io.Closer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return nil, l.broken
	}
	if id == "" {
		id = l.present[0]
	}
	s := &loudspeaker{of: l, id: id, stopped: stopped, stop: make(chan struct{}), ended: make(chan struct{})}
	l.open[s] = true
	go s.play(pull, rate, channels)
	return s, nil
}

func (s *loudspeaker) play(pull func([]int16), rate, channels int) {
	defer close(s.ended)
	const period = 15 * time.Millisecond // not that of packets
	tick := time.NewTicker(period)
	defer tick.Stop()
	pcm := make([]int16, int(period)*rate/int(time.Second)*channels)
	for {
		select {
		case <-tick.C:
		case <-s.stop:
			return
		}
		pull(pcm)
		s.mu.Lock()
		for i := 0; i < len(pcm); i += channels {
			s.heard = append(s.heard, pcm[i])
		}
		s.mu.Unlock()
	}
}

func (s *loudspeaker) Close() error {
	s.of.mu.Lock()
	delete(s.of.open, s)
	s.of.mu.Unlock()
	close(s.stop)
	<-s.ended
	return nil
}

func (l *loudspeakers) plug(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.present = names
	for s := range l.open {
		if !slices.Contains(names, s.id) {
			s.stopped()
		}
	}
}

func (l *loudspeakers) playing() (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.open {
		ids = append(ids, s.id)
	}
	return ids
}

// last is what the only open speaker played last.
func (l *loudspeakers) last(d time.Duration) []int16 {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.open {
		s.mu.Lock()
		defer s.mu.Unlock()
		if n := int(d) * 48000 / int(time.Second); len(s.heard) >= n {
			return slices.Clone(s.heard[len(s.heard)-n:])
		}
	}
	return nil
}

func (l *loudspeakers) plays(t *testing.T, tones ...float64) {
	t.Helper()
	eventually(t, "the tones", func() bool {
		heard := l.last(200 * time.Millisecond)
		for _, hz := range tones {
			if heard == nil || crvideotest.ToneShare(heard, 48000, hz) < 0.2 {
				return false
			}
		}
		return len(tones) > 0 || heard != nil && slices.Max(heard) == 0
	})
}

func TestSpeakerPlaysTheRoom(t *testing.T) {
	l := plugIn(t, "desk", "head")
	srv := newServer(t)
	alice, bob := pair(t, srv)
	carol := entered(t, srv, "carol", bob.GetMeetInfo().ID)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	assert.Equal(t, []crvideo.SpeakerInfo{{SpeakerID: 1, Name: "the desk"}, {SpeakerID: 2, Name: "the head"}}, carol.GetAudioSpkNames())
	require.NoError(t, carol.PlaySpeaker(testContext(t)))
	require.NoError(t, carol.PlaySpeaker(testContext(t)), "it plays already")
	assert.Equal(t, []string{"desk"}, l.playing())
	a, b := toneOf(t, carol, "alice"), toneOf(t, carol, "bob")
	l.plays(t, a, b)

	carol.SetSpeakerMute(true)
	assert.True(t, carol.GetSpeakerMute())
	l.plays(t)
	carol.SetSpeakerMute(false)
	l.plays(t, a, b)

	cfg := carol.GetAudioCfg()
	cfg.SpeakerID = 2
	require.NoError(t, carol.SetAudioCfg(testContext(t), cfg))
	assert.Equal(t, []string{"head"}, l.playing())
	assert.Equal(t, 2, carol.GetAudioCfg().SpeakerID)
	l.plays(t, a, b)
	cfg.SpeakerID = 3
	assert.ErrorIs(t, carol.SetAudioCfg(testContext(t), cfg), crvideo.CodeNoDevice)
	l.broken = errors.New("burnt")
	cfg.SpeakerID = 1
	assert.ErrorIs(t, carol.SetAudioCfg(testContext(t), cfg), crvideo.CodeDeviceFailed)
	l.broken = nil
	assert.Equal(t, 2, carol.GetAudioCfg().SpeakerID)
	l.plays(t, a, b)

	room := carol.GetMeetInfo().ID
	require.NoError(t, carol.ExitMeeting(testContext(t)))
	l.plays(t)
	require.NoError(t, carol.EnterMeeting(testContext(t), room))
	l.plays(t, a, b)
	carol.PauseSpeaker()
	carol.PauseSpeaker()
	assert.Empty(t, l.playing())
	require.NoError(t, carol.PlaySpeaker(testContext(t)))
	l.plays(t, a, b)
	require.NoError(t, carol.Close())
	assert.Empty(t, l.playing())
	assert.ErrorIs(t, carol.PlaySpeaker(testContext(t)), crvideo.CodeNotInit)
}

func TestSpeakerIsUnplugged(t *testing.T) {
	t.Parallel()
	l := plugIn(t, "head", "desk")
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	seen := record(t, bob)
	require.NoError(t, bob.PlaySpeaker(testContext(t)))
	l.plays(t, toneOf(t, bob, "alice"))
	l.plug("desk")
	seen.waitFor(t, crvideo.SpkDeviceChanged{})
	eventually(t, "the other one to play", func() bool { return slices.Equal(l.playing(), []string{"desk"}) })
	l.plays(t, toneOf(t, bob, "alice"))
	assert.Equal(t, []crvideo.SpeakerInfo{{SpeakerID: 2, Name: "the desk"}}, bob.GetAudioSpkNames())
	before := len(seen.all())
	l.plug("desk", "head")
	eventually(t, "the news", func() bool {
		return slices.Contains(seen.all()[before:], crvideo.Event(crvideo.SpkDeviceChanged{}))
	})
	assert.Len(t, bob.GetAudioSpkNames(), 2)
}

func TestNoSpeakerDriver(t *testing.T) {
	c := newClient(t, newServer(t))
	err := c.PlaySpeaker(testContext(t))
	require.ErrorIs(t, err, crvideo.CodeNoPlatform)
	assert.ErrorContains(t, err, "device/speaker")
	assert.Empty(t, c.GetAudioSpkNames())
	c.PauseSpeaker()
	cfg := c.GetAudioCfg()
	cfg.SpeakerID = 1
	assert.ErrorIs(t, c.SetAudioCfg(testContext(t), cfg), crvideo.CodeNoDevice)
}
