package audio

import "math"

const (
	limitLevel   = 0.9 * math.MaxInt16 // no sample gets louder than this
	limitRelease = 0.2                 // seconds until a loud moment is forgotten
)

// Limiter keeps a sum of sounds from clipping: where it would get too loud the whole sound gets softer at once, and back
// slowly, so that voices are not torn. What is never too loud is not touched.
type Limiter struct {
	channels int
	release  float32 // share of the way back to full volume, each sample
	gain     float32
}

// NewLimiter returns a limiter for a rate and number of channels.
func NewLimiter(rate, channels int) *Limiter {
	return &Limiter{channels: channels, release: float32(1 - math.Exp(-1/(limitRelease*float64(rate)))), gain: 1}
}

// Apply writes the limited sum. Both are as long, channels interleaved.
func (l *Limiter) Apply(sum []float32, pcm []int16) {
	if l.gain > 0.999 && loudest(sum) <= limitLevel { // the common case
		for i, v := range sum {
			pcm[i] = int16(v)
		}
		l.gain = 1
		return
	}
	for i := 0; i+l.channels <= len(sum); i += l.channels {
		l.gain += (1 - l.gain) * l.release
		if peak := loudest(sum[i : i+l.channels]); peak*l.gain > limitLevel {
			l.gain = limitLevel / peak
		}
		for c := i; c < i+l.channels; c++ {
			pcm[c] = int16(sum[c] * l.gain)
		}
	}
}

func loudest(sum []float32) (peak float32) {
	for _, v := range sum {
		peak = max(peak, v, -v)
	}
	return peak
}
