//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)))

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMissingLibraryIsNamed(t *testing.T) {
	set := func(loaded bool, names []string) (was bool) {
		libvpx.Lock()
		defer libvpx.Unlock()
		was, libvpx.loaded, libvpx.names = libvpx.loaded, loaded, names
		return was
	}
	was := set(false, []string{"libvpx-that-is-not-there.so"})
	defer func() { set(was, nil) }()
	_, err := NewVideoDecoder(VP8)
	var missing *UnavailableError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "VP8 decoder", missing.Feature)
	assert.Contains(t, missing.Reason, "libvpx is not installed")
	assert.Contains(t, missing.Remedy, "install libvpx")
}
