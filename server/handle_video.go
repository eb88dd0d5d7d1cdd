package server

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// openVideo opens a camera of the caller, or asks another member to open one.
func openVideo(c *call, p *wire.OpenVideoParams) *wire.Error {
	if p.UID != c.sess.uid {
		return askVideo(c, p)
	}
	if failed := c.mayPublish("video", p.Mid, p.Codec); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, m *member) *wire.Error {
		cam := m.camera(p.VideoID)
		if cam == nil {
			return noDevice("camera")
		}
		if !cam.stream.is(p.Mid, p.Codec, p.Layers) {
			if cam.stream != nil && cam.stream.mid == p.Mid {
				r.closeVideo(m, cam, m)
			}
			stream, failed := m.publish(p.Mid, p.Codec, p.Layers)
			if failed != nil {
				return failed
			}
			r.closeVideo(m, cam, m) // on another mid
			cam.stream = stream
			r.tellChange(wire.NotifyVideoStatus, wire.VideoStatus{UID: m.uid, VideoID: cam.id, Stream: stream.wireStream()}, m, m)
			r.refreshWishes(m.uid)
		} else if m.peer != nil && !slices.Equal(cam.stream.layers, p.Layers) {
			cam.stream.layers = p.Layers
			m.peer.Resize(cam.stream.Num, p.Layers)
		}
		c.reply(wire.OpenResult{Stream: cam.stream.wireStream()})
		return nil
	})
}

// askVideo asks another member to open a camera. Whether it does, its videoStatus will tell.
func askVideo(c *call, p *wire.OpenVideoParams) *wire.Error {
	if failed := c.mayControl(p.UID); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, cam, failed := r.findCamera(p.UID, p.VideoID)
		if failed != nil {
			return failed
		}
		if cam.stream == nil {
			m.sess.tell(wire.NotifyOpenVideoAsked, wire.Asked{By: by.uid, VideoID: cam.id})
		}
		return nil
	})
}

// closeVideo closes a camera of the caller or of another member, at once.
func closeVideo(c *call, p *wire.VideoParams) *wire.Error {
	if failed := c.mayControl(p.UID); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, cam, failed := r.findCamera(p.UID, p.VideoID)
		if failed != nil {
			return failed
		}
		r.closeVideo(m, cam, by)
		return nil
	})
}

// findCamera gives a member's camera. The room must be locked.
func (r *room) findCamera(uid string, videoID int) (*member, *camera, *wire.Error) {
	m, failed := r.find(uid)
	if failed != nil {
		return nil, nil, failed
	}
	cam := m.camera(videoID)
	if cam == nil {
		return nil, nil, noDevice("camera")
	}
	return m, cam, nil
}

// closeVideo closes a camera if it is open. The room must be locked.
func (r *room) closeVideo(m *member, cam *camera, by *member) {
	if cam.stream == nil {
		return
	}
	m.unpublish(cam.stream)
	cam.stream = nil
	r.tellChange(wire.NotifyVideoStatus, wire.VideoStatus{UID: m.uid, VideoID: cam.id, By: otherUID(m, by)}, m, by)
	r.refreshWishes(m.uid)
}
