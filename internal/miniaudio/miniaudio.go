//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package miniaudio

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"
)

// Kind is that of a device.
type Kind malgo.DeviceType

// The kinds.
const (
	Speakers    = Kind(malgo.Playback)
	Microphones = Kind(malgo.Capture)
)

// Info is a device that there is now.
type Info struct {
	ID      string // stays the same while the device stays where it is
	Name    string // for people
	Default bool
	id      malgo.DeviceID
}

// ErrNoDevice is returned by Start when there is no device with that ID, or none at all.
var ErrNoDevice = errors.New("no such device")

// backends are all but the last one that miniaudio tries, which plays into nothing and hears nothing.
var backends = []malgo.Backend{
	malgo.BackendWasapi, malgo.BackendDsound, malgo.BackendWinmm, malgo.BackendCoreaudio, malgo.BackendSndio, malgo.BackendAudio4,
	malgo.BackendOss, malgo.BackendPulseaudio, malgo.BackendAlsa, malgo.BackendJack,
}

func connect() (*malgo.AllocatedContext, error) {
	ctx, err := malgo.InitContext(backends, malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("no sound system: %w", err)
	}
	return ctx, nil
}

func release(ctx *malgo.AllocatedContext) {
	_ = ctx.Uninit()
	ctx.Free()
}

// lister is the connection to the sound system that is asked for devices. One that fails is made anew: a sound server
// may have been started, or started again.
var lister struct {
	sync.Mutex
	ctx *malgo.AllocatedContext
}

// List tells which devices there are now, the default one first.
func List(kind Kind) ([]Info, error) {
	lister.Lock()
	defer lister.Unlock()
	all, err := list(kind)
	if err != nil && lister.ctx != nil {
		release(lister.ctx)
		lister.ctx = nil
		all, err = list(kind)
	}
	return all, err
}

func list(kind Kind) (all []Info, err error) {
	if lister.ctx == nil {
		if lister.ctx, err = connect(); err != nil {
			return nil, err
		}
	}
	found, err := lister.ctx.Devices(malgo.DeviceType(kind))
	if err != nil {
		return nil, fmt.Errorf("list sound devices: %w", err)
	}
	for i := range found {
		if name := found[i].Name(); !strings.HasPrefix(name, "Discard all samples") { // ALSA's nothing
			all = append(all, Info{ID: found[i].ID.String(), Name: name, Default: found[i].IsDefault > 0, id: found[i].ID})
		}
	}
	slices.SortStableFunc(all, func(a, b Info) int { return cmp.Compare(rank(a), rank(b)) })
	return all, nil
}

func rank(i Info) int {
	if i.Default {
		return 0
	}
	return 1
}

// Config says how a device is to be used: 16 bit, in pieces of Period.
type Config struct {
	Rate, Channels int
	Period         time.Duration
	// Pull writes what a speaker plays next, Push takes what a microphone heard, for the time of the call; on a thread
	// of the device.
	Pull, Push func(pcm []int16)
	// Stopped is called when the device plays or hears no more without having been closed. It must not block.
	Stopped func()
}

// Device is a device in use.
type Device struct {
	once   sync.Once
	ctx    *malgo.AllocatedContext
	device *malgo.Device
}

// Start uses a device. ID "" is the system's default one, even if that becomes another one later.
func Start(kind Kind, id string, c Config) (*Device, error) {
	all, err := List(kind)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(i Info) bool { return id == "" || i.ID == id })
	if at < 0 {
		return nil, fmt.Errorf("%w: %q", ErrNoDevice, id)
	}
	ctx, err := connect() // of its own, so that nothing outlives it when it is closed
	if err != nil {
		return nil, err
	}
	device, err := start(ctx, kind, id, &all[at], c)
	if err != nil {
		release(ctx)
		return nil, fmt.Errorf("%s: %w", all[at].Name, err)
	}
	return &Device{ctx: ctx, device: device}, nil
}

func start(ctx *malgo.AllocatedContext, kind Kind, id string, info *Info, c Config) (*malgo.Device, error) {
	cfg := malgo.DefaultDeviceConfig(malgo.DeviceType(kind))
	cfg.SampleRate, cfg.PeriodSizeInMilliseconds = uint32(c.Rate), uint32(c.Period.Milliseconds())
	sub := &cfg.Playback
	if kind == Microphones {
		sub, cfg.PerformanceProfile = &cfg.Capture, malgo.LowLatency
	}
	sub.Format, sub.Channels = malgo.FormatS16, uint32(c.Channels)
	var pinned runtime.Pinner // the device's ID is only read while the device is made
	defer pinned.Unpin()
	if id != "" {
		own := new(malgo.DeviceID) // in memory without pointers
		*own = info.id
		pinned.Pin(own)
		sub.DeviceID = unsafe.Pointer(own)
	}
	device, err := malgo.InitDevice(ctx.Context, cfg, malgo.DeviceCallbacks{
		Data: func(out, in []byte, _ uint32) {
			if len(out) >= 2 && c.Pull != nil {
				c.Pull(unsafe.Slice((*int16)(unsafe.Pointer(&out[0])), len(out)/2)) // which C aligned
			}
			if len(in) >= 2 && c.Push != nil {
				c.Push(unsafe.Slice((*int16)(unsafe.Pointer(&in[0])), len(in)/2))
			}
		},
		Stop: c.Stopped,
	})
	if err != nil {
		return nil, err
	}
	if err := device.Start(); err != nil {
		device.Uninit()
		return nil, err
	}
	return device, nil
}

// patience is how long a device may take to close.
const patience = 2 * time.Second

// Close ends the use. A device that does not let itself be closed is given up: miniaudio waits for ever for one of
// PulseAudio that was unplugged while it was used by name. Its functions are not called any more then.
func (d *Device) Close() error {
	d.once.Do(func() {
		ended := make(chan struct{})
		go func() {
			d.device.Uninit()
			release(d.ctx)
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(patience):
		}
	})
	return nil
}
