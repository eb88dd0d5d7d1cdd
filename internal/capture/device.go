//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"

	"github.com/crvideo/crvideo-go/internal/source"
)

// patience is how long a device that is being closed may take to end its read in progress before it is closed under it.
const patience = 500 * time.Millisecond

// device runs the goroutine that reads from an open driver. That goroutine also closes the driver, between two reads: the
// drivers do not bear it well while one goes on.
type device struct {
	name    string
	release func()        // closes the driver, once
	silence time.Duration // without anything for so long, the device counts as gone

	ready  chan struct{} // something to fetch; capacity 1
	closed chan struct{} // Close was called
	ended  chan struct{} // the goroutine has ended; err is set
	err    error
	once   sync.Once
}

func newDevice(d driver.Driver, silence time.Duration) *device {
	return &device{
		name: deviceName(d), release: sync.OnceFunc(func() { _ = d.Close() }), silence: silence,
		ready: make(chan struct{}, 1), closed: make(chan struct{}), ended: make(chan struct{}),
	}
}

// run calls read, which returns after each picture or piece of sound, until it fails or the device is closed.
func (d *device) run(read func() error) {
	defer close(d.ended)
	defer d.release()
	for {
		if err := read(); err != nil {
			if errors.Is(err, io.EOF) {
				err = ErrStopped
			}
			d.err = fmt.Errorf("%s: %w", d.name, err)
			return
		}
		select {
		case <-d.closed:
			return
		default:
		}
	}
}

// notify tells wait that there is something to fetch.
func (d *device) notify() {
	select {
	case d.ready <- struct{}{}:
	default:
	}
}

// wait returns when there may be something to fetch.
func (d *device) wait(ctx context.Context) error {
	timer := time.NewTimer(d.silence)
	defer timer.Stop()
	select {
	case <-d.closed:
		return source.ErrClosed
	default:
	}
	select {
	case <-d.ready:
		return nil
	case <-d.closed:
		return source.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-d.ended:
		return d.err
	case <-timer.C:
		return fmt.Errorf("%s: nothing for %v: %w", d.name, d.silence, ErrStopped)
	}
}

// close ends the goroutine and waits for it.
func (d *device) close() {
	d.once.Do(func() { close(d.closed) })
	select {
	case <-d.ended:
		return
	case <-time.After(patience):
	}
	go d.release() // it hangs in a read: this makes the read fail, or waits for the end of the read as well
	select {
	case <-d.ended:
	case <-time.After(patience):
		// A driver that does not react to that at once keeps its goroutine until it does: cameras look up every 5 s.
	}
}
