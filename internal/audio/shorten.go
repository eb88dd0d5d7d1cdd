package audio

import "math"

// Bounds of the piece that is taken out of a packet: periods of voices, 80 to 400 Hz.
const (
	shortestPeriod = 400 // 1/s
	longestPeriod  = 80
)

// shorten takes one period, or several, out of pcm where the sound repeats itself best, and joins the ends softly, so that
// the pitch stays and nothing clicks. It returns pcm unchanged if that is too short.
func shorten(pcm []int16, f Format) []int16 {
	frames := len(pcm) / f.Channels
	lowest, highest := f.Rate/shortestPeriod, min(f.Rate/longestPeriod, frames/2)
	if highest <= lowest {
		return pcm
	}
	best, lag := math.Inf(-1), lowest
	for l := lowest; l <= highest; l++ {
		if c := likeness(pcm, l, f.Channels); c > best {
			best, lag = c, l
		}
	}
	for i := range lag { // from the beginning to what comes a lag later
		w := float32(i+1) / float32(lag+1)
		for c := range f.Channels {
			a, b := float32(pcm[i*f.Channels+c]), float32(pcm[(i+lag)*f.Channels+c])
			pcm[i*f.Channels+c] = int16(a + (b-a)*w)
		}
	}
	n := copy(pcm[lag*f.Channels:], pcm[2*lag*f.Channels:])
	return pcm[:lag*f.Channels+n]
}

// likeness compares the first lag samples of the first channel with the lag samples after them: 1 is the same.
func likeness(pcm []int16, lag, channels int) float64 {
	var xy, xx, yy float64
	for i := range lag {
		x, y := float64(pcm[i*channels]), float64(pcm[(i+lag)*channels])
		xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}
