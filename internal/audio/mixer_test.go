package audio

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// loudTone gives a sine wave of an amplitude.
type loudTone struct{ phase, step, amplitude float64 }

func newLoudTone(hz, amplitude float64, rate int) *loudTone {
	return &loudTone{step: 2 * math.Pi * hz / float64(rate), amplitude: amplitude}
}

func (l *loudTone) Pull(pcm []int16, _ time.Time) bool {
	for i := range pcm {
		pcm[i] = int16(l.amplitude * math.Sin(l.phase))
		l.phase += l.step
	}
	return true
}

type silence struct{}

func (silence) Pull(pcm []int16, _ time.Time) bool { clear(pcm); return false }

func mixed(t *testing.T, seconds int, sources ...Puller) (heard []int16) {
	t.Helper()
	m := NewMixer(mono48)
	pcm := make([]int16, mono48.FrameSamples())
	for range 50 * seconds {
		require.Equal(t, len(sources), m.Mix(pcm, append(sources, silence{}), time.Time{}))
		heard = append(heard, pcm...)
	}
	return heard
}

func TestMixHasEveryTone(t *testing.T) {
	heard := mixed(t, 1, newLoudTone(500, 8000, 48000), newLoudTone(1100, 8000, 48000), newLoudTone(1700, 8000, 48000))
	for _, hz := range []float64{500, 1100, 1700} {
		assert.InDelta(t, 1.0/3, testpattern.ToneShare(heard, 48000, hz), 0.01)
	}
	assert.Less(t, testpattern.ToneShare(heard, 48000, 800), 0.001)
}

// Two tones at full scale would be cut at half of their sum: that would be heard as other tones.
func TestMixDoesNotClip(t *testing.T) {
	heard := mixed(t, 2, newLoudTone(500, 32000, 48000), newLoudTone(1100, 32000, 48000))
	for _, v := range heard {
		require.LessOrEqual(t, float64(max(v, -v)), limitLevel)
	}
	heard = heard[48000:]
	in := testpattern.ToneShare(heard, 48000, 500) + testpattern.ToneShare(heard, 48000, 1100)
	t.Logf("%.5f of the power is in the two tones", in)
	assert.Greater(t, in, 0.999)
	assert.Greater(t, math.Sqrt(Power(heard)), 0.35, "it is still loud")
}

func TestLimiterLeavesAloneWhatFits(t *testing.T) {
	l := NewLimiter(48000, 2)
	sum, pcm := make([]float32, 1920), make([]int16, 1920)
	for i := range sum {
		sum[i] = float32(i * 10)
	}
	l.Apply(sum, pcm)
	for i := range pcm {
		require.Equal(t, int16(i*10), pcm[i])
	}
	sum[0] = 1e6
	l.Apply(sum, pcm)
	assert.Less(t, pcm[100], int16(200), "softer after a bang")
	clear(sum)
	for range 200 {
		sum[0] = 1000
		l.Apply(sum, pcm)
	}
	assert.InDelta(t, 1000, pcm[0], 1, "and back")
}

func TestEnergyAndLevel(t *testing.T) {
	pcm := make([]int16, 48000)
	newLoudTone(997, 10000, 48000).Pull(pcm, time.Time{})
	p := Power(pcm)
	assert.Equal(t, 2, Energy(p), "10 x 0.216")
	assert.Equal(t, uint8(13), Level(p))
	newLoudTone(997, 32767, 48000).Pull(pcm, time.Time{})
	assert.Equal(t, 7, Energy(Power(pcm)))
	clear(pcm)
	assert.Equal(t, uint8(127), Level(Power(pcm)))
	assert.Zero(t, PowerOf(127))
	assert.Zero(t, Power(nil))
	assert.Equal(t, MaxEnergy, Energy(2))
	for l := uint8(0); l < 127; l++ {
		assert.Equal(t, l, Level(PowerOf(l)))
	}
}

func TestMeter(t *testing.T) {
	var m Meter
	_, ok := m.Take()
	assert.False(t, ok)
	m.Add(0.25)
	m.Add(0.75)
	p, ok := m.Take()
	assert.True(t, ok)
	assert.Equal(t, 0.5, p)
	_, ok = m.Take()
	assert.False(t, ok)
}

// Twenty members, all of them speaking, decoded and mixed: a frame of 20 ms must take far less than 20 ms of one core.
func BenchmarkMixTwentyMembers(b *testing.B) {
	const members = 20
	sent := packets(b, 500, 48000)
	m := NewMixer(mono48)
	var all []Puller
	var jitters []*Jitter
	for range members {
		j, err := NewJitter(mono48, &Counters{})
		require.NoError(b, err)
		defer func() { require.NoError(b, j.Close()) }()
		all, jitters = append(all, j), append(jitters, j)
	}
	pcm := make([]int16, mono48.FrameSamples())
	now, n := time.Unix(1, 0), 0
	b.ReportAllocs()
	for b.Loop() {
		for _, j := range jitters {
			j.Push(1, uint16(n), uint32(n*960), frame, sent[n%len(sent)].data, now)
		}
		m.Mix(pcm, all, now)
		now, n = now.Add(frame), n+1
	}
}
