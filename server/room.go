package server

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// room is one meeting. Whatever changes it happens under its lock, and the notifications about it are queued under
// the same lock: everybody sees the changes in one order.
type room struct {
	srv      *Server
	log      *slog.Logger
	id       int64
	appID    string
	subject  string
	password string
	regular  bool
	created  time.Time

	mu         sync.Mutex
	ended      bool
	members    map[string]*member // by UID
	order      []*member          // of entering
	places     int                // taken by those who are entering
	openMics   int
	lastMember uint32
	lastStream uint32
	media      mediaRoom   // nil until somebody enters with media
	idle       *time.Timer // removes the room; nil while somebody is in it, and for regular rooms
	idleCount  uint64      // how often idle was started: a timer that fired is obsolete if it was started again
	shared     sharedState
	attrs      attributes
	store      roomStore
	recent     recentMsgs
	boards     boards
}

func newRoom(s *Server, kept StoredRoom, regular bool) *room {
	return &room{
		srv: s, log: s.log.With("room", kept.ID, "app", kept.AppID),
		id: kept.ID, appID: kept.AppID, subject: kept.Subject, password: kept.Password, regular: regular, created: kept.Created,
		members: make(map[string]*member), shared: newSharedState(0),
		attrs: attributes{room: kept.Attrs, version: kept.AttrsVersion, loaded: kept.AttrsVersion}, boards: newBoards(), store: roomStore{boards: kept.Boards},
	}
}

func (r *room) info() wire.MeetInfo {
	return wire.MeetInfo{ID: r.id, Subject: r.subject, Regular: r.regular}
}

// takePlace lets somebody begin to enter, or says why not. givePlace or admit must follow.
func (r *room) takePlace(uid, password string) *wire.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended:
		return noSuchRoom()
	case r.password != "" && !sameSecret(r.password, password):
		return wire.Errorf(wire.CodeRoomPassword, "wrong room password")
	case r.isLockedFor(uid):
		return wire.Errorf(wire.CodeRoomLocked, "the room is locked")
	case len(r.members)+r.places >= r.srv.limits.Members:
		return wire.Errorf(wire.CodeRoomFull, "the room has %d members, more are not allowed", r.srv.limits.Members)
	}
	r.places++
	r.stopIdle()
	return nil
}

// givePlace takes back a takePlace.
func (r *room) givePlace() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.places--
	r.startIdle()
}

// mediaRoom gives the room's media, made when it is first needed.
func (r *room) mediaRoom() (mediaRoom, *wire.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil, noSuchRoom()
	}
	if r.media == nil {
		r.media = r.srv.engine.NewRoom()
	}
	return r.media, nil
}

// calmRoom is how many members make a room in which newcomers may be told of a little later, several at once: nobody can
// follow them, and whatever else is told goes out at once, behind them.
const calmRoom = 100

// tellAll sends a notification to every member but one (nil: to all). The room must be locked.
func (r *room) tellAll(method string, params any, except *member) {
	if len(r.order) == 0 || len(r.order) == 1 && r.order[0] == except {
		return
	}
	n := newNotification(method, params)
	n.calm = len(r.order) >= calmRoom && method == wire.NotifyMemberEntered
	for _, m := range r.order {
		if m != except {
			m.sess.notify(n)
		}
	}
}

// tellChange tells that by changed something of m. Who changes something of its own learns it from the answer; who
// changes something of another is told as everybody is. The room must be locked.
func (r *room) tellChange(method string, params any, m, by *member) {
	if m == by {
		r.tellAll(method, params, m)
		return
	}
	r.tellAll(method, params, nil)
}

// find gives a member by UID. The room must be locked.
func (r *room) find(uid string) (*member, *wire.Error) {
	if m := r.members[uid]; m != nil {
		return m, nil
	}
	return nil, wire.Errorf(wire.CodeInvalidUser, "no such member in the room")
}

// remove takes a member out of the books; the caller tells the others, and closes the media that it gets back (nil if
// there is none). The room must be locked.
func (r *room) remove(m *member) mediaPeer {
	delete(r.members, m.uid)
	delete(r.attrs.users, m.uid)
	r.boards.without(m.uid)
	r.order = slices.DeleteFunc(r.order, func(o *member) bool { return o == m })
	if m.micStream != nil {
		r.openMics--
	}
	r.startIdle()
	return m.leave()
}

// seeOff puts a member out whose session has ended, if that has not been done yet: its user may be quicker with the next one.
func (r *room) seeOff(uid string) {
	r.mu.Lock()
	m := r.members[uid]
	r.mu.Unlock()
	if m == nil {
		return
	}
	m.sess.mu.Lock()
	ended, reason := m.sess.ended, m.sess.left
	m.sess.mu.Unlock()
	if ended {
		r.leave(m, reason)
	}
}

// leave puts a member out and tells those who stay. The others' wishes for its pictures stay, for its return.
func (r *room) leave(m *member, reason string) {
	r.mu.Lock()
	if m.left {
		r.mu.Unlock()
		return
	}
	peer := r.remove(m)
	r.hookLeft(m, reason)
	r.tellAll(wire.NotifyMemberLeft, wire.MemberLeft{UID: m.uid, Reason: reason}, nil)
	r.sharedWithout(m, reason)
	r.refreshWishes(m.uid)
	r.mu.Unlock()
	r.closeMedia(peer)
	r.srv.metrics.left.WithLabelValues(reason).Inc()
	m.log.Info("left the room", "reason", reason)
}
