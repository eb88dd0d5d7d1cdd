package audio

import (
	"math"
	"sync"
)

// Loudness. A level is what RFC 6464 has: 0 is as loud as can be, 127 is silence, in decibels below it. An energy is what
// CRVideo has: 0 to 10, ten times the root mean square with full scale as 1.
const (
	silentLevel = 127
	MaxEnergy   = 10
)

// Power is the mean square of pcm, full scale as 1.
func Power(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum int64
	for _, v := range pcm {
		sum += int64(v) * int64(v)
	}
	return float64(sum) / float64(len(pcm)) / (math.MaxInt16 * math.MaxInt16)
}

// Level turns a power into decibels below full scale.
func Level(power float64) uint8 {
	if power < 1e-13 {
		return silentLevel
	}
	return uint8(min(max(math.Round(-10*math.Log10(power)), 0), silentLevel))
}

// powers of the levels
var powers = func() (p [silentLevel + 1]float64) {
	for i := range p {
		p[i] = math.Pow(10, -float64(i)/10)
	}
	p[silentLevel] = 0
	return p
}()

// PowerOf turns a level back into a power.
func PowerOf(level uint8) float64 { return powers[min(level, silentLevel)] }

// Energy turns a power into CRVideo's 0 to 10.
func Energy(power float64) int {
	return min(int(math.Round(MaxEnergy*math.Sqrt(max(power, 0)))), MaxEnergy)
}

// Meter gathers power between one reading and the next.
type Meter struct {
	mu  sync.Mutex
	sum float64
	n   int
}

// Add takes the power of a piece of sound; all pieces count alike.
func (m *Meter) Add(power float64) {
	m.mu.Lock()
	m.sum += power
	m.n++
	m.mu.Unlock()
}

// Take returns the mean power since the last Take; false if nothing was added.
func (m *Meter) Take() (power float64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.n == 0 {
		return 0, false
	}
	power = m.sum / float64(m.n)
	m.sum, m.n = 0, 0
	return power, true
}
