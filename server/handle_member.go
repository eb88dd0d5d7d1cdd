package server

import (
	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// kickout puts a member out of the room.
func kickout(c *call, p *wire.UIDParams) *wire.Error {
	var out *member
	var peer mediaPeer
	failed := c.inRoom(func(r *room, by *member) *wire.Error {
		var failed *wire.Error
		out, peer, failed = r.kick(p.UID)
		return failed
	})
	if failed == nil {
		out.kicked(peer, c.sess.uid)
	}
	return failed
}

// kick puts a member out. The caller unlocks the room, which must be locked, and then calls kicked.
func (r *room) kick(uid string) (*member, mediaPeer, *wire.Error) {
	m, failed := r.find(uid)
	if failed != nil {
		return nil, nil, failed
	}
	r.tellAll(wire.NotifyMemberLeft, wire.MemberLeft{UID: m.uid, Reason: wire.LeftKick}, nil)
	peer := r.remove(m)
	r.hookLeft(m, wire.LeftKick)
	r.sharedWithout(m, wire.LeftKick)
	r.refreshWishes(m.uid)
	m.sess.leftRoom(m)
	return m, peer, nil
}

// kicked ends the media of a member who was put out.
func (m *member) kicked(peer mediaPeer, by string) {
	m.room.closeMedia(peer)
	m.room.srv.metrics.left.WithLabelValues(wire.LeftKick).Inc()
	m.log.Info("left the room", "reason", wire.LeftKick, "by", by)
}

// setNickname renames a member, and its login: the name stays when it enters another room.
func setNickname(c *call, p *wire.SetNicknameParams) *wire.Error {
	if p.UID != c.sess.uid && !c.sess.allows(token.Control) {
		return notPermitted(token.Control)
	}
	return c.inRoom(func(r *room, by *member) *wire.Error {
		m, failed := r.find(p.UID)
		if failed != nil {
			return failed
		}
		old := m.nickname
		if old == p.Nickname {
			return nil
		}
		m.nickname = p.Nickname
		m.sess.rename(p.Nickname)
		r.tellChange(wire.NotifyNicknameChanged, wire.NicknameChanged{UID: m.uid, Old: old, New: p.Nickname}, m, by)
		return nil
	})
}

// name is the nickname.
func (s *session) name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nickname
}

func (s *session) rename(nickname string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nickname = nickname
}
