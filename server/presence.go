package server

import (
	"slices"
	"strings"
	"sync"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// presence tells who watches whether users can be called. Its lock is taken after those of rooms, before those of
// rings, sessions and the server.
type presence struct {
	srv *Server

	mu       sync.Mutex
	told     map[userKey]wire.UserStatus      // as last told; none: offline
	watchers map[string]map[*session]struct{} // by app
}

func newPresence(s *Server) *presence {
	return &presence{srv: s, told: map[userKey]wire.UserStatus{}, watchers: map[string]map[*session]struct{}{}}
}

// status is whether the session's user can be called.
func (s *session) status() wire.UserStatus {
	calling := s.srv.rings.inCall(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	u := wire.UserStatus{UID: s.uid, Status: wire.UserIdle, DND: s.dnd}
	switch {
	case s.ended:
		return wire.UserStatus{UID: s.uid}
	case s.member != nil:
		u.Status = wire.UserInRoom
	case calling:
		u.Status = wire.UserBusy
	}
	return u
}

func (s *session) isEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// changed is called after anything that may change a user's status.
func (p *presence) changed(user userKey) {
	p.tell(user)
	p.srv.queues.refresh(user)
}

// tell tells who watches, if the user's status has changed.
func (p *presence) tell(user userKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := wire.UserStatus{UID: user.uid}
	if s := p.srv.userSession(user); s != nil {
		now = s.status()
	}
	before, known := p.told[user]
	if !known {
		before = wire.UserStatus{UID: user.uid}
	}
	if now == before {
		return
	}
	if now.Status == wire.UserOffline {
		delete(p.told, user)
	} else {
		p.told[user] = now
	}
	if len(p.watchers[user.appID]) == 0 {
		return
	}
	n := newNotification(wire.NotifyUserStatus, now)
	for s := range p.watchers[user.appID] {
		s.notify(n)
	}
}

// watch begins or ends telling a session.
func (p *presence) watch(s *session, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	app := p.watchers[s.appID]
	if !on || s.isEnded() {
		if delete(app, s); len(app) == 0 {
			delete(p.watchers, s.appID)
		}
		return
	}
	if app == nil {
		app = map[*session]struct{}{}
		p.watchers[s.appID] = app
	}
	app[s] = struct{}{}
}

// statusPage is how many users go into one answer.
const statusPage = 500

// page gives the users of an app who are there, in the order of their UIDs, from one on.
func (p *presence) page(appID, after string) wire.UserStatusResult {
	p.mu.Lock()
	users := make([]wire.UserStatus, 0, len(p.told))
	for user, status := range p.told {
		if user.appID == appID && user.uid > after {
			users = append(users, status)
		}
	}
	p.mu.Unlock()
	slices.SortFunc(users, func(a, b wire.UserStatus) int { return strings.Compare(a.UID, b.UID) })
	more := len(users) > statusPage
	if more {
		users = slices.Clone(users[:statusPage])
	}
	return wire.UserStatusResult{Users: users, More: more}
}

// setDND says whether calls are welcome.
func setDND(c *call, p *wire.DNDParams) *wire.Error {
	c.sess.mu.Lock()
	c.sess.dnd = p.DND
	c.sess.mu.Unlock()
	c.conn.srv.presence.changed(c.sess.user())
	return nil
}

// getUserStatus tells whether users can be called.
func getUserStatus(c *call, p *wire.UserStatusParams) *wire.Error {
	now := func() (any, *wire.Error) {
		if p.UID == "" {
			return c.conn.srv.presence.page(c.sess.appID, p.After), nil
		}
		status := wire.UserStatus{UID: p.UID}
		if s := c.conn.srv.userSession(userKey{c.sess.appID, p.UID}); s != nil {
			status = s.status()
		}
		return wire.UserStatusResult{Users: []wire.UserStatus{status}}, nil
	}
	result, _ := now()
	c.answer(result, now)
	return nil
}

// watchUserStatus begins or ends notifications about users of the app.
func watchUserStatus(c *call, p *wire.WatchParams) *wire.Error {
	c.conn.srv.presence.watch(c.sess, p.On)
	return nil
}
