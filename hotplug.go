package crvideo

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/capture"
)

// devicePoll is how often the machine is asked for its cameras and microphones.
const devicePoll = 2 * time.Second

// foundDevice is a camera or microphone that the machine has.
type foundDevice struct {
	id, name string // id says where it is
	open     SourceFunc
}

// findDevices asks the machine.
func findDevices() (cameras, mics []foundDevice) {
	for _, d := range capture.Cameras() {
		cameras = append(cameras, foundDevice{d.ID, d.Name, func(_ context.Context, f SourceFormat) (Source, error) {
			return internalSource(capture.OpenCamera(d.ID, f.video()))
		}})
	}
	for _, d := range capture.Microphones() {
		mics = append(mics, foundDevice{d.ID, d.Name, func(_ context.Context, f SourceFormat) (Source, error) {
			return internalSource(capture.OpenMicrophone(d.ID, f.chain))
		}})
	}
	return cameras, mics
}

// update notes which devices of a list the machine has now, and tells whether that is new. A device keeps its place and
// its ID for the life of the client, also while it is absent.
func update(list *[]deviceEntry, found []foundDevice) (changed bool) {
	known := map[string]bool{}
	for i := range *list {
		d := &(*list)[i]
		if d.real == "" {
			continue
		}
		known[d.real] = true
		absent := !slices.ContainsFunc(found, func(f foundDevice) bool { return f.id == d.real })
		changed = changed || absent != d.absent
		d.absent = absent
	}
	for _, f := range found {
		if known[f.id] {
			continue
		}
		id, at := 1, len(*list)
		for i := range *list {
			if d := &(*list)[i]; d.id < firstCustomID {
				id = max(id, d.id+1)
			}
			if at == len(*list) && (*list)[i].real == "" {
				at = i // behind the real ones, before all others
			}
		}
		if id == firstCustomID {
			return changed
		}
		*list = slices.Insert(*list, at, deviceEntry{id: id, name: f.name, real: f.id, open: f.open})
		changed = true
	}
	return changed
}

// pollDevices looks for devices, and asks to be called again.
func (c *Client) pollDevices() {
	c.spawn(func() {
		c.lookForDevices()
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.closed {
			c.poll.Reset(devicePoll)
		}
	})
}

// lookForDevices takes the devices as they are now, tells what is different, and lets another device take over where an
// open one is gone. It does not wait for the server.
func (c *Client) lookForDevices() {
	c.mu.Lock()
	find := c.find
	c.mu.Unlock()
	cameras, mics := find()
	c.sending.Lock()
	c.mu.Lock()
	camerasChanged, micsChanged := update(&c.devices.cameras, cameras), update(&c.devices.mics, mics)
	if camerasChanged {
		emit(c, &c.on.videoDev, VideoDevChanged{c.uidLocked()})
	}
	if micsChanged {
		emit(c, &c.on.micDev, MicDeviceChanged{})
	}
	r := c.room
	c.mu.Unlock()
	changed := r != nil && (camerasChanged || micsChanged)
	if changed {
		c.sendDevices(r, func(err error) {
			if err != nil {
				c.log.Warn("telling the devices", "room", r.id, "error", err)
			}
		})
	}
	c.sending.Unlock()
	if !changed {
		return
	}
	c.syncCameras(r)
	if err := c.switchMic(r.ctx); err != nil {
		c.log.Warn("no other microphone takes over", "room", r.id, "error", err)
	}
}

// switchMic lets the next microphone take over from one that is gone. The stream goes on.
func (c *Client) switchMic(ctx context.Context) error {
	return c.reopen(ctx, micKind.openOp(), micKind, change{
		choose: func(pub *publication) (*deviceEntry, SourceFormat) {
			if d := find(c.devices.mics, pub.device); d == nil || !d.absent {
				return nil, SourceFormat{}
			}
			return c.devices.defaultMic(c.audioCfg.MicID, c.params.AllowSynthetic), c.formatLocked(micKind, pub.room)
		},
		commit: func() {},
	})
}

// survives tells whether a publication goes on although its source has failed: because the device was unplugged, and
// another one took over.
func (c *Client) survives(pub *publication, src *openSource, failure error) bool {
	if errors.Is(failure, io.EOF) {
		return false
	}
	c.lookForDevices()
	return pub.ctx.Err() != nil || pub.source() != src
}
