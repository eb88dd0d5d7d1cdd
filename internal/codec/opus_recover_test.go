package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the redundancy of a packet gives back is closer to what was lost than a guess is.
func TestRecoveryBeatsConcealment(t *testing.T) {
	packets := unhex(t, goldenVoice)
	listen := func(lost func(i int) bool, fill func(d AudioDecoder, next []byte, pcm []int16)) []int16 {
		d, err := NewAudioDecoder(Opus, 16000, 1)
		require.NoError(t, err)
		defer func() { require.NoError(t, d.Close()) }()
		var heard []int16
		for i, packet := range packets {
			pcm := make([]int16, 320)
			if lost(i) {
				fill(d, packets[i+1], pcm)
			} else {
				n, err := d.Decode(packet, pcm)
				require.NoError(t, err)
				require.Equal(t, len(pcm), n)
			}
			heard = append(heard, pcm...)
		}
		return heard
	}
	thirds := func(i int) bool { return i%3 == 1 && i+1 < len(packets) && HasRedundancy(packets[i+1]) }
	whole := listen(func(int) bool { return false }, nil)
	guessed := listen(thirds, func(d AudioDecoder, _ []byte, pcm []int16) {
		n, err := d.Conceal(pcm)
		require.NoError(t, err)
		require.Equal(t, len(pcm), n)
	})
	count := 0
	recovered := listen(thirds, func(d AudioDecoder, next []byte, pcm []int16) {
		n, ok, err := d.Recover(next, pcm)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, len(pcm), n)
		count++
	})
	assert.GreaterOrEqual(t, count, 4)
	off := func(heard []int16) (sum float64) {
		for i := range heard {
			if thirds(i / 320) {
				d := float64(heard[i]) - float64(whole[i])
				sum += d * d
			}
		}
		return sum
	}
	t.Logf("%d of %d packets lost: error of a recovery %.2g, of a guess %.2g", count, len(packets), off(recovered), off(guessed))
	assert.Less(t, 2*off(recovered), off(guessed))
}
