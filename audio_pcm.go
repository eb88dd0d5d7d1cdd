package crvideo

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/audio"
)

// AudioSide says whose sound StartGetAudioPCM gives.
type AudioSide int

// The sides.
const (
	AudioSideMic     AudioSide = 0 // one's own, as the others get it; nothing while the microphone is closed
	AudioSideSpeaker AudioSide = 1 // the others', mixed: an even stream, as a Mix gives it
)

// AudioPCMEvents as getType of StartGetAudioPCM asks for NotifyAudioPCMDat events.
const AudioPCMEvents = 0

// AudioPCMParams are the form of the PCM of StartGetAudioPCM. Zero fields mean the default.
type AudioPCMParams struct {
	Rate     int // samples a second: 8000, 16000, 24000 or 48000; default 16000
	Channels int // 1 or 2; default 1
	FrameMS  int // length of what one event has: 10 or 20; default 20
}

// NotifyAudioPCMDat brings a piece of sound (CRVideo_NotifyAudioPCMDat): signed 16 bit, channels interleaved. It comes to
// its handler only, never to Events. PCM is the handler's own. Of a handler that is a second behind, further pieces are
// left out.
type NotifyAudioPCMDat struct {
	Side AudioSide
	PCM  []int16
}

func (NotifyAudioPCMDat) isEvent() {}

// pcmWaiting is how many pieces of sound may wait for a slow handler.
const pcmWaiting = 50

const defaultEventRate = 16000

// pcmFeeds are what StartGetAudioPCM started.
type pcmFeeds struct {
	sync.Mutex
	stop [2]func() // by side; nil: not started
}

// startPCM is StartGetAudioPCM for one client.
func (c *Client) startPCM(side AudioSide, getType int, p AudioPCMParams) error {
	const op = "StartGetAudioPCM"
	if err := c.notClosed(op); err != nil {
		return err
	}
	o, err := pcmOptionsOf(op, []PCMOption{
		WithRate(orDefault(p.Rate, defaultEventRate)), WithChannels(orDefault(p.Channels, PCMChannels)),
		WithFrame(milliseconds(orDefault(p.FrameMS, int(pcmFrame.Milliseconds())))),
	})
	switch {
	case err != nil:
		return err
	case side != AudioSideMic && side != AudioSideSpeaker:
		return failf(op, CodeBadParameter, "aSide %d is not 0 or 1", side)
	case getType != AudioPCMEvents:
		return failf(op, CodeBadParameter, "getType %d is not 0", getType)
	}
	c.feeds.Lock()
	defer c.feeds.Unlock()
	if c.feeds.stop[side] != nil {
		return failf(op, CodeLoginState, "started already")
	}
	var waiting atomic.Int32
	give := func(pcm []int16) {
		if waiting.Add(1) > pcmWaiting {
			waiting.Add(-1)
			return
		}
		c.events.post(func() {
			waiting.Add(-1)
			c.on.audioPCM.call(NotifyAudioPCMDat{side, pcm})
		})
	}
	if side == AudioSideMic {
		c.feeds.stop[side], err = c.feedMic(o.format, give)
	} else {
		c.feeds.stop[side], err = c.feedMix(&o, give)
	}
	return toError(op, err)
}

// feedMic gives what is sent, decoded again: that is what the others hear, in every form.
func (c *Client) feedMic(f audio.Format, give func([]int16)) (stop func(), err error) {
	decoder, err := audio.NewOrdered(f, &audio.Counters{})
	if err != nil {
		return nil, fail("", CodeNoPlatform, err)
	}
	var rest []int16
	n := f.FrameSamples()
	unlisten := c.sound.listen(func(s Sample) {
		rest = append(rest, decoder.Decode(s.Data, 0, 0, 0)...)
		for len(rest) >= n {
			give(append([]int16(nil), rest[:n]...))
			rest = rest[:copy(rest, rest[n:])]
		}
	})
	return func() {
		unlisten()
		_ = decoder.Close()
	}, nil
}

// feedMix gives the room.
func (c *Client) feedMix(o *pcmOptions, give func([]int16)) (stop func(), err error) {
	ctx, cancel := context.WithCancel(c.life)
	ended := make(chan struct{})
	mix := c.newMix(o)
	if !c.spawn(func() {
		defer close(ended)
		defer func() { _ = mix.Close() }()
		for {
			pcm := make([]int16, o.format.FrameSamples())
			if _, err := mix.ReadPCM(ctx, pcm); err != nil {
				return
			}
			give(pcm)
		}
	}) {
		cancel()
		return nil, fail("", CodeNotInit, nil)
	}
	return func() {
		cancel()
		<-ended
	}, nil
}

// stopPCM is StopGetAudioPCM for one client.
func (c *Client) stopPCM(side AudioSide) {
	if side != AudioSideMic && side != AudioSideSpeaker {
		return
	}
	c.feeds.Lock()
	defer c.feeds.Unlock()
	if stop := c.feeds.stop[side]; stop != nil {
		c.feeds.stop[side] = nil
		stop()
	}
}
