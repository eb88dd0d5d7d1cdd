//go:build pulse && cgo && linux

package audio

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/voice"
)

// A speaker that takes two frames at a time, a microphone that hears it 60 ms later, and their own noise.
func TestChainTakesOutNoiseAndEcho(t *testing.T) {
	require.NoError(t, voice.Available())
	c := NewChain()
	c.SetVoice(voice.Settings{Noise: true, Echo: true})
	rnd := rand.New(rand.NewPCG(1, 2))
	const delay, frames = 60 * 48, 1000
	room := make([]int16, delay)
	var before, after float64
	for i := range frames {
		if i%2 == 0 {
			played := make([]int16, 2*2*farFrame)
			loud := 3000 * (1 + math.Sin(float64(i)/10))
			for k := 0; k < len(played); k += 2 {
				played[k] = int16(rnd.NormFloat64() * loud / 2)
				played[k+1] = played[k]
				room = append(room, played[k]/2)
			}
			c.Played(played, 2)
		}
		heard := room[i*farFrame : (i+1)*farFrame]
		pcm := make([]int16, farFrame)
		for k := range pcm {
			pcm[k] = heard[k] + int16(rnd.NormFloat64()*20)
		}
		power := Power(pcm)
		got := c.ProcessVoice(pcm, 48000)
		require.InDelta(t, Power(pcm), got, 1e-12)
		if i > frames*8/10 {
			before, after = before+power, after+got
		}
	}
	t.Logf("%.1f dB", 10*math.Log10(after/before))
	assert.Less(t, after, before/100)
	c.Release()
	c.SetVoice(voice.Settings{})
	pcm := []int16{1, 2, 3}
	c.ProcessVoice(pcm, 48000)
	assert.Equal(t, []int16{1, 2, 3}, pcm)
}
