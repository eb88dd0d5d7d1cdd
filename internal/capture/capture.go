// Package capture finds the cameras and microphones of this machine and encodes what they give. Cameras are always there
// (with cgo); microphones need the driver that package device/microphone brings along, since it takes long to compile.
package capture

import (
	"errors"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
)

// Device is a camera or a microphone.
type Device struct {
	// ID names the device for OpenCamera or OpenMicrophone. It stays the same while the device stays where it is.
	ID string
	// Name is for people.
	Name string
}

var (
	// ErrNoDevice is returned when there is no device with that ID, or none at all.
	ErrNoDevice = errors.New("capture: no such device")
	// ErrStopped is returned by Next when a device no longer gives anything: it was unplugged or is stuck.
	ErrStopped = errors.New("capture: the device stopped")
)

// microphones is what finds the microphones that there are now; nil: their driver is no part of this program.
var microphones atomic.Pointer[func()]

// RegisterMicrophones is called by the package that brings the microphone driver along. look lets the driver find the
// microphones that there are now.
func RegisterMicrophones(look func()) { microphones.Store(&look) }

// Cameras lists the cameras that there are now (on macOS and Windows: that there were when the program started), the
// preferred one first. Empty without cgo.
func Cameras() []Device { return cameras() }

// Microphones lists the microphones that there are now, the preferred one first. Empty without cgo, and unless package
// device/microphone is imported. What stands in for a microphone where there is none and gives silence is not in the list.
func Microphones() []Device {
	look := microphones.Load()
	if look == nil {
		return nil
	}
	(*look)()
	return listMicrophones()
}

// OpenCamera opens a camera (ID "": the preferred one) and encodes its pictures as H.264 with the size, rate and bitrate of p,
// whatever the camera itself gives: pictures are cut to the shape of p, then scaled. The zero value of each parameter
// stands for 640, 360, 30 frames a second, 600 kbit/s, key frames on request. The caller must close the source.
func OpenCamera(id string, p codec.VideoParams) (source.Source, error) { return openCamera(id, p) }

// OpenMicrophone opens a microphone (ID "": the preferred one) and encodes it as Opus, mono, in packets of 20 ms at 32 kbit/s.
// What it hears goes through chain first, which may be nil. The caller must close the source.
func OpenMicrophone(id string, chain *audio.Chain) (source.Source, error) {
	if microphones.Load() == nil {
		return nil, &codec.UnavailableError{
			Feature: "microphone",
			Reason:  "its driver is not part of this program",
			Remedy:  "import _ \"github.com/crvideo/crvideo-go/device/microphone\"",
		}
	}
	return openMicrophone(id, chain)
}
