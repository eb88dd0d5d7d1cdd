//go:build cgo && (amd64 || arm64 || arm)

package capture

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNodesTellAReplacedDevice(t *testing.T) {
	dir := t.TempDir()
	pattern := filepath.Join(dir, "video*")
	assert.Empty(t, nodes(pattern))
	node := filepath.Join(dir, "video0")
	require.NoError(t, os.WriteFile(node, nil, 0o600))
	one := nodes(pattern)
	assert.Contains(t, one, node)
	assert.Equal(t, one, nodes(pattern))
	another := filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(another, nil, 0o600))
	assert.Equal(t, one, nodes(pattern), "no camera")
	require.NoError(t, os.Rename(another, node))
	assert.NotEqual(t, one, nodes(pattern), "another device in the same place")
}

// Looking again, while cameras are listed, changes nothing where nothing has changed.
func TestRescan(t *testing.T) {
	before := Cameras()
	scan.Lock()
	scan.nodes = "something else"
	scan.Unlock()
	assert.Equal(t, before, Cameras())
}
