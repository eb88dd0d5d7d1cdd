//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)))

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVP8IsDecodedWithoutLibvpx(t *testing.T) {
	set := func(loaded bool, names []string) (was bool) {
		libvpx.Lock()
		defer libvpx.Unlock()
		was, libvpx.loaded, libvpx.names = libvpx.loaded, loaded, names
		return was
	}
	was := set(false, []string{"libvpx-that-is-not-there.so"})
	defer func() { set(was, nil) }()
	d, err := NewVideoDecoder(VP8)
	require.NoError(t, err)
	assert.IsType(t, &goVP8Decoder{}, d)
	require.NoError(t, d.Close())
}
