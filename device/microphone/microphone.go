//go:build cgo && !nomicrophone && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package microphone

import (
	"sync"

	"github.com/pion/mediadevices/pkg/driver"

	"github.com/crvideo/crvideo-go/internal/capture"
	"github.com/crvideo/crvideo-go/internal/miniaudio"
)

func init() { capture.RegisterMicrophones(look) }

// known are the microphones that the manager of drivers has, by ID, with the ID that it gave them.
var known = struct {
	sync.Mutex
	drivers map[string]string
}{drivers: map[string]string{}}

// look lets the manager of drivers have the microphones that there are now.
func look() {
	known.Lock()
	defer known.Unlock()
	all, _ := miniaudio.List(miniaudio.Microphones) // without a sound system there are none
	gone := known.drivers
	known.drivers = make(map[string]string, len(all))
	for _, d := range all {
		id, there := gone[d.ID]
		if !there {
			id = register(d)
		}
		known.drivers[d.ID] = id
		delete(gone, d.ID)
	}
	for _, id := range gone {
		driver.GetManager().Delete(id)
	}
}

// register makes a microphone known to the manager, and gives the ID that it has there.
func register(d miniaudio.Info) (id string) {
	info := driver.Info{Label: d.ID, DeviceType: driver.Microphone, Name: d.Name, Priority: driver.PriorityNormal}
	if d.Default {
		info.Priority = driver.PriorityHigh
	}
	manager := driver.GetManager()
	if manager.Register(&microphone{id: d.ID}, info) != nil {
		return ""
	}
	for _, found := range manager.Query(driver.FilterDeviceType(driver.Microphone)) {
		if found.Info() == info {
			id = found.ID()
		}
	}
	return id
}
