// Package voice makes a microphone's sound better: it suppresses noise, evens out loudness, and takes out what the
// speaker plays (echo). It does so with libspeexdsp, which is on most Linux desktops (PulseAudio and ALSA's plugins bring
// it along) and is looked for when the program runs: building needs nothing of it. Where it is not, New says so.
package voice

import "errors"

// Settings are what is done.
type Settings struct {
	Noise bool // suppress noise
	Gain  bool // even out loudness
	Echo  bool // take out what the speaker plays
}

// Any tells whether anything is done at all.
func (s Settings) Any() bool { return s.Noise || s.Gain || s.Echo }

// tailMS is how much later than it was given to the speaker something can be heard by the microphone: the buffers of both,
// and the room. In ms.
const tailMS = 250

var errClosed = errors.New("voice: closed")
