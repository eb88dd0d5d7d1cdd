package audio

import (
	"math"
	"sync"

	"github.com/crvideo/crvideo-go/internal/voice"
)

// Chain is what happens to one's own sound between the microphone and the encoder. A nil Chain only measures.
type Chain struct {
	mu      sync.Mutex
	gain    float32
	limiter *Limiter
	rate    int
	sides   int
	sum     []float32

	pauses bool // need not be sent

	wanted voice.Settings
	voice  *voice.Voice // nil: nothing to do so far, or nothing can be done
	format [2]int       // rate and frame that it was made for
	active voice.Settings
	far    far
}

// NewChain returns a chain that changes nothing.
func NewChain() *Chain { return &Chain{gain: 1} }

// SetGain makes everything louder or softer: 1 leaves it alone, 0 mutes.
func (c *Chain) SetGain(gain float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gain = float32(gain)
}

// SetPauses tells whether pauses are left out of what is sent.
func (c *Chain) SetPauses(left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pauses = left
}

// Pauses tells it.
func (c *Chain) Pauses() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pauses
}

// SetVoice chooses what ProcessVoice does.
func (c *Chain) SetVoice(s voice.Settings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = s
}

// Process changes a frame of sound in place, and returns its power.
func (c *Chain) Process(pcm []int16, rate, channels int) (power float64) {
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.amplify(pcm, rate, channels)
	}
	return Power(pcm)
}

// ProcessVoice is Process for what a real microphone heard, mono: first it is made better, as SetVoice says and as far as
// this machine can.
func (c *Chain) ProcessVoice(pcm []int16, rate int) (power float64) {
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.improve(pcm, rate)
		c.amplify(pcm, rate, 1)
	}
	return Power(pcm)
}

func (c *Chain) improve(pcm []int16, rate int) {
	played := c.far.take(len(pcm))
	now := c.wanted
	now.Echo = now.Echo && played != nil
	if c.voice == nil && (!now.Any() || voice.Available() != nil) {
		return
	}
	if format := [2]int{rate, len(pcm)}; c.voice == nil || c.format != format {
		c.release()
		v, err := voice.New(rate, len(pcm))
		if err != nil {
			return
		}
		c.voice, c.format = v, format
	}
	if now != c.active && c.voice.Set(now) == nil {
		c.active = now
	}
	c.voice.Run(pcm, played)
}

func (c *Chain) amplify(pcm []int16, rate, channels int) {
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

// Played takes note of what a speaker was given, at the rate of the microphone, lest the microphone sends it back.
func (c *Chain) Played(pcm []int16, channels int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted.Echo {
		c.far.put(pcm, channels)
	}
}

// Release frees what only an open microphone needs.
func (c *Chain) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.release()
	c.far = far{}
}

func (c *Chain) release() {
	if c.voice != nil {
		c.voice.Close()
		c.voice, c.active = nil, voice.Settings{}
	}
}
