// Package audio works on PCM: it turns the packets of a member into an even stream of sound (jitter buffer, concealment),
// mixes members, keeps the mix from clipping, and measures loudness. PCM is signed 16 bit, channels interleaved. There is
// no resampler in it: Opus encodes from and decodes to every rate that the package is asked for.
package audio

import (
	"fmt"
	"time"
)

// Clock is the rate of RTP timestamps of sound, and of positions in this package, in Hz.
const Clock = 48000

// Format is the form of PCM.
type Format struct {
	Rate     int           // samples a second: 8000, 16000, 24000 or 48000
	Channels int           // 1 or 2
	Frame    time.Duration // 10 or 20 ms
}

// Check tells what is wrong with the format.
func (f Format) Check() error {
	switch f.Rate {
	case 8000, 16000, 24000, 48000:
	default:
		return fmt.Errorf("sample rate %d Hz is none of 8000, 16000, 24000, 48000", f.Rate)
	}
	if f.Channels != 1 && f.Channels != 2 {
		return fmt.Errorf("%d channels, want 1 or 2", f.Channels)
	}
	if f.Frame != 10*time.Millisecond && f.Frame != 20*time.Millisecond {
		return fmt.Errorf("frames of %v, want 10 or 20 ms", f.Frame)
	}
	return nil
}

// FrameSamples is the number of values in a frame, of all channels.
func (f Format) FrameSamples() int { return f.Samples(f.Frame) }

// Samples is the number of values that last for d, of all channels.
func (f Format) Samples(d time.Duration) int {
	return int(int64(d)*int64(f.Rate)/int64(time.Second)) * f.Channels
}

// Duration is how long n values last.
func (f Format) Duration(n int) time.Duration {
	return time.Duration(n/f.Channels) * time.Second / time.Duration(f.Rate)
}

// ticks converts values to units of Clock, values the other way round.
func (f Format) ticks(n int) int64  { return int64(n) * Clock / int64(f.Rate*f.Channels) }
func (f Format) values(t int64) int { return int(t*int64(f.Rate)/Clock) * f.Channels }
func ticksOf(d time.Duration) int64 { return int64(d) * Clock / int64(time.Second) }
func timeOf(t int64) time.Duration  { return time.Duration(t) * time.Second / Clock }
