//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Reported loss changes what is in the packets: the more is lost, the more of them is there for the packet before.
func TestOpusProtectsAgainstReportedLoss(t *testing.T) {
	encode := func(loss float64) (packets [][]byte, redundant int) {
		e, _ := opusPair(t, 16000, 1, 32000)
		require.NoError(t, e.SetLoss(loss))
		rnd, pcm, packet := rand.New(rand.NewPCG(7, 8)), make([]int16, 320), make([]byte, MaxAudioPacket)
		last := 0.0
		for i := range 100 {
			for j := range pcm { // low noise that swells and falls, as voices do
				last = 0.9*last + 0.1*float64(rnd.IntN(40000)-20000)
				pcm[j] = int16(last * math.Abs(math.Sin(float64(i*320+j)/2000)))
			}
			n, err := e.Encode(pcm, packet)
			require.NoError(t, err)
			packets = append(packets, append([]byte(nil), packet[:n]...))
			if HasRedundancy(packet[:n]) {
				redundant++
			}
		}
		return packets, redundant
	}
	little, first := encode(0)
	asUsual, _ := encode(0.1)
	much, second := encode(0.4)
	more, _ := encode(0.9)
	t.Logf("%d of 100 packets protect the one before at 10 %%, %d at 40 %%", first, second)
	assert.Equal(t, little, asUsual, "there is always some loss to be reckoned with")
	assert.NotEqual(t, little, much)
	assert.Equal(t, much, more)
	assert.Positive(t, second)
	assert.GreaterOrEqual(t, second, first)
	e, _ := opusPair(t, 48000, 1, 0)
	require.NoError(t, e.Close())
	assert.ErrorIs(t, e.SetLoss(0.2), ErrClosed)
}
