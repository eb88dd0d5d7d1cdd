package server

import "github.com/crvideo/crvideo-go/internal/wire"

// openMic opens the caller's microphone, or asks another member to open its own.
func openMic(c *call, p *wire.OpenMicParams) *wire.Error {
	if p.UID != c.sess.uid {
		return askMic(c, p.UID)
	}
	if failed := c.mayPublish("audio", p.Mid, p.Codec); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, m *member) *wire.Error {
		if !m.mic {
			return noDevice("microphone")
		}
		if !m.micStream.is(p.Mid, p.Codec, nil) {
			if m.micStream == nil && r.openMics >= r.srv.limits.OpenMics {
				return wire.Errorf(wire.CodeMicLimit, "%d microphones are open, more are not allowed", r.openMics)
			}
			if m.micStream != nil && m.micStream.mid == p.Mid {
				r.closeMic(m, m)
			}
			stream, failed := m.publish(p.Mid, p.Codec, nil)
			if failed != nil {
				return failed
			}
			r.closeMic(m, m) // on another mid
			m.micStream = stream
			r.openMics++
			r.tellChange(wire.NotifyMicStatus, wire.MicStatus{UID: m.uid, Status: wire.StatusOpen, Stream: stream.wireStream()}, m, m)
		}
		c.reply(wire.OpenResult{Stream: m.micStream.wireStream()})
		return nil
	})
}

// askMic asks another member to open its microphone. Whether it does, its micStatus will tell.
func askMic(c *call, uid string) *wire.Error {
	if failed := c.mayControl(uid); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, failed := r.find(uid)
		switch {
		case failed != nil:
			return failed
		case !m.mic:
			return noDevice("microphone")
		case m.micStream == nil:
			m.sess.tell(wire.NotifyOpenMicAsked, wire.Asked{By: by.uid})
		}
		return nil
	})
}

// closeMic closes the caller's or another member's microphone, at once.
func closeMic(c *call, p *wire.UIDParams) *wire.Error {
	if failed := c.mayControl(p.UID); failed != nil {
		return failed
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, failed := r.find(p.UID)
		if failed != nil {
			return failed
		}
		r.closeMic(m, by)
		return nil
	})
}

// closeMic closes a microphone if it is open. The room must be locked.
func (r *room) closeMic(m, by *member) {
	if m.micStream == nil {
		return
	}
	m.unpublish(m.micStream)
	m.micStream = nil
	r.openMics--
	r.tellChange(wire.NotifyMicStatus, wire.MicStatus{UID: m.uid, Status: m.micStatus(), By: otherUID(m, by)}, m, by)
}

// otherUID is the UID of who changed something of m, if it was not m itself.
func otherUID(m, by *member) string {
	if m == by {
		return ""
	}
	return by.uid
}
