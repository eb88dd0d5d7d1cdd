//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	for feature, try := range map[string]func() error{
		"H.264 encoder": func() error { _, err := NewVideoEncoder(H264, VideoParams{Width: 160, Height: 96}); return err },
		"H.264 decoder": func() error { _, err := NewVideoDecoder(H264); return err },
		"Opus encoder":  func() error { _, err := NewAudioEncoder(Opus, 48000, 1, 0); return err },
	} {
		var missing *UnavailableError
		require.ErrorAs(t, try(), &missing)
		assert.Equal(t, feature, missing.Feature)
		assert.Contains(t, missing.Error(), "CGO_ENABLED=1")
	}
}

func TestOpusIsDecodedInGo(t *testing.T) {
	d, err := NewAudioDecoder(Opus, 48000, 1)
	require.NoError(t, err)
	var heard []int16
	pcm := make([]int16, 960)
	for _, packet := range tonePackets(t) {
		n, err := d.Decode(packet, pcm)
		require.NoError(t, err)
		heard = append(heard, pcm[:n]...)
	}
	hz, ok := testpattern.DetectTone(heard[len(heard)/2:], 48000)
	require.True(t, ok)
	assert.InDelta(t, 440, hz, 2)
	n, err := d.Conceal(pcm)
	require.NoError(t, err)
	assert.Equal(t, 960, n)
	for range 2 {
		require.NoError(t, d.Close())
	}
	_, err = d.Decode(tonePackets(t)[0], pcm)
	assert.ErrorIs(t, err, ErrClosed)
}
