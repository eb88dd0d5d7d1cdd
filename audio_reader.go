package crvideo

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/rtc"
)

// pauseSlack is how much later than its sound a piece of a pause is given: then the packet that ends it is most often there first.
const pauseSlack = 2 * pcmFrame

// AudioReader reads the sound of one member, complete and in order, as it comes: it never waits for the clock, and gives
// nothing while the microphone is closed. (A Mix of one member is the opposite: an even stream.) It survives the
// microphone's closing and opening, and leaving and entering rooms. Close must be called at its end.
type AudioReader struct {
	follow *sampleFollower
	once   sync.Once
	format audio.Format
	least  int // values that ReadPCM gives at once

	decoding sync.Mutex // guards what follows
	decoder  *audio.Ordered
	rest     []int16   // decoded and not delivered yet
	due      time.Time // when the next piece of a pause is to be delivered, while the sender pauses
}

// Audio begins to receive a member's sound. The member need not be there, nor its microphone open. A room entered
// WithoutAudio delivers nothing. Options set the form of ReadPCM. Errors: 5 empty UID or impossible form, 11 client closed.
func (c *Client) Audio(uid string, options ...PCMOption) (*AudioReader, error) {
	const op = "Audio"
	if err := c.notClosed(op); err != nil {
		return nil, err
	}
	o, err := pcmOptionsOf(op, options)
	switch {
	case err != nil:
		return nil, err
	case uid == "":
		return nil, failf(op, CodeBadParameter, "UID is empty")
	case o.chosen:
		return nil, failf(op, CodeBadParameter, "WithMembers is for Mix")
	}
	a := &AudioReader{follow: newFollower(c, micKind, videoKey{uid: uid}), format: o.format, least: 1}
	if o.framed {
		a.least = o.format.FrameSamples()
	}
	return a, nil
}

// ReadSample waits for the next Opus packet. Of a pause there are few (see AudioCfg.SendSilence), and PTS tells how long it was. After Close, or when the client ends, it returns io.EOF.
func (a *AudioReader) ReadSample(ctx context.Context) (Sample, error) {
	s, mime, _, err := a.follow.read(ctx)
	s.Key = true
	return sampleOf(s, mime), err
}

// ReadPCM waits for sound and decodes it into pcm: signed 16 bit, 48 kHz and mono unless the options of Audio say
// otherwise. It returns the number of values, at least one unless pcm is empty; with WithFrame only whole frames, if pcm
// has room for one. What was lost on the way is rebuilt from the packet after it or guessed, for up to 100 ms (see
// StreamStats.Concealed); while the sender pauses, silence or soft noise comes at the pace of real time. Use ReadPCM or ReadSample on one reader, not both.
func (a *AudioReader) ReadPCM(ctx context.Context, pcm []int16) (int, error) {
	const op = "ReadPCM"
	a.decoding.Lock()
	defer a.decoding.Unlock()
	least := min(a.least, len(pcm))
	for len(a.rest) < least {
		s, fresh, paused, err := a.next(ctx)
		if err != nil {
			return 0, err
		}
		if paused {
			a.rest = append(a.rest, a.decoder.Comfort(pcmFrame)...)
			a.due = a.due.Add(pcmFrame)
			continue
		}
		if a.decoder == nil || fresh {
			a.closeDecoder()
			if a.decoder, err = audio.NewOrdered(a.format, &a.follow.inlet.Sound); err != nil {
				return 0, fail(op, CodeNoPlatform, err)
			}
		}
		a.rest = append(a.rest, a.decoder.Decode(s.Data, s.Timestamp, s.Duration, s.Missing)...)
		a.due = s.Received.Add(pcmFrame + pauseSlack)
	}
	n := min(len(pcm), len(a.rest))
	if n > a.least {
		n -= n % a.least
	}
	copy(pcm, a.rest[:n])
	a.rest = a.rest[:copy(a.rest, a.rest[n:])]
	return n, nil
}

// next waits for the next sample, while the sender pauses no longer than until a piece of the pause is due.
func (a *AudioReader) next(ctx context.Context) (s rtc.Sample, fresh, paused bool, err error) {
	if a.decoder == nil || !a.decoder.Paused() || !a.follow.hasStream() {
		s, _, fresh, err = a.follow.read(ctx)
		return s, fresh, false, err
	}
	const least = time.Millisecond // what is there already goes first
	short, cancel := context.WithTimeout(ctx, max(time.Until(a.due), least))
	defer cancel()
	s, _, fresh, err = a.follow.read(short)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return s, false, true, nil
	}
	return s, fresh, false, err
}

func (a *AudioReader) closeDecoder() {
	if a.decoder != nil {
		_ = a.decoder.Close()
		a.decoder = nil
	}
}

// Close ends the reader; a waiting call returns io.EOF.
func (a *AudioReader) Close() error {
	a.once.Do(func() {
		a.follow.close()
		a.decoding.Lock() // a ReadPCM under way ends first
		defer a.decoding.Unlock()
		a.closeDecoder()
	})
	return nil
}
