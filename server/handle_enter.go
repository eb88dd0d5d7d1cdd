package server

import (
	"github.com/crvideo/crvideo-go/internal/wire"
)

// enterMeeting makes the session a member of a room. Everything that can be refused is, before media is touched.
func enterMeeting(c *call, p *wire.EnterMeetingParams) *wire.Error {
	s := c.conn.srv
	if s.now() != serving {
		return goingAway()
	}
	if !c.sess.allowsRoom(p.MeetID) {
		return wire.Errorf(wire.CodeAuthFailed, "the token is for another room")
	}
	if c.sess.currentMember() != nil {
		return wire.Errorf(wire.CodeInRoom, "already in a room")
	}
	r, failed := s.findRoom(c.sess.appID, p)
	if failed != nil {
		return failed
	}
	r.seeOff(c.sess.uid)
	enter := func() *wire.Error { return r.takePlace(c.sess.uid, p.Password) }
	if r.password != "" {
		failed = c.conn.guess(enter)
	} else {
		failed = enter()
	}
	if failed != nil {
		return failed
	}
	m := newMember(r, c.sess, p)
	peer, answer, failed := m.join(c.ctx, p.Offer)
	if failed == nil {
		failed = r.admit(c, p, m, peer, answer)
	}
	if failed != nil {
		r.givePlace()
		if peer != nil {
			peer.Close()
		}
	}
	return failed
}

// admit makes m a member, tells the others and answers with the room as it is now. All of it under one lock, so that
// the answer and the notifications that follow it neither miss nor repeat anything.
func (r *room) admit(c *call, p *wire.EnterMeetingParams, m *member, peer mediaPeer, answer string) *wire.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended, peer != nil && m.media != r.media: // that meeting was stopped
		return noSuchRoom()
	case r.members[m.uid] != nil:
		return wire.Errorf(wire.CodeSameIdentity, "the same user is in the room")
	}
	nickname, ok := m.sess.enteredRoom(m)
	if !ok {
		return wire.Errorf(wire.CodeNotLoggedIn, "the login has ended")
	}
	r.places--
	m.num, m.nickname, m.peer = r.number(m, p), nickname, peer
	r.tellAll(wire.NotifyMemberEntered, wire.MemberEntered{Member: m.snapshot()}, nil)
	r.restoreShared(m, p.State)
	r.members[m.uid] = m
	r.order = append(r.order, m)
	r.hookEntered(m)
	if r.shared.Locked {
		r.shared.known[m.uid] = true
	}
	r.refreshWishes(m.uid)
	messages := p.Messages
	c.answer(r.snapshotFor(m, answer, messages), func() (any, *wire.Error) {
		r.mu.Lock() // repeated after a resume: the room as it is then, since notifications came before this answer
		defer r.mu.Unlock()
		if m.left { // what was missed meanwhile is none of its business
			return nil, notInRoom()
		}
		answer := ""
		if m.peer != nil {
			answer = m.peer.Answer() // neither offer nor answer is kept for that
		}
		return r.snapshotFor(m, answer, messages), nil
	})
	m.slots.open(m.sess)
	m.log.Info("entered the room", "num", m.num, "media", peer != nil)
	return nil
}

// snapshotFor is the answer to enterMeeting. The room must be locked.
func (r *room) snapshotFor(m *member, answer string, messages int) *wire.EnterMeetingResult {
	members := make([]wire.Member, len(r.order))
	for i, o := range r.order {
		members[i] = o.snapshot()
	}
	return &wire.EnterMeetingResult{Meeting: r.info(), Num: m.num, Engine: r.srv.engine.Name(), Answer: answer, Members: members, Ticket: r.ticket(m), State: r.shared.RoomState, Epoch: r.srv.epoch,
		Messages: r.recent.last(messages), Boards: r.boards.infos()}
}

// exitMeeting leaves the room.
func exitMeeting(c *call) *wire.Error {
	m := c.sess.currentMember()
	if m == nil {
		return notInRoom()
	}
	c.sess.leftRoom(m)
	m.room.leave(m, wire.LeftExit)
	return nil
}
