//go:build cgo && !nospeaker && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package speaker

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"github.com/crvideo/crvideo-go/internal/playback"
)

func init() { playback.Register(&driver{}) }

// periodMS is how much a speaker takes at once; it holds up to three of it.
const periodMS = 20

// backends are all but the last one that miniaudio tries, which plays into nothing.
var backends = []malgo.Backend{
	malgo.BackendWasapi, malgo.BackendDsound, malgo.BackendWinmm, malgo.BackendCoreaudio, malgo.BackendSndio, malgo.BackendAudio4,
	malgo.BackendOss, malgo.BackendPulseaudio, malgo.BackendAlsa, malgo.BackendJack,
}

type driver struct {
	mu  sync.Mutex
	ctx *malgo.AllocatedContext // made at first use, for the life of the program
}

func (d *driver) context() (malgo.Context, error) {
	if d.ctx == nil {
		ctx, err := malgo.InitContext(backends, malgo.ContextConfig{}, nil)
		if err != nil {
			return malgo.Context{}, err // tried again next time: a sound server may come up
		}
		d.ctx = ctx
	}
	return d.ctx.Context, nil
}

// devices lists what can be played on, the default one first. d.mu is held.
func (d *driver) devices() (malgo.Context, []malgo.DeviceInfo, error) {
	ctx, err := d.context()
	if err != nil {
		return ctx, nil, fmt.Errorf("no sound system: %w", err)
	}
	all, err := ctx.Devices(malgo.Playback)
	if err != nil {
		return ctx, nil, fmt.Errorf("list speakers: %w", err)
	}
	all = slices.DeleteFunc(all, func(i malgo.DeviceInfo) bool { return strings.HasPrefix(i.Name(), "Discard all samples") })
	slices.SortStableFunc(all, func(a, b malgo.DeviceInfo) int { return cmp.Compare(b.IsDefault, a.IsDefault) })
	return ctx, all, nil
}

func (d *driver) Speakers() ([]playback.Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, all, err := d.devices()
	out := make([]playback.Device, 0, len(all))
	for i := range all {
		out = append(out, playback.Device{ID: all[i].ID.String(), Name: all[i].Name()})
	}
	return out, err
}

func (d *driver) Open(id string, rate, channels int, pull func([]int16), stopped func()) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ctx, all, err := d.devices()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(i malgo.DeviceInfo) bool { return id == "" || i.ID.String() == id })
	if at < 0 {
		return nil, fmt.Errorf("%w: %q", playback.ErrNoDevice, id)
	}
	cfg := malgo.DefaultDeviceConfig(malgo.Playback)
	cfg.Playback.Format = malgo.FormatS16
	cfg.Playback.Channels = uint32(channels)
	cfg.SampleRate = uint32(rate)
	cfg.PeriodSizeInMilliseconds = periodMS
	var pinned runtime.Pinner // the device's ID is only read while the device is made
	defer pinned.Unpin()
	if id != "" { // else the system's default one, even if that becomes another one later
		pinned.Pin(&all[at].ID)
		cfg.Playback.DeviceID = unsafe.Pointer(&all[at].ID)
	}
	device, err := malgo.InitDevice(ctx, cfg, malgo.DeviceCallbacks{
		Data: func(out, _ []byte, _ uint32) {
			if len(out) >= 2 {
				pull(unsafe.Slice((*int16)(unsafe.Pointer(&out[0])), len(out)/2)) // which C aligned
			}
		},
		Stop: stopped,
	})
	if err != nil {
		return nil, fmt.Errorf("open speaker %s: %w", all[at].Name(), err)
	}
	if err := device.Start(); err != nil {
		device.Uninit()
		return nil, fmt.Errorf("start speaker %s: %w", all[at].Name(), err)
	}
	return &player{device: device}, nil
}

type player struct {
	once   sync.Once
	device *malgo.Device
}

// patience is how long a speaker may take to close.
const patience = 2 * time.Second

// Close gives up a speaker that does not let itself be closed: miniaudio waits for ever for a PulseAudio sink that was
// unplugged while it played on it by name. It asks for no sound any more then.
func (p *player) Close() error {
	p.once.Do(func() {
		ended := make(chan struct{})
		go func() {
			p.device.Uninit()
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(patience):
		}
	})
	return nil
}
