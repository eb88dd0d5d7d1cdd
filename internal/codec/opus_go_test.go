//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// Frames of more than 20 ms are put together from several; loud ones at a high bitrate have lengths of two bytes.
func TestFramesOfTheGoEncoder(t *testing.T) {
	for _, bitrate := range []int{6000, 24000, 128000, 510000} {
		for _, samples := range []int{120, 240, 480, 960, 1920, 2880} {
			e, d := opusPair(t, 48000, 2, bitrate)
			tone, mono := testpattern.NewTone(997, 48000), make([]int16, samples)
			pcm, packet, out := make([]int16, 2*samples), make([]byte, MaxAudioPacket), make([]int16, 2*MaxAudioSamples)
			var heard []int16
			for len(heard) < 24000 {
				tone.Fill(mono)
				for i, v := range mono {
					pcm[2*i], pcm[2*i+1] = v, v
				}
				n, err := e.Encode(pcm, packet)
				require.NoError(t, err)
				assert.LessOrEqual(t, n, max(bitrate*samples/(8*48000), leastOpus))
				n, err = d.Decode(packet[:n], out)
				require.NoError(t, err)
				require.Equal(t, samples, n)
				for i := range n {
					heard = append(heard, out[2*i])
				}
			}
			if bitrate >= 24000 && samples >= 960 {
				hz, ok := testpattern.DetectTone(heard[len(heard)/2:], 48000)
				require.True(t, ok, "%d samples at %d bit/s", samples, bitrate)
				assert.InDelta(t, 997, hz, 2)
			}
		}
	}
	e, _ := opusPair(t, 48000, 1, 32000)
	_, err := e.Encode(make([]int16, 2880), make([]byte, 5))
	assert.ErrorContains(t, err, "no room")
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
