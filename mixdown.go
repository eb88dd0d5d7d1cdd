package crvideo

import (
	"strings"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/rtc"
)

// mixdown is the sound of the room at every moment, for who asks for it in step with a clock.
type mixdown struct {
	c      *Client
	format audio.Format
	only   map[string]bool // nil: everybody

	mu     sync.Mutex // guards what follows; taken before Client.mu
	closed bool
	mixer  *audio.Mixer
	seen   <-chan struct{} // Client.changed, as of the last look at the members
	voices map[*rtc.Inlet]*part
	list   []audio.Puller
}

// part is one member in the mix.
type part struct {
	*audio.Jitter
	stop func()
}

func (v *part) end() {
	v.stop()
	_ = v.Close()
}

func newMixdown(c *Client, o *pcmOptions) *mixdown {
	m := &mixdown{c: c, format: o.format, mixer: audio.NewMixer(o.format), voices: map[*rtc.Inlet]*part{}}
	if o.chosen {
		m.only = map[string]bool{}
		for _, uid := range o.only {
			m.only[uid] = true
		}
	}
	return m
}

// fill writes the sound that is due, silence if there is none.
func (m *mixdown) fill(pcm []int16, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		clear(pcm)
		return
	}
	m.look()
	m.mixer.Mix(pcm, m.list, now)
}

// look takes in the streams that have come and lets go those that have gone.
func (m *mixdown) look() {
	c := m.c
	c.mu.Lock()
	if m.seen == c.changed {
		c.mu.Unlock()
		return
	}
	m.seen = c.changed
	now := map[*rtc.Inlet]bool{}
	if c.room != nil {
		for uid, member := range c.room.members {
			if member.audio != nil && (m.only == nil || m.only[uid]) && strings.EqualFold(member.audio.Codec(), codec.Opus) {
				now[member.audio] = true
			}
		}
	}
	c.mu.Unlock()
	for inlet, v := range m.voices {
		if !now[inlet] {
			v.end()
			delete(m.voices, inlet)
		}
	}
	for inlet := range now {
		if m.voices[inlet] != nil {
			continue
		}
		j, err := audio.NewJitter(m.format, &inlet.Sound)
		if err != nil {
			c.log.Error("a member's sound cannot be decoded", "error", err)
			continue
		}
		m.voices[inlet] = &part{Jitter: j, stop: inlet.Listen(j)}
	}
	m.list = m.list[:0]
	for _, v := range m.voices {
		m.list = append(m.list, v)
	}
}

func (m *mixdown) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for inlet, v := range m.voices {
		v.end()
		delete(m.voices, inlet)
	}
	m.list = nil
}
