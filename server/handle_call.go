package server

import "github.com/crvideo/crvideo-go/internal/wire"

// userSession is the session of a user of an app who is logged in.
func (s *Server) userSession(user userKey) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users[user]
}

// reach finds the other user of a new call or invitation.
func (c *call) reach(uid string) (*session, *wire.Error) {
	if uid == c.sess.uid {
		return nil, wire.Errorf(wire.CodeBadParameter, "uid is one's own")
	}
	to := c.conn.srv.userSession(userKey{c.sess.appID, uid})
	switch {
	case to == nil:
		return nil, wire.Errorf(wire.CodeOffline, "the user is not there")
	case to.status().DND != 0:
		return nil, wire.Errorf(wire.CodeRefused, "the user does not want to be disturbed")
	}
	return to, nil
}

// begin makes a call or an invitation, unless there is the same one already.
func (c *call) begin(p *wire.CallParams, invite bool, method string, meet *wire.MeetInfo) *wire.Error {
	to, failed := c.reach(p.UID)
	if failed != nil {
		return failed
	}
	g := c.conn.srv.rings
	r := &ring{app: c.sess.appID, id: p.ID, invite: invite, from: c.sess, to: to}
	g.mu.Lock()
	same := g.byID[r.key()]
	switch {
	case same != nil && same.from == c.sess && same.to == to:
		g.mu.Unlock()
		c.reply(wire.CallResult{Nickname: to.name()})
		return nil
	case same != nil:
		failed = wire.Errorf(wire.CodeBadParameter, "id is in use")
	case invite && len(g.invites[c.sess]) >= maxInvites:
		failed = wire.Errorf(wire.CodeTooFast, "%d invitations wait, more are not allowed", maxInvites)
	case !invite && g.calls[c.sess] != nil:
		failed = wire.Errorf(wire.CodeInCall, "already in a call")
	case !invite && g.calls[to] != nil:
		failed = wire.Errorf(wire.CodeBusy, "the user is in a call")
	case to.isEnded() || c.sess.isEnded(): // rings.leave has been there
		failed = wire.Errorf(wire.CodeOffline, "the user is not there")
	}
	if failed != nil {
		g.mu.Unlock()
		return failed
	}
	g.add(r)
	c.reply(wire.CallResult{Nickname: to.name()}) // before whatever comes of it
	to.tell(method, wire.CallIn{ID: p.ID, From: c.sess.uid, Nickname: c.sess.name(), Meet: meet, Data: p.Data})
	g.tellQueues(r)
	g.mu.Unlock()
	r.tellStatus()
	return nil
}

// callUser calls a user.
func callUser(c *call, p *wire.CallParams) *wire.Error {
	return c.begin(p, false, wire.NotifyCallIn, p.Meet)
}

// invite invites a user to the room that one is in, if one is in one.
func invite(c *call, p *wire.CallParams) *wire.Error {
	var meet *wire.MeetInfo
	if m := c.sess.currentMember(); m != nil {
		info := m.room.info()
		info.Password = m.room.password // who is in the room knows it
		meet = &info
	}
	return c.begin(p, true, wire.NotifyInviteIn, meet)
}

// answerer says who may answer a ring, and when.
type answerer int

const (
	byCalled answerer = iota // who was called, before it is accepted
	byCaller                 // who called, before it is accepted
	byBoth                   // at any time
)

// plain and refused are what the other side is told beside the data.
func plain(*wire.CallAnswered)     {}
func refused(a *wire.CallAnswered) { a.Code = wire.CodeRefused }

// answerRing handles what one side says about a call or an invitation. It ends it unless it was accepted.
func answerRing(invite bool, who answerer, method string, told func(*wire.CallAnswered)) func(*call, *wire.CallAnswerParams) *wire.Error {
	return func(c *call, p *wire.CallAnswerParams) *wire.Error {
		g := c.conn.srv.rings
		g.mu.Lock()
		r := g.byID[ringKey{c.sess.appID, p.ID, invite}]
		if r == nil || r.from != c.sess && r.to != c.sess ||
			who == byCalled && (r.to != c.sess || r.accepted) || who == byCaller && (r.from != c.sess || r.accepted) {
			g.mu.Unlock()
			return wire.Errorf(wire.CodeBadCall, "there is no such %s that could be answered so", map[bool]string{true: "invitation", false: "call"}[invite])
		}
		answered := wire.CallAnswered{ID: p.ID, Meet: p.Meet, Data: p.Data}
		told(&answered)
		if accepted := method == wire.NotifyCallAccepted; accepted {
			r.accepted = true
			r.timer.Stop()
		} else {
			g.remove(r)
		}
		c.reply(nil)
		if other := r.other(c.sess); other != nil {
			other.tell(method, answered)
		}
		if r.accepted && method == wire.NotifyCallAccepted {
			g.tellQueues(r)
		} else if !r.invite {
			g.tellQueuesEnd(r, method == wire.NotifyCallRejected)
		}
		g.mu.Unlock()
		r.tellStatus()
		return nil
	}
}

// restoreCall takes a call that had been accepted on the process before this one. The other side is waited for.
func restoreCall(c *call, p *wire.RestoreCallParams) *wire.Error {
	g := c.conn.srv.rings
	g.mu.Lock()
	r := g.byID[ringKey{c.sess.appID, p.ID, false}]
	from, to := c.sess, (*session)(nil)
	if p.Called {
		from, to = nil, c.sess
	}
	var failed *wire.Error
	switch {
	case p.Epoch == c.conn.srv.epoch, g.calls[c.sess] != nil, c.sess.isEnded():
		failed = wire.Errorf(wire.CodeBadCall, "the call has ended")
	case r == nil:
		r = &ring{app: c.sess.appID, id: p.ID, from: from, to: to, peer: p.UID, accepted: true}
		g.add(r)
	case !r.accepted || r.peer != c.sess.uid || (r.from == nil) == p.Called || r.from != nil && r.to != nil:
		failed = wire.Errorf(wire.CodeBadCall, "the call is another one")
	default:
		r.timer.Stop()
		if p.Called {
			r.to = c.sess
		} else {
			r.from = c.sess
		}
		r.peer = ""
		g.calls[c.sess] = r
	}
	if failed == nil {
		g.tellQueues(r)
	}
	g.mu.Unlock()
	if failed == nil {
		r.tellStatus()
	}
	return failed
}
