package crvideo

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/playback"
)

// SpeakerInfo is one speaker of this machine (SpeakerInfoObj).
type SpeakerInfo struct {
	SpeakerID int // from 1, in the order found; kept for the life of the client
	Name      string
}

const (
	speakerRate     = 48000
	speakerChannels = 2
	speakerPoll     = 2 * time.Second // how often it is looked for speakers that came or went
)

// speakers are the speakers of this machine, and the one that plays the room.
type speakers struct {
	mute atomic.Bool

	changing sync.Mutex // one opening or closing at a time; taken before Client.mu
	output   *speakerOutput

	known []speakerEntry // guarded by Client.mu, found in this order
}

type speakerEntry struct {
	id      int
	device  playback.Device
	present bool
}

// speakerOutput is an open speaker.
type speakerOutput struct {
	speaker int // as chosen: an ID, or -1
	down    *mixdown
	player  io.Closer
	stop    chan struct{} // closed to close it
	closed  chan struct{} // closed when it is
	lost    chan struct{} // capacity 1: it plays no more
	asked   atomic.Int64  // when it asked for sound last, in nanoseconds of a clock that begins with the program
}

// programStart is where that clock begins.
var programStart = time.Now()

// find looks which speakers there are. It tells whether the list is another one than before.
func (s *speakers) find(c *Client) (changed bool) {
	driver := playback.Registered()
	if driver == nil {
		return false
	}
	found, err := driver.Speakers()
	if err != nil {
		c.log.Debug("looking for speakers", "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range s.known {
		k := &s.known[i]
		there := slices.ContainsFunc(found, func(d playback.Device) bool { return d.ID == k.device.ID })
		changed, k.present = changed || there != k.present, there
	}
	for _, d := range found {
		if !slices.ContainsFunc(s.known, func(k speakerEntry) bool { return k.device.ID == d.ID }) {
			s.known = append(s.known, speakerEntry{id: len(s.known) + 1, device: d, present: true})
			changed = true
		}
	}
	return changed
}

// device is the driver's name of a speaker; false if it is not there.
func (s *speakers) device(c *Client, id int) (string, bool) {
	if id < 0 {
		return "", true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range s.known {
		if k.id == id {
			return k.device.ID, k.present
		}
	}
	return "", false
}

func (s *speakers) has(c *Client, id int) bool {
	s.find(c)
	_, there := s.device(c, id)
	return there
}

// GetAudioSpkNames lists the speakers that are there now (CRVideo_GetAudioSpkNames), the default one first when the
// client has just begun. Empty unless package device/speaker is part of the program.
func (c *Client) GetAudioSpkNames() []SpeakerInfo {
	c.speakers.find(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []SpeakerInfo{}
	for _, k := range c.speakers.known {
		if k.present {
			all = append(all, SpeakerInfo{k.id, k.device.Name})
		}
	}
	return all
}

// PlaySpeaker plays the room on the speaker that AudioCfg.SpeakerID says (CRVideo_PlaySpeaker), in this room and in those
// entered later, until PauseSpeaker. Unlike in a browser nothing is played before it is called. If the speaker is
// unplugged the default one takes over. Playing already is no error. Errors: 8005 this program has no speaker driver
// (import device/speaker), 8007 the speaker could not be opened, 8008 no such speaker, 11 client closed.
func (c *Client) PlaySpeaker(ctx context.Context) error {
	const op = "PlaySpeaker"
	if err := c.notClosed(op); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return toError(op, err)
	}
	s := &c.speakers
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.output != nil && !s.output.over() {
		return nil
	}
	return s.open(c, op, c.GetAudioCfg().SpeakerID)
}

// open begins to play; changing is held.
func (s *speakers) open(c *Client, op string, id int) error {
	driver := playback.Registered()
	if driver == nil {
		return fail(op, CodeNoPlatform, &codec.UnavailableError{
			Feature: "speaker", Reason: "its driver is not part of this program",
			Remedy: "import _ \"github.com/crvideo/crvideo-go/device/speaker\", with cgo",
		})
	}
	s.find(c)
	name, there := s.device(c, id)
	if !there {
		return failf(op, CodeNoDevice, "no speaker %d", id)
	}
	out := &speakerOutput{
		speaker: id, stop: make(chan struct{}), closed: make(chan struct{}), lost: make(chan struct{}, 1),
		down: newMixdown(c, &pcmOptions{format: audio.Format{Rate: speakerRate, Channels: speakerChannels, Frame: pcmFrame}}),
	}
	out.asked.Store(int64(time.Since(programStart)))
	var err error
	out.player, err = driver.Open(name, speakerRate, speakerChannels, func(pcm []int16) {
		now := time.Now()
		out.asked.Store(int64(now.Sub(programStart)))
		out.down.fill(pcm, now)
		if s.mute.Load() {
			clear(pcm)
		}
		c.sound.chain.Played(pcm, speakerChannels)
	}, func() { signalTo(out.lost) })
	if err != nil {
		out.down.close()
		return fail(op, CodeDeviceFailed, err)
	}
	if !c.spawn(func() { out.run(c) }) {
		out.close()
		return fail(op, CodeNotInit, nil)
	}
	s.output = out
	return nil
}

// run waits for the end of the output, whoever brings it about.
func (o *speakerOutput) run(c *Client) {
	lost := false
	select {
	case <-o.stop:
	case <-c.life.Done():
	case <-o.lost:
		lost = true
	}
	o.close()
	if lost {
		c.log.Warn("the speaker plays no more", "speaker", o.speaker)
		c.spawn(func() { c.speakers.replace(c, o) })
	}
}

func (o *speakerOutput) close() {
	_ = o.player.Close()
	o.down.close()
	close(o.closed)
}

func (o *speakerOutput) over() bool {
	select {
	case <-o.closed:
		return true
	default:
		return false
	}
}

// replace plays on the default speaker in place of one that was lost.
func (s *speakers) replace(c *Client, lost *speakerOutput) {
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.output != lost {
		return
	}
	s.output = nil
	if err := s.open(c, "PlaySpeaker", -1); err != nil {
		c.log.Error("no other speaker", "error", err)
	}
	s.find(c)
	c.speakersChanged(true)
}

// PauseSpeaker ends PlaySpeaker and lets the speaker go (CRVideo_PauseSpeaker). Not playing is no error.
func (c *Client) PauseSpeaker() {
	s := &c.speakers
	s.changing.Lock()
	defer s.changing.Unlock()
	s.pause()
}

func (s *speakers) pause() {
	out := s.output
	if out == nil {
		return
	}
	s.output = nil
	close(out.stop)
	<-out.closed
}

// choose makes a speaker the one to play on; what is being played goes on there. If that fails it goes on as it was.
func (s *speakers) choose(c *Client, op string, id int) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if old := s.output; old != nil && !old.over() && old.speaker != id {
		if err := s.open(c, op, id); err != nil {
			return err
		}
		close(old.stop)
		<-old.closed
	}
	c.mu.Lock()
	c.audioCfg.SpeakerID = id
	c.mu.Unlock()
	return nil
}

// SetSpeakerMute silences the speaker, or not, without letting it go (CRVideo_SetSpeakerMute). It may be called at any
// time.
func (c *Client) SetSpeakerMute(mute bool) { c.speakers.mute.Store(mute) }

// GetSpeakerMute tells whether SetSpeakerMute silenced the speaker (CRVideo_GetSpeakerMute).
func (c *Client) GetSpeakerMute() bool { return c.speakers.mute.Load() }

// watchSpeakers reports speakers that come or go, until the client ends.
func (c *Client) watchSpeakers() {
	c.speakers.find(c)
	tick := time.NewTicker(speakerPoll)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.speakersChanged(c.speakers.find(c))
			c.speakers.checkOutput()
		case <-c.life.Done():
			return
		}
	}
}

// checkOutput notices a speaker that asks for nothing any more: not every sound system says that one was unplugged.
func (s *speakers) checkOutput() {
	if !s.changing.TryLock() {
		return
	}
	defer s.changing.Unlock()
	if out := s.output; out != nil && time.Since(programStart)-time.Duration(out.asked.Load()) > speakerPoll {
		signalTo(out.lost)
	}
}

func (c *Client) speakersChanged(changed bool) {
	if changed {
		emit(c, &c.on.speakerDev, SpkDeviceChanged{})
	}
}
