package server

import (
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// ringTime is how long a call or an invitation waits for an answer, and after a restart one side of a call for the other.
const ringTime = 30 * time.Second

// maxInvites is how many invitations of one user may wait at a time.
const maxInvites = 100

// ring is a call or an invitation from one session to another.
type ring struct {
	app, id  string
	invite   bool
	from, to *session // one is nil while a side of a call has not come back after a restart
	peer     string   // its UID
	accepted bool
	timer    *time.Timer
}

type ringKey struct {
	app, id string
	invite  bool
}

func (r *ring) key() ringKey { return ringKey{r.app, r.id, r.invite} }

// other is the other side; nil if it is not there.
func (r *ring) other(s *session) *session {
	if r.from == s {
		return r.to
	}
	return r.from
}

// rings are all calls and invitations. Whatever changes them happens under the lock, and who is concerned is told under it,
// so that everybody sees the changes in one order. It is taken before a session's lock, and after a room's.
type rings struct {
	time   time.Duration
	queues *queues // must know of calls

	mu      sync.Mutex
	byID    map[ringKey]*ring
	calls   map[*session]*ring // one at a time
	invites map[*session]map[*ring]struct{}
}

func newRings() *rings {
	return &rings{time: ringTime, byID: map[ringKey]*ring{}, calls: map[*session]*ring{}, invites: map[*session]map[*ring]struct{}{}}
}

// inCall tells whether the session is in a call, or being called.
func (g *rings) inCall(s *session) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[s] != nil
}

// uid is the UID of a side that is not s, whether it is there or not.
func (r *ring) uid(s *session) string {
	if other := r.other(s); other != nil {
		return other.uid
	}
	return r.peer
}

// tellQueues tells them of a call that has begun or was answered. The rings must be locked.
func (g *rings) tellQueues(r *ring) {
	for _, s := range []*session{r.from, r.to} {
		if s != nil && !r.invite {
			g.queues.call(s, r.uid(s), r.accepted)
		}
	}
}

// tellQueuesEnd tells them that it has ended. The rings must be locked.
func (g *rings) tellQueuesEnd(r *ring, refused bool) {
	for _, s := range []*session{r.from, r.to} {
		if s != nil && !r.invite {
			g.queues.callEnded(s, r.uid(s), refused && s == r.from)
		}
	}
}

// add takes a ring into the books, and ends it in time if nothing happens. The rings must be locked.
func (g *rings) add(r *ring) {
	g.byID[r.key()] = r
	for _, s := range []*session{r.from, r.to} {
		switch {
		case s == nil:
		case !r.invite:
			g.calls[s] = r
		default:
			if g.invites[s] == nil {
				g.invites[s] = map[*ring]struct{}{}
			}
			g.invites[s][r] = struct{}{}
		}
	}
	r.timer = time.AfterFunc(g.time, func() { g.expire(r) })
}

// remove takes a ring out of the books. The rings must be locked.
func (g *rings) remove(r *ring) {
	r.timer.Stop()
	delete(g.byID, r.key())
	for _, s := range []*session{r.from, r.to} {
		if s == nil {
			continue
		}
		if !r.invite {
			delete(g.calls, s)
			continue
		}
		if delete(g.invites[s], r); len(g.invites[s]) == 0 {
			delete(g.invites, s)
		}
	}
}

// expire ends what nobody has answered.
func (g *rings) expire(r *ring) {
	g.mu.Lock()
	whole := r.from != nil && r.to != nil
	if g.byID[r.key()] != r || r.accepted && whole {
		g.mu.Unlock()
		return
	}
	g.remove(r)
	switch {
	case r.invite:
		r.from.tell(wire.NotifyInviteRejected, wire.CallAnswered{ID: r.id, Reason: wire.ReasonTimeout})
		r.to.tell(wire.NotifyInviteCanceled, wire.CallAnswered{ID: r.id, Reason: wire.ReasonTimeout})
	case r.accepted: // and one side has not come back
		for _, s := range []*session{r.from, r.to} {
			if s != nil {
				s.tell(wire.NotifyCallHangup, wire.CallAnswered{ID: r.id})
			}
		}
	default:
		r.from.tell(wire.NotifyCallRejected, wire.CallAnswered{ID: r.id, Code: wire.CodeNoAnswerCall})
		r.to.tell(wire.NotifyCallHangup, wire.CallAnswered{ID: r.id})
	}
	g.tellQueuesEnd(r, false)
	g.mu.Unlock()
	r.tellStatus()
}

// tellStatus tells who watches whether the two can be called. No lock is held.
func (r *ring) tellStatus() {
	if r.invite {
		return
	}
	for _, s := range []*session{r.from, r.to} {
		if s != nil {
			s.srv.presence.changed(s.user())
		}
	}
}

// leave ends everything of a session that has ended.
func (g *rings) leave(s *session) {
	g.mu.Lock()
	var ended []*ring
	if r := g.calls[s]; r != nil {
		ended = append(ended, r)
	}
	for r := range g.invites[s] {
		ended = append(ended, r)
	}
	for _, r := range ended {
		g.remove(r)
		other := r.other(s)
		switch {
		case other == nil:
		case r.invite && r.from == s:
			other.tell(wire.NotifyInviteCanceled, wire.CallAnswered{ID: r.id, Reason: wire.ReasonOffline})
		case r.invite:
			other.tell(wire.NotifyInviteRejected, wire.CallAnswered{ID: r.id, Reason: wire.ReasonOffline})
		case !r.accepted && r.to == s:
			other.tell(wire.NotifyCallRejected, wire.CallAnswered{ID: r.id, Code: wire.CodeOffline})
		default:
			other.tell(wire.NotifyCallHangup, wire.CallAnswered{ID: r.id})
		}
		g.tellQueuesEnd(r, false)
	}
	g.mu.Unlock()
	for _, r := range ended {
		r.tellStatus()
	}
}

// abandon ends all silently.
func (g *rings) abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.byID {
		g.remove(r)
	}
}
