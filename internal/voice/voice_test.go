//go:build pulse && cgo && linux

package voice

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	rate  = 48000
	frame = 960
)

func power(pcm []int16) (p float64) {
	for _, v := range pcm {
		p += float64(v) * float64(v)
	}
	return p / float64(len(pcm))
}

func decibels(after, before float64) float64 { return 10 * math.Log10(after/before) }

// speech is like vowels: pulses of a changing pitch through a resonance, with pauses.
type speech struct{ n, phase, before, last float64 }

func (s *speech) fill(pcm []int16, loud float64) {
	const width = 0.97
	turn := 2 * width * math.Cos(2*math.Pi*700/rate)
	for i := range pcm {
		s.phase += (120 + 30*math.Sin(2*math.Pi*1.3*s.n/rate)) / rate
		pulse := 0.0
		if s.phase >= 1 {
			s.phase, pulse = s.phase-1, 1
		}
		s.before, s.last = s.last, pulse+turn*s.last-width*width*s.before
		pcm[i] = int16(loud * max(0, math.Sin(2*math.Pi*2*s.n/rate)) * s.last)
		s.n++
	}
}

func newVoice(t testing.TB, s Settings) *Voice {
	require.NoError(t, Available())
	v, err := New(rate, frame)
	require.NoError(t, err)
	t.Cleanup(v.Close)
	require.NoError(t, v.Set(s))
	return v
}

// Steady noise gets at least 10 dB softer, what is like speech at most 3.
func TestNoiseIsSuppressed(t *testing.T) {
	v := newVoice(t, Settings{Noise: true})
	rnd := rand.New(rand.NewPCG(1, 2))
	var in, out, speechIn, speechOut float64
	var s speech
	for i := range 500 {
		pcm := make([]int16, frame)
		if i >= 300 {
			s.fill(pcm, 6000)
		}
		clean := power(pcm)
		for k := range pcm {
			pcm[k] += int16(rnd.NormFloat64() * 300)
		}
		noisy := power(pcm)
		v.Run(pcm, nil)
		switch {
		case i >= 200 && i < 300:
			in, out = in+noisy, out+power(pcm)
		case i >= 300 && clean > 1e6:
			speechIn, speechOut = speechIn+clean, speechOut+power(pcm)
		}
	}
	t.Logf("noise %.1f dB, speech %.1f dB", decibels(out, in), decibels(speechOut, speechIn))
	assert.Less(t, decibels(out, in), -10.0)
	assert.Greater(t, decibels(speechOut, speechIn), -3.0)
}

// Soft and loud speech come nearer to each other.
func TestLoudnessIsEvenedOut(t *testing.T) {
	levels := map[float64]float64{}
	for _, loud := range []float64{600, 9000} {
		v := newVoice(t, Settings{Gain: true})
		var s speech
		for i := range 1000 {
			pcm := make([]int16, frame)
			s.fill(pcm, loud)
			v.Run(pcm, nil)
			if i >= 800 {
				levels[loud] += power(pcm)
			}
		}
	}
	before, after := 20*math.Log10(9000.0/600), decibels(levels[9000], levels[600])
	t.Logf("%.1f dB apart before, %.1f dB after", before, after)
	assert.Less(t, after, before-10)
}

// What the speaker plays is heard 120 ms later by the microphone, at half its strength, and taken out.
func TestEchoIsTakenOut(t *testing.T) {
	v := newVoice(t, Settings{Echo: true})
	const delay = 120 * rate / 1000
	var s speech
	rnd := rand.New(rand.NewPCG(3, 4))
	played := make([]int16, delay)
	var in, out float64
	for i := range 1000 {
		far := make([]int16, frame)
		s.fill(far, 6000)
		for k := range far {
			far[k] += int16(rnd.NormFloat64() * 200)
		}
		played = append(played, far...)
		pcm := make([]int16, frame)
		for k := range pcm {
			pcm[k] = played[i*frame+k] / 2
		}
		before := power(pcm)
		v.Run(pcm, far)
		if i >= 800 {
			in, out = in+before, out+power(pcm)
		}
	}
	t.Logf("echo %.1f dB", decibels(out, in))
	assert.Less(t, decibels(out, in), -25.0)
}

func TestVoiceAfterClose(t *testing.T) {
	v := newVoice(t, Settings{Noise: true})
	pcm := make([]int16, frame)
	v.Run(pcm[:7], nil)
	v.Close()
	v.Close()
	v.Run(pcm, pcm)
	assert.Error(t, v.Set(Settings{}))
}

func BenchmarkVoice(b *testing.B) {
	for name, s := range map[string]Settings{"noise and gain": {Noise: true, Gain: true}, "echo too": {true, true, true}} {
		b.Run(name, func(b *testing.B) {
			v := newVoice(b, s)
			pcm, far := make([]int16, frame), make([]int16, frame)
			rnd := rand.New(rand.NewPCG(3, 4))
			for i := range pcm {
				pcm[i], far[i] = int16(rnd.IntN(2000)), int16(rnd.IntN(2000))
			}
			b.ReportAllocs()
			for b.Loop() {
				v.Run(pcm, far)
			}
		})
	}
}
