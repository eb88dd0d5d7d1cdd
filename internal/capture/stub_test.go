//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	RegisterMicrophones(func() {})
	defer microphones.Store(nil)
	assert.Empty(t, Cameras())
	assert.Empty(t, Microphones())
	var missing *codec.UnavailableError
	_, err := OpenCamera("", codec.VideoParams{})
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "camera", missing.Feature)
	_, err = OpenMicrophone("", nil)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "microphone", missing.Feature)
}
