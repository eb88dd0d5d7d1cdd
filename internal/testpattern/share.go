package testpattern

import "math"

// ToneShare tells how much of the power of mono samples is in a tone of hz, 0 to 1: a sum of two tones of the same
// loudness has half of it in each. The tone may be off by some Hz: the width is two seconds' inverse of the sound's length.
func ToneShare(pcm []int16, rate int, hz float64) float64 {
	if rate <= 0 || len(pcm) < 2 {
		return 0
	}
	var re, im, window, power, mean float64
	for _, s := range pcm {
		mean += float64(s)
	}
	mean /= float64(len(pcm))
	step := 2 * math.Pi * hz / float64(rate)
	for i, s := range pcm {
		v := float64(s) - mean
		power += v * v
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		sin, cos := math.Sincos(step * float64(i))
		re, im, window = re+w*v*cos, im+w*v*sin, window+w
	}
	if power == 0 {
		return 0
	}
	amplitude := 2 * math.Hypot(re, im) / window
	return min(amplitude*amplitude/2/(power/float64(len(pcm))), 1)
}
