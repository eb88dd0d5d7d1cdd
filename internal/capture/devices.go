//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/mediadevices/pkg/driver"
	_ "github.com/pion/mediadevices/pkg/driver/camera" // registers the cameras
)

func cameras() []Device {
	rescan()
	return list(cameraDrivers())
}

func listMicrophones() []Device { return list(microphoneDrivers()) }

func cameraDrivers() []driver.Driver {
	return sorted(driver.FilterAnd(driver.FilterVideoRecorder(), driver.FilterDeviceType(driver.Camera)))
}

func microphoneDrivers() []driver.Driver {
	return sorted(driver.FilterAnd(driver.FilterAudioRecorder(), driver.FilterDeviceType(driver.Microphone), driver.FilterNot(isNull)))
}

// isNull recognises what the audio library offers when there is no sound server (its own null device) and ALSA's "null":
// both return zeros as fast as they are read.
func isNull(d driver.Driver) bool {
	info := d.Info()
	if id, err := hex.DecodeString(info.Label); err == nil && strings.TrimRight(string(id), "\x00") == "null" {
		return true
	}
	return info.Name == "NULL Capture Device" || strings.HasPrefix(info.Name, "Discard all samples")
}

// sorted puts the preferred devices first and the others by name, since the manager has no order.
func sorted(filter driver.FilterFn) []driver.Driver {
	defer holdDrivers()()
	found := driver.GetManager().Query(filter)
	slices.SortFunc(found, func(a, b driver.Driver) int {
		return cmp.Or(cmp.Compare(b.Info().Priority, a.Info().Priority),
			cmp.Compare(a.Info().Label, b.Info().Label), cmp.Compare(a.ID(), b.ID()))
	})
	return found
}

func list(drivers []driver.Driver) []Device {
	var out []Device
	for _, d := range drivers {
		out = append(out, Device{ID: deviceID(d), Name: deviceName(d)})
	}
	return out
}

// deviceID prefers the label, which says where the device is; the driver's own ID is another in each process.
func deviceID(d driver.Driver) string { return cmp.Or(d.Info().Label, d.ID()) }

// deviceName leaves out what drivers append behind a semicolon: bus addresses.
func deviceName(d driver.Driver) string {
	info := d.Info()
	for _, s := range []string{info.Name, info.Label} {
		if name, _, _ := strings.Cut(s, ";"); name != "" {
			return name
		}
	}
	return d.ID()
}

func findDriver(kind, id string, drivers []driver.Driver) (driver.Driver, error) {
	for _, d := range drivers {
		if id == "" || id == deviceID(d) {
			return d, nil
		}
	}
	return nil, fmt.Errorf("open %s %q: %w", kind, id, ErrNoDevice)
}
