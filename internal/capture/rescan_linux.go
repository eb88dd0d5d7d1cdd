//go:build cgo && (amd64 || arm64 || arm)

package capture

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	driver "github.com/pion/mediadevices/pkg/driver/camera"
)

// cameraNodes matches the device files of cameras.
const cameraNodes = "/dev/video*"

// scan is the state of the device files when the drivers were found. Its lock is held while they are found anew.
var scan = struct {
	sync.RWMutex
	nodes string
}{nodes: nodes(cameraNodes)}

// rescan finds the cameras anew if their device files are others than the last time: the driver only looks when the
// program starts.
func rescan() {
	now := nodes(cameraNodes)
	scan.Lock()
	defer scan.Unlock()
	if now != scan.nodes {
		driver.Initialize()
		scan.nodes = now
	}
}

// nodes describes device files so that one that was replaced is another one.
func nodes(pattern string) string {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return ""
	}
	var all strings.Builder
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				_, _ = fmt.Fprintln(&all, path, stat.Ino)
			}
		}
	}
	return all.String()
}

func holdDrivers() (release func()) {
	scan.RLock()
	return scan.RUnlock
}
