package server

import "github.com/crvideo/crvideo-go/webhook"

// The reasons for the end of a room, and of a member who was in it then.
const (
	hookEmpty = "empty"
	hookEnded = "ended"
)

func (r *room) hookRoom() *webhook.Room {
	return &webhook.Room{ID: r.id, Subject: r.subject, Regular: r.regular}
}

func (m *member) hookMember() *webhook.Member {
	return &webhook.Member{UID: m.uid, Nickname: m.nickname, Num: m.num}
}

// hookEntered tells the hooks of a new member. The room must be locked.
func (r *room) hookEntered(m *member) {
	if len(r.order) == 1 {
		r.srv.hooks.tell(r.appID, r.hookRoom(), webhook.Event{Type: webhook.RoomStarted})
	}
	r.srv.hooks.tell(r.appID, r.hookRoom(), webhook.Event{Type: webhook.MemberEntered, Member: m.hookMember()})
}

// hookLeft tells them of one who has left. The room must be locked.
func (r *room) hookLeft(m *member, reason string) {
	r.srv.hooks.tell(r.appID, r.hookRoom(), webhook.Event{Type: webhook.MemberLeft, Member: m.hookMember(), Reason: reason})
	if len(r.order) == 0 {
		r.srv.hooks.tell(r.appID, r.hookRoom(), webhook.Event{Type: webhook.RoomEnded, Reason: hookEmpty})
	}
}

// hookStopped tells them that everybody was put out. The room must be locked, and they still in it.
func (r *room) hookStopped(by string) {
	if len(r.order) == 0 {
		return
	}
	for _, m := range r.order {
		r.srv.hooks.tell(r.appID, r.hookRoom(), webhook.Event{Type: webhook.MemberLeft, Member: m.hookMember(), Reason: hookEnded})
	}
	r.srv.hooks.tell(r.appID, r.hookRoom(), webhook.Event{Type: webhook.RoomEnded, Reason: hookEnded, By: by})
}
