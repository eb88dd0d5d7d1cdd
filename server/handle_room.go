package server

import (
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// createMeeting makes a room. The creator is not in it yet.
func createMeeting(c *call, p *wire.CreateMeetingParams) *wire.Error {
	s := c.conn.srv
	if !c.sess.allowsRoom(-1) {
		return wire.Errorf(wire.CodeAuthFailed, "the token is for one room only")
	}
	kept := StoredRoom{AppID: c.sess.appID, Subject: p.Subject, Password: p.Password, Created: time.Now().UTC()}
	if p.NeedPassword && kept.Password == "" {
		kept.Password = fmt.Sprintf("%06d", randomBelow(1_000_000))
	}
	r, failed := s.addRoom(kept, p.Regular)
	if failed != nil {
		return failed
	}
	info := r.info()
	info.Password = r.password
	c.reply(info)
	c.sess.log.Info("room created", "room", r.id, "regular", r.regular, "password", r.password != "")
	return nil
}

// destroyMeeting ends a room for everybody.
func destroyMeeting(c *call, p *wire.MeetIDParams) *wire.Error {
	s := c.conn.srv
	if !c.sess.allowsRoom(p.MeetID) {
		return wire.Errorf(wire.CodeAuthFailed, "the token is for another room")
	}
	r, failed := s.room(c.sess.appID, p.MeetID)
	if failed != nil {
		return failed
	}
	return r.destroy(c.sess.uid)
}

// destroy ends the room for good.
func (r *room) destroy(by string) *wire.Error {
	if r.regular {
		if err := r.unstore(); err != nil {
			r.log.Error("cannot remove a stored room", "err", err)
			return wire.Errorf(wire.CodeServiceFailure, "the room cannot be removed from the store")
		}
	}
	if !r.end(by, false) {
		return noSuchRoom()
	}
	r.log.Info("room destroyed", "by", by)
	return nil
}
