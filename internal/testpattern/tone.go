package testpattern

import "math"

const (
	toneLowest  = 440.0 // Hz
	toneStep    = 37.0  // Hz
	toneNumber  = 64
	toneLoud    = 10000.0 // amplitude; full scale is 32767
	detectRMS   = 100.0   // quieter than this (-50 dB of full scale) is silence
	detectShare = 0.5     // of the sound's energy must be in the tone
	detectRange = 1 << 15 // samples looked at, at most
)

// ToneFrequency returns the frequency of a member's tone in Hz: 440 to 2,771, in steps of 37, the same again every 64 members.
func ToneFrequency(member uint32) float64 { return toneLowest + toneStep*float64(member%toneNumber) }

// Tone is a sine wave without breaks between one Fill and the next.
type Tone struct{ phase, step float64 }

// NewTone returns a tone of freq Hz at a sample rate in Hz.
func NewTone(freq float64, rate int) *Tone { return &Tone{step: 2 * math.Pi * freq / float64(rate)} }

// Fill writes the next samples, mono.
func (t *Tone) Fill(pcm []int16) {
	for i := range pcm {
		pcm[i] = int16(toneLoud * math.Sin(t.phase))
		t.phase += t.step
		if t.phase > 2*math.Pi {
			t.phase -= 2 * math.Pi
		}
	}
}

// DetectTone finds the one tone in mono samples, within 2 Hz. It needs 100 ms or more, and looks at the last 32,768 samples at
// most. It returns ok false for silence, for noise, and for less than 100 ms.
func DetectTone(pcm []int16, rate int) (hz float64, ok bool) {
	if rate <= 0 || len(pcm) < rate/10 || len(pcm) < 64 {
		return 0, false
	}
	if len(pcm) > detectRange {
		pcm = pcm[len(pcm)-detectRange:]
	}
	mean, energy := 0.0, 0.0
	for _, s := range pcm {
		mean += float64(s)
	}
	mean /= float64(len(pcm))
	size := 1
	for size < 2*len(pcm) {
		size *= 2 // with zeros behind, so that the peak has several points
	}
	re, im := make([]float64, size), make([]float64, size)
	for i, s := range pcm {
		v := float64(s) - mean
		energy += v * v
		re[i] = v * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))) // Hann: no leaks far from the peak
	}
	if math.Sqrt(energy/float64(len(pcm))) < detectRMS {
		return 0, false
	}
	fft(re, im)

	power := re[:size/2]
	peak, total := 1, 0.0
	for i := range power {
		power[i] = re[i]*re[i] + im[i]*im[i]
		total += power[i]
		if i > 0 && power[i] > power[peak] {
			peak = i
		}
	}
	lobe := 2*size/len(pcm) + 1 // half the width of a tone's peak under this window
	share := 0.0
	for i := max(0, peak-lobe); i <= min(len(power)-1, peak+lobe); i++ {
		share += power[i]
	}
	if share < detectShare*total || peak+1 >= len(power) {
		return 0, false
	}
	a, b, c := math.Log(power[peak-1]+1), math.Log(power[peak]+1), math.Log(power[peak+1]+1)
	offset := 0.0
	if d := a - 2*b + c; d != 0 {
		offset = 0.5 * (a - c) / d
	}
	return (float64(peak) + offset) * float64(rate) / float64(size), true
}
