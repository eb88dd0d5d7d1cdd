package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// comeBackTime is how long a transfer that a process before this one had begun waits for its receiver to log in again.
const comeBackTime = 30 * time.Second

// transfer is a buffer or a file on its way from one session to another. The server keeps nothing of it but what waits for
// the receiver's connection, a window at most.
type transfer struct {
	wire.OfferTransferParams
	key      transferKey
	from, to *session // to is nil while the receiver has not come back after a restart
	accepted bool
	window   int64
	expect   int64 // where the next data frame begins
	high     int64 // and where one has begun at most: a receiver that lost some goes back
	acked    int64 // the receiver is done with everything before it
	credited int64 // and the sender has been told so
	timer    *time.Timer
	orphan   bool // its sender has logged in anew, and will offer it again
	ended    bool
}

type transferKey struct {
	app string
	id  wire.TransferID
}

// transfers are all of a server. Whatever changes them happens under the lock, and who is concerned is told under it, so
// that everybody sees the changes in one order. It is taken before a session's lock and the server's.
type transfers struct {
	srv       *Server
	offerTime time.Duration
	backTime  time.Duration

	mu      sync.Mutex
	byKey   map[transferKey]*transfer
	of      map[*session]map[*transfer]struct{} // sent or received
	waiting map[userKey]map[*transfer]struct{}  // for a receiver that has to come back
}

func newTransfers(s *Server) *transfers {
	return &transfers{
		srv: s, offerTime: s.limits.TransferOfferTime, backTime: comeBackTime, byKey: map[transferKey]*transfer{},
		of: map[*session]map[*transfer]struct{}{}, waiting: map[userKey]map[*transfer]struct{}{},
	}
}

// count is how many there are.
func (g *transfers) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.byKey)
}

// countOf is how many a session sends, or receives. The transfers must be locked.
func (g *transfers) countOf(s *session, sent bool) int {
	n := 0
	for t := range g.of[s] {
		if (t.from == s) == sent {
			n++
		}
	}
	return n
}

// add takes a transfer into the books. The transfers must be locked.
func (g *transfers) add(t *transfer) {
	g.byKey[t.key] = t
	g.enlist(t, t.from)
	if t.to != nil {
		g.offer(t)
		return
	}
	g.await(t)
}

// await lets a transfer wait for its receiver to log in. The transfers must be locked.
func (g *transfers) await(t *transfer) {
	user := userKey{t.key.app, t.UID}
	if g.waiting[user] == nil {
		g.waiting[user] = map[*transfer]struct{}{}
	}
	g.waiting[user][t] = struct{}{}
	t.timer = time.AfterFunc(g.backTime, func() { g.expire(t, wire.CodeOffline) })
}

func (g *transfers) enlist(t *transfer, s *session) {
	if g.of[s] == nil {
		g.of[s] = map[*transfer]struct{}{}
	}
	g.of[s][t] = struct{}{}
}

// offer tells the receiver of a transfer. The transfers must be locked.
func (g *transfers) offer(t *transfer) {
	g.enlist(t, t.to)
	t.to.tell(wire.NotifyTransferIn, wire.TransferIn{ID: t.ID, From: t.from.uid, Kind: t.Kind, Name: t.Name, Size: t.Size})
	t.timer = time.AfterFunc(g.offerTime, func() { g.expire(t, wire.CodeNoAnswerCall) })
}

// expire ends what nobody has come for.
func (g *transfers) expire(t *transfer, code wire.Code) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.accepted || code == wire.CodeOffline && t.to != nil && !t.orphan {
		return
	}
	g.end(t, code, t.from, t.to)
}

// end takes a transfer out of the books, and tells some sessions. The transfers must be locked.
func (g *transfers) end(t *transfer, code wire.Code, told ...*session) {
	if t.ended {
		return
	}
	t.ended = true
	t.timer.Stop()
	delete(g.byKey, t.key)
	for _, s := range []*session{t.from, t.to} {
		if s == nil {
			continue
		}
		if delete(g.of[s], t); len(g.of[s]) == 0 {
			delete(g.of, s)
		}
	}
	user := userKey{t.key.app, t.UID}
	if delete(g.waiting[user], t); len(g.waiting[user]) == 0 {
		delete(g.waiting, user)
	}
	for _, s := range told {
		if s != nil {
			s.tell(wire.NotifyTransferEnded, wire.TransferEnded{ID: t.ID, Code: code})
		}
	}
	g.srv.metrics.transfer(t.Kind, code)
	t.from.log.Info("transfer ended", "transfer", t.ID, "to", t.UID, "kind", t.Kind, "size", t.Size, "done", t.acked, "code", int(code))
}

// other is the other side; nil if it is not there.
func (t *transfer) other(s *session) *session {
	if t.from == s {
		return t.to
	}
	return t.from
}

// leave ends everything of a session that has ended, unless the same client has logged in anew: it goes on.
func (g *transfers) leave(s *session, renewed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for t := range g.of[s] {
		if !renewed {
			g.end(t, wire.CodeOffline, t.other(s))
			continue
		}
		delete(g.of[s], t)
		t.timer.Stop()
		t.accepted = false
		if t.to == s {
			t.to = nil
			g.await(t)
		} else {
			t.orphan = true
			t.timer = time.AfterFunc(g.backTime, func() { g.expire(t, wire.CodeOffline) })
		}
	}
	if len(g.of[s]) == 0 {
		delete(g.of, s)
	}
}

// arrived is called when a user has logged in: transfers may wait for that.
func (g *transfers) arrived(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.isEnded() { // leave has been there
		return
	}
	for t := range g.waiting[s.user()] {
		t.timer.Stop()
		delete(g.waiting[s.user()], t)
		if !s.frames {
			g.end(t, wire.CodeNoPlatform, t.from)
			continue
		}
		t.to = s
		g.offer(t)
	}
	if len(g.waiting[s.user()]) == 0 {
		delete(g.waiting, s.user())
	}
}

// abandon ends all silently.
func (g *transfers) abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.byKey {
		g.end(t, wire.CodeGoingAway)
	}
}

// pacer is how fast one login may send.
func (l *Limits) pacer() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(l.TransferBytesPerSecond), max(l.TransferBytesPerSecond, l.TransferWindow))
}
