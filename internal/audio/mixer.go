package audio

import "time"

// Puller gives sound when it is asked.
type Puller interface {
	// Pull fills pcm with what is to be heard from now on and tells whether there was any sound; if not, pcm is silence.
	Pull(pcm []int16, now time.Time) bool
}

// Mixer adds up sounds of one format. It is for one goroutine at a time.
type Mixer struct {
	limiter *Limiter
	sum     []float32
	one     []int16
}

// NewMixer returns a mixer for a format.
func NewMixer(f Format) *Mixer {
	n := f.FrameSamples()
	return &Mixer{limiter: NewLimiter(f.Rate, f.Channels), sum: make([]float32, n), one: make([]int16, n)}
}

// Mix fills pcm with the sum of what the sources give. It tells how many gave any sound.
func (m *Mixer) Mix(pcm []int16, sources []Puller, now time.Time) (sounding int) {
	if len(pcm) > len(m.sum) {
		m.sum, m.one = make([]float32, len(pcm)), make([]int16, len(pcm))
	}
	sum, one := m.sum[:len(pcm)], m.one[:len(pcm)]
	clear(sum)
	for _, s := range sources {
		if !s.Pull(one, now) {
			continue
		}
		sounding++
		for i, v := range one {
			sum[i] += float32(v)
		}
	}
	m.limiter.Apply(sum, pcm)
	return sounding
}
