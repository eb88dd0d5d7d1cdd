package audio

import (
	"math"
	"sync"
)

// Chain is what happens to one's own sound between the microphone and the encoder. A nil Chain only measures.
type Chain struct {
	mu      sync.Mutex
	gain    float32
	limiter *Limiter
	rate    int
	sides   int
	sum     []float32
}

// NewChain returns a chain that changes nothing.
func NewChain() *Chain { return &Chain{gain: 1} }

// SetGain makes everything louder or softer: 1 leaves it alone, 0 mutes.
func (c *Chain) SetGain(gain float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gain = float32(gain)
}

// Process changes a frame of sound in place, and returns its power.
func (c *Chain) Process(pcm []int16, rate, channels int) (power float64) {
	if c != nil {
		c.process(pcm, rate, channels)
	}
	return Power(pcm)
}

func (c *Chain) process(pcm []int16, rate, channels int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case math.Abs(float64(c.gain)-1) < 1e-6:
		return
	case c.gain == 0:
		clear(pcm)
		return
	}
	if c.limiter == nil || c.rate != rate || c.sides != channels {
		c.limiter, c.rate, c.sides = NewLimiter(rate, channels), rate, channels
	}
	if cap(c.sum) < len(pcm) {
		c.sum = make([]float32, len(pcm))
	}
	sum := c.sum[:len(pcm)]
	for i, v := range pcm {
		sum[i] = float32(v) * c.gain
	}
	c.limiter.Apply(sum, pcm)
}
