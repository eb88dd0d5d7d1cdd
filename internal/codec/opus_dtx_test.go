package codec

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// sentOf encodes so many frames of 20 ms, and tells how many of them, and bytes, would be sent.
func sentOf(t testing.TB, e AudioEncoder, rate, frames int, again bool, fill func(i int, pcm []int16)) (packets, bytes int) {
	t.Helper()
	pcm, packet := make([]int16, rate/50), make([]byte, MaxAudioPacket)
	for i := range frames {
		fill(i, pcm)
		if again {
			require.NoError(t, e.SetDTX(true), "saying so again changes nothing")
		}
		n, err := e.Encode(pcm, packet)
		require.NoError(t, err)
		if !IsPause(packet[:n]) {
			packets, bytes = packets+1, bytes+n
		}
	}
	return packets, bytes
}

func TestPausesAreLeftOut(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	silence := func(_ int, pcm []int16) { clear(pcm) }
	afterSpeech := func(i int, pcm []int16) { // two seconds of loud noise that swells, then a quiet room
		loud := 20
		if i < 100 {
			loud = 400 * (1 + i%10)
		}
		for j := range pcm {
			pcm[j] = int16(rnd.IntN(2*loud+1) - loud)
		}
	}
	for _, rate := range []int{8000, 16000, 24000, 48000} {
		e, _ := opusPair(t, rate, 1, 0)
		all, bytesOfAll := sentOf(t, e, rate, 500, false, silence)
		assert.Equal(t, 500, all)
		require.NoError(t, e.SetDTX(true))
		few, bytesOfFew := sentOf(t, e, rate, 500, true, silence)
		t.Logf("%d Hz: ten seconds of silence are %d packets and %d bytes, %d and %d with DTX", rate, all, bytesOfAll, few, bytesOfFew)
		assert.Less(t, few, 40)
		assert.Less(t, bytesOfFew, bytesOfAll)
		require.NoError(t, e.SetDTX(false))
		all, _ = sentOf(t, e, rate, 100, false, silence)
		assert.Equal(t, 100, all)

		e, _ = opusPair(t, rate, 1, 0)
		require.NoError(t, e.SetDTX(true))
		few, _ = sentOf(t, e, rate, 500, true, afterSpeech)
		assert.Less(t, few, 180)
		assert.GreaterOrEqual(t, few, 100)
	}
	e, _ := opusPair(t, 48000, 1, 0)
	require.NoError(t, e.Close())
	assert.ErrorIs(t, e.SetDTX(true), ErrClosed)
}

// What is steady is not for that a pause: a tone is held for as long as it lasts, loud or soft.
func TestAToneIsNoPause(t *testing.T) {
	for _, rate := range []int{8000, 12000, 16000, 24000, 48000} {
		e, _ := opusPair(t, rate, 1, 0)
		require.NoError(t, e.SetDTX(true))
		tone := testpattern.NewTone(440, rate)
		for _, part := range []int16{1, 30} {
			packets, _ := sentOf(t, e, rate, 500, true, func(_ int, pcm []int16) {
				tone.Fill(pcm)
				for i := range pcm {
					pcm[i] /= part
				}
			})
			assert.Equal(t, 500, packets, "%d Hz, 1/%d", rate, part)
		}
	}
}
