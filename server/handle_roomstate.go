package server

import "github.com/crvideo/crvideo-go/internal/wire"

// setMainVideo makes a member's video the main one, where the voice decides until somebody else speaks.
func setMainVideo(c *call, p *wire.MainVideoParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		if p.UID != "" {
			if _, failed := r.find(p.UID); failed != nil {
				return failed
			}
		}
		r.share(by.uid, func(s *wire.RoomState) { s.MainVideo = p.UID })
		return nil
	})
}

// setMainVideoMode chooses how the main video is found.
func setMainVideoMode(c *call, p *wire.MainVideoModeParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		switch {
		case p.UID != "":
			if _, failed := r.find(p.UID); failed != nil {
				return failed
			}
		case p.Mode == wire.MainVideoMember && r.shared.MainVideo == "":
			return wire.Errorf(wire.CodeBadParameter, "uid: there is no main video yet that mode 3 could stay with")
		}
		r.share(by.uid, func(s *wire.RoomState) {
			s.MainVideoMode = p.Mode
			if p.UID != "" {
				s.MainVideo = p.UID
			}
		})
		return nil
	})
}

// switchToPage lets everybody look at a page.
func switchToPage(c *call, p *wire.PageParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		r.share(by.uid, func(s *wire.RoomState) { s.MainPage, s.SubPage = p.MainPage, p.SubPage })
		return nil
	})
}

// lockRoom lets nobody in any more, or everybody again. It ends when the room is empty.
func lockRoom(c *call, p *wire.LockParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		r.share(by.uid, func(s *wire.RoomState) { s.Locked = p.Locked })
		return nil
	})
}

// stopMeeting ends the meeting one is in for everybody.
func stopMeeting(c *call) *wire.Error {
	var stopped *room
	var media mediaRoom
	failed := c.inRoom(func(r *room, by *member) *wire.Error { // who is put out at this moment stops nothing
		stopped, media = r, r.stop(by.uid)
		return nil
	})
	if failed != nil {
		return failed
	}
	stopped.over(!stopped.regular, media)
	c.sess.log.Info("meeting stopped", "room", stopped.id)
	return nil
}
