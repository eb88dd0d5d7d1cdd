//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func TestFramesOfTheGoEncoder(t *testing.T) {
	e, d := opusPair(t, 48000, 2, 0)
	packet, out := make([]byte, MaxAudioPacket), make([]int16, 2*MaxAudioSamples)
	for _, samples := range []int{120, 240, 480, 960} {
		n, err := e.Encode(make([]int16, 2*samples), packet)
		require.NoError(t, err)
		n, err = d.Decode(packet[:n], out)
		require.NoError(t, err)
		assert.Equal(t, samples, n)
	}
	for _, samples := range []int{1920, 2880} {
		_, err := e.Encode(make([]int16, 2*samples), packet)
		assert.ErrorContains(t, err, "20 ms")
	}
}

// What the library cannot do is no error: the packets are without it.
func TestGoEncoderWithoutSpeechTools(t *testing.T) {
	e, _ := opusPair(t, 16000, 1, 24000)
	require.NoError(t, e.SetLoss(0.4))
	tone, pcm, packet := testpattern.NewTone(300, 16000), make([]int16, 320), make([]byte, MaxAudioPacket)
	for range 50 {
		tone.Fill(pcm)
		n, err := e.Encode(pcm, packet)
		require.NoError(t, err)
		assert.False(t, HasRedundancy(packet[:n]))
		assert.LessOrEqual(t, n, 24000/50/8)
	}
	require.NoError(t, e.Close())
	assert.ErrorIs(t, e.SetLoss(0.4), ErrClosed)
}
