// Package screen finds the screens of this machine and takes pictures of them, by the driver that package device/screen
// brings along.
package screen

import (
	"errors"
	"image"
	"sync"
)

// Screen is one monitor.
type Screen struct {
	ID     string          // names it for Open; stays the same while the screen is there
	Name   string          // for people
	Bounds image.Rectangle // where it is on the desktop, in points
}

// Driver finds and opens screens.
type Driver interface {
	// Screens lists the screens that there are now, the main one first.
	Screens() ([]Screen, error)
	// Open prepares to take pictures of a screen (ID "": the main one).
	Open(id string) (Grabber, error)
}

// Grabber takes pictures of a screen. It is used by one goroutine at a time.
type Grabber interface {
	// Grab takes a picture, which may be used until the next one.
	Grab() (*image.RGBA, error)
	Close() error
}

// ErrNoScreen is returned when there is no screen with that ID (any more), or none at all.
var ErrNoScreen = errors.New("screen: no such screen")

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
