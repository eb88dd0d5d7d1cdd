package server

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// setDevices takes over the caller's new list of devices. What was open and is gone is closed first.
func setDevices(c *call, p *wire.Devices) *wire.Error {
	return c.inRoom(func(r *room, m *member) *wire.Error {
		before, statusBefore := m.devices(), m.micStatus()
		if !p.Mic {
			r.closeMic(m, m)
			statusBefore = m.micStatus()
		}
		for i := range m.cameras {
			cam := &m.cameras[i]
			if !slices.ContainsFunc(p.Videos, func(v wire.Video) bool { return v.ID == cam.id }) {
				r.closeVideo(m, cam, m)
			}
		}
		m.setDevices(p)
		after := m.devices()
		if !sameDevices(&before, &after) {
			r.tellAll(wire.NotifyDevicesChanged, wire.DevicesChanged{UID: m.uid, Devices: after}, m)
			r.refreshWishes(m.uid)
		}
		if status := m.micStatus(); status != statusBefore {
			r.tellAll(wire.NotifyMicStatus, wire.MicStatus{UID: m.uid, Status: status, Stream: m.micStream.wireStream()}, m)
		}
		return nil
	})
}

func (m *member) devices() wire.Devices {
	return wire.Devices{Mic: m.mic, Videos: m.videos(), DefaultVideo: m.defaultVideo, MultiVideo: m.multiVideo}
}

// sameDevices compares what a client declares; streams are no part of it.
func sameDevices(a, b *wire.Devices) bool {
	return a.Mic == b.Mic && a.DefaultVideo == b.DefaultVideo && a.MultiVideo == b.MultiVideo &&
		slices.EqualFunc(a.Videos, b.Videos, func(x, y wire.Video) bool { return x.ID == y.ID && x.Name == y.Name })
}

// setDefaultVideo chooses the default camera of the caller or of another member.
func setDefaultVideo(c *call, p *wire.VideoParams) *wire.Error {
	if failed := c.mayControl(p.UID); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, cam, failed := r.findCamera(p.UID, p.VideoID)
		if failed != nil || m.defaultVideo == cam.id {
			return failed
		}
		m.defaultVideo = cam.id
		r.tellChange(wire.NotifyDefaultVideoChanged, wire.VideoParams{UID: m.uid, VideoID: cam.id}, m, by)
		r.refreshWishes(m.uid)
		return nil
	})
}

// setMultiVideo chooses whether the caller or another member opens all its cameras. It is for the member's client to
// open and close them.
func setMultiVideo(c *call, p *wire.MultiVideo) *wire.Error {
	if failed := c.mayControl(p.UID); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, failed := r.find(p.UID)
		if failed != nil || m.multiVideo == p.On {
			return failed
		}
		m.multiVideo = p.On
		r.tellChange(wire.NotifyMultiVideoChanged, *p, m, by)
		return nil
	})
}
