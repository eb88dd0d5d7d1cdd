// Package playback plays PCM on the speakers of this machine, by the driver that package device/speaker brings along.
package playback

import (
	"errors"
	"io"
	"sync"
)

// Device is a speaker.
type Device struct {
	ID   string // names it for Open; stays the same while the device stays where it is
	Name string // for people
}

// Driver finds and opens speakers.
type Driver interface {
	// Speakers lists the speakers there are now, the default one first.
	Speakers() ([]Device, error)
	// Open plays on a speaker (ID "": the default one) what pull writes, whenever the speaker needs it, on a thread of the
	// driver. stopped is called when the speaker plays no more without having been closed: it must not block. When
	// Close returns neither is called any more.
	Open(id string, rate, channels int, pull func(pcm []int16), stopped func()) (io.Closer, error)
}

// ErrNoDevice is returned by Open when there is no speaker with that ID, or none at all.
var ErrNoDevice = errors.New("playback: no such speaker")

var registered struct {
	sync.Mutex
	driver Driver
}

// Register makes a driver known.
func Register(d Driver) {
	registered.Lock()
	defer registered.Unlock()
	registered.driver = d
}

// Registered returns the driver; nil: none is part of this program.
func Registered() Driver {
	registered.Lock()
	defer registered.Unlock()
	return registered.driver
}
