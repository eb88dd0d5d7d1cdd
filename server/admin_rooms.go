package server

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// adminPage is how many entries are in one answer of a list if the request does not say; adminMaxPage how many it may ask for.
const (
	adminPage    = 100
	adminMaxPage = 1000
)

type adminRooms struct {
	Rooms []adminRoomInfo `json:"rooms"`
	More  bool            `json:"more"` // ask again with after, the ID of the last one
}

type adminRoomInfo struct {
	ID       int64     `json:"id"`
	Subject  string    `json:"subject"`
	Regular  bool      `json:"regular"`
	Password bool      `json:"password"` // there is one
	Locked   bool      `json:"locked"`
	Created  time.Time `json:"created"`
	Members  int       `json:"members"`
}

type adminRoom struct {
	adminRoomInfo
	List []adminMember `json:"memberList"`
}

type adminMember struct {
	UID      string `json:"uid"`
	Nickname string `json:"nickname"`
	Num      uint32 `json:"num"`
	Mic      int    `json:"mic"`     // as audioStatus: 1 none, 2 closed, 3 open
	Cameras  int    `json:"cameras"` // that are open
}

type adminMessage struct {
	Text string `json:"text"`
}

// Validate implements wire.Validator.
func (p *adminMessage) Validate() *wire.Error {
	if p.Text == "" {
		return wire.Errorf(wire.CodeBadParameter, "text is empty")
	}
	return (&wire.RoomMsgParams{Text: p.Text, Num: 1}).Validate()
}

// page reads limit and after.
func (c *adminCall) page() (limit int, after string, failed *wire.Error) {
	q := c.r.URL.Query()
	limit = adminPage
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > adminMaxPage {
			return 0, "", wire.Errorf(wire.CodeBadParameter, "limit %q is not 1 to %d", text, adminMaxPage)
		}
		limit = n
	}
	return limit, q.Get("after"), nil
}

func listRooms(c *adminCall) *wire.Error {
	limit, after, failed := c.page()
	if failed != nil {
		return failed
	}
	var first int64
	if after != "" {
		var err error
		if first, err = strconv.ParseInt(after, 10, 64); err != nil {
			return wire.Errorf(wire.CodeBadParameter, "after %q is no room ID", after)
		}
	}
	rooms := slices.DeleteFunc(c.srv.allRooms(), func(r *room) bool { return r.appID != c.app || r.id <= first })
	slices.SortFunc(rooms, func(a, b *room) int { return cmp.Compare(a.id, b.id) })
	got := adminRooms{Rooms: []adminRoomInfo{}, More: len(rooms) > limit}
	for _, r := range rooms[:min(limit, len(rooms))] {
		r.mu.Lock()
		got.Rooms = append(got.Rooms, r.adminInfo())
		r.mu.Unlock()
	}
	c.result = got
	return nil
}

// adminInfo describes the room, which must be locked.
func (r *room) adminInfo() adminRoomInfo {
	return adminRoomInfo{
		ID: r.id, Subject: r.subject, Regular: r.regular, Password: r.password != "", Locked: r.shared.Locked, Created: r.created, Members: len(r.order),
	}
}

// room finds the room of the request.
func (c *adminCall) room() (*room, *wire.Error) {
	id, err := strconv.ParseInt(c.r.PathValue("room"), 10, 64)
	if err != nil {
		return nil, wire.Errorf(wire.CodeBadParameter, "%q is no room ID", c.r.PathValue("room"))
	}
	return c.srv.room(c.app, id)
}

func getRoom(c *adminCall) *wire.Error {
	r, failed := c.room()
	if failed != nil {
		return failed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	got := adminRoom{adminRoomInfo: r.adminInfo(), List: []adminMember{}}
	for _, m := range r.order {
		one := adminMember{UID: m.uid, Nickname: m.nickname, Num: m.num, Mic: int(m.micStatus())}
		for _, camera := range m.cameras {
			if camera.stream != nil {
				one.Cameras++
			}
		}
		got.List = append(got.List, one)
	}
	c.result = got
	return nil
}

// closeRoom ends a room for good.
func closeRoom(c *adminCall) *wire.Error {
	r, failed := c.room()
	if failed != nil {
		return failed
	}
	return r.destroy(c.by)
}

// stopRoom puts everybody out.
func stopRoom(c *adminCall) *wire.Error {
	r, failed := c.room()
	if failed == nil {
		r.stop(c.by)
	}
	return failed
}

// messageRoom tells everybody in a room something, as the user of the token.
func messageRoom(c *adminCall) *wire.Error {
	r, failed := c.room()
	if failed != nil {
		return failed
	}
	var p adminMessage
	if failed := c.body(&p); failed != nil {
		return failed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return noSuchRoom()
	}
	m := wire.RoomMsg{UID: c.by, Text: p.Text, Num: uint64(max(0, time.Now().UnixMicro()))}
	if r.recent.add(m) {
		r.tellAll(wire.NotifyRoomMsg, m, nil)
	}
	return nil
}

// kickMember puts a member out.
func kickMember(c *adminCall) *wire.Error {
	r, failed := c.room()
	if failed != nil {
		return failed
	}
	r.mu.Lock()
	out, peer, failed := r.kick(c.r.PathValue("uid"))
	r.mu.Unlock()
	if failed == nil {
		out.kicked(peer, c.by)
	}
	return failed
}
