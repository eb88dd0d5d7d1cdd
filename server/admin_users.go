package server

import (
	"cmp"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

type adminUsers struct {
	Users []adminUser `json:"users"`
	More  bool        `json:"more"` // ask again with after, the UID of the last one
}

type adminUser struct {
	UID       string    `json:"uid"`
	Nickname  string    `json:"nickname"`
	Status    int       `json:"status"` // 1 idle, 2 in a call, 3 in a room
	DND       int       `json:"dnd"`
	Room      int64     `json:"room"` // 0: in none
	Since     time.Time `json:"since"`
	Connected bool      `json:"connected"` // false: the connection is cut, the session waits for its return
}

// adminInfo describes a user who is logged in; false: not any more.
func (s *session) adminInfo() (adminUser, bool) {
	status := s.status()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := adminUser{
		UID: s.uid, Nickname: s.nickname, Status: status.Status, DND: status.DND, Since: s.since.UTC().Truncate(time.Millisecond), Connected: s.conn != nil,
	}
	if s.member != nil {
		u.Room = s.member.room.id
	}
	return u, !s.ended
}

func listUsers(c *adminCall) *wire.Error {
	limit, after, failed := c.page()
	if failed != nil {
		return failed
	}
	sessions := slices.DeleteFunc(c.srv.allSessions(), func(s *session) bool { return s.appID != c.app || s.uid <= after })
	slices.SortFunc(sessions, func(a, b *session) int { return cmp.Compare(a.uid, b.uid) })
	got := adminUsers{Users: []adminUser{}, More: len(sessions) > limit}
	for _, s := range sessions[:min(limit, len(sessions))] {
		if u, there := s.adminInfo(); there {
			got.Users = append(got.Users, u)
		}
	}
	c.result = got
	return nil
}

// user finds the session of the user of the request.
func (c *adminCall) user() (*session, *wire.Error) {
	if s := c.srv.userSession(userKey{c.app, c.r.PathValue("uid")}); s != nil {
		return s, nil
	}
	return nil, wire.Errorf(wire.CodeOffline, "the user is not there")
}

func getUser(c *adminCall) *wire.Error {
	s, failed := c.user()
	if failed != nil {
		return failed
	}
	u, there := s.adminInfo()
	if !there {
		return wire.Errorf(wire.CodeOffline, "the user is not there")
	}
	c.result = u
	return nil
}

// removeUser ends a login. The user may log in again.
func removeUser(c *adminCall) *wire.Error {
	s, failed := c.user()
	if failed == nil {
		s.end(ending{code: wire.CodeKicked, close: wire.CloseSuperseded, left: wire.LeftKick, why: "removed by the admin API"})
	}
	return failed
}
