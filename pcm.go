package crvideo

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
)

// The form of PCM unless options say otherwise: signed 16 bit, channels interleaved.
const (
	PCMRate     = 48000 // samples a second
	PCMChannels = 1
	pcmFrame    = 20 * time.Millisecond
)

// PCMOption says in what form sound is read (Audio, Mix) or written (NewPCMQueue).
type PCMOption func(*pcmOptions)

type pcmOptions struct {
	format audio.Format
	framed bool     // WithFrame was given
	only   []string // WithMembers
	chosen bool     // WithMembers was given
}

// WithRate sets the number of samples a second: 8000, 16000, 24000 or 48000. Default 48000.
func WithRate(hz int) PCMOption { return func(o *pcmOptions) { o.format.Rate = hz } }

// WithChannels sets the number of channels, 1 or 2, whatever the other side sends. Default 1.
func WithChannels(n int) PCMOption { return func(o *pcmOptions) { o.format.Channels = n } }

// WithFrame sets the length of a frame, 10 or 20 ms. Default 20 ms. Audio then gives whole frames only.
func WithFrame(d time.Duration) PCMOption {
	return func(o *pcmOptions) { o.format.Frame, o.framed = d, true }
}

// WithMembers restricts a Mix to these members. They need not be there.
func WithMembers(uids ...string) PCMOption {
	return func(o *pcmOptions) { o.only, o.chosen = append(o.only, uids...), true }
}

func pcmOptionsOf(op string, options []PCMOption) (pcmOptions, error) {
	o := pcmOptions{format: audio.Format{Rate: PCMRate, Channels: PCMChannels, Frame: pcmFrame}}
	for _, option := range options {
		option(&o)
	}
	if err := o.format.Check(); err != nil {
		return o, fail(op, CodeBadParameter, err)
	}
	return o, nil
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }
