//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	for feature, try := range map[string]func() error{
		"H.264 encoder": func() error { _, err := NewVideoEncoder(H264, VideoParams{Width: 160, Height: 96}); return err },
		"H.264 decoder": func() error { _, err := NewVideoDecoder(H264); return err },
	} {
		var missing *UnavailableError
		require.ErrorAs(t, try(), &missing)
		assert.Equal(t, feature, missing.Feature)
		assert.Contains(t, missing.Error(), "CGO_ENABLED=1")
	}
}
