package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// session is one login. It outlives its connections for the server timeout.
type session struct {
	srv     *Server
	id, key string    // key proves ownership in a resume and is never logged
	renews  string    // the session of an earlier process that this one continues; empty: a new login
	since   time.Time // when the user logged in, on whichever process
	appID   string
	uid     string
	byToken bool
	frames  bool          // its client takes frames
	pace    *rate.Limiter // of what it sends in transfers
	timeout time.Duration
	log     *slog.Logger
	ctx     context.Context // ends with the session
	cancel  context.CancelFunc

	requests sync.Mutex // held while a request is handled: one at a time, also over two connections
	answers  answers

	mu       sync.Mutex
	nickname string
	claims   token.Claims
	conn     *conn // nil while the connection is cut
	replay   replay
	member   *member // nil outside of a room
	ended    bool
	left     string // since it has ended: the reason for the others in its room
	dnd      int    // does not want calls if not 0
	alone    int    // bytes of notifications that nobody else gets, since the connection is cut
	timers   sessionTimers
}

// sessionTimers are those that end a session or warn before it; nil where not running.
type sessionTimers struct{ cut, warn, end *time.Timer }

func (t *sessionTimers) stop() {
	for _, timer := range []*time.Timer{t.cut, t.warn, t.end} {
		if timer != nil {
			timer.Stop()
		}
	}
}

func newSession(s *Server, who *identity, nickname string, timeout time.Duration) *session {
	sess := &session{
		srv: s, id: randomHex(12), key: randomHex(32),
		appID: who.appID, uid: who.uid, byToken: who.byToken, claims: who.claims,
		nickname: nickname, timeout: timeout, pace: s.limits.pacer(),
		answers: newAnswers(s.limits.AnswersKept),
		replay:  replay{limit: s.limits.Replay, byteLimit: s.limits.ReplayBytes},
	}
	sess.log = s.log.With("session", sess.id, "app", sess.appID, "uid", sess.uid)
	sess.ctx, sess.cancel = context.WithCancel(context.Background())
	return sess
}

func (s *session) user() userKey { return userKey{s.appID, s.uid} }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// sameSecret compares without telling by its duration where the difference is, or how long the secret is.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// allows tells whether the session may do p; logins with the secret may do everything.
func (s *session) allows(p token.Permission) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.byToken || s.claims.Allows(p)
}

// allowsRoom tells whether the session may deal with this room.
func (s *session) allowsRoom(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.byToken || s.claims.AllowsRoom(id)
}

// tell sends a notification to this session alone.
func (s *session) tell(method string, params any) { s.notify(newNotification(method, params)) }

func newNotification(method string, params any) *notification {
	head, raw, err := wire.NotificationHead(method, params)
	if err != nil {
		panic("server: a notification that cannot be encoded: " + err.Error()) // our own types: a bug
	}
	return &notification{params: raw, head: head}
}

// notify numbers a notification, keeps it for a resume and sends it if there is a connection. It never waits.
func (s *session) notify(n *notification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.notifyLocked(n)
	}
}

func (s *session) notifyLocked(n *notification) {
	seq := s.replay.add(n)
	if s.conn != nil {
		s.conn.send(&outgoing{note: n, seq: seq})
	}
}

// maxAlone is how many bytes of notifications that nobody else gets may wait for a peer.
const maxAlone = 1 << 20

// notifyIfRoom is notify with a notification that nobody else gets, unless so many wait already that one more might cost
// the peer its connection or its session: whoever sends them is to wait, not the others to suffer.
func (s *session) notifyIfRoom(n *notification) *wire.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := len(n.params)
	switch {
	case s.ended:
		return wire.Errorf(wire.CodeNoTarget, "the user is not there")
	case s.conn != nil && !s.conn.out.hasRoomAlone(size), s.conn == nil && s.alone+size > maxAlone:
		return wire.Errorf(wire.CodeTooFast, "the user has not read what was sent before, wait a while")
	case s.conn == nil:
		s.alone += size
	}
	s.notifyLocked(n)
	return nil
}

// forward sends a frame of another session if there is a connection, and takes its buffer. It never waits.
func (s *session) forward(f frame) {
	s.mu.Lock()
	c := s.conn
	s.mu.Unlock()
	switch {
	case c == nil: // the client tells what it lacks when it is back
		f.free()
	case !c.out.pushBulk(f):
		c.srv.metrics.slow.Inc()
		c.close(wire.CloseSlow, "frames are not read")
	}
}

// sendNow sends something that is worth nothing on another connection, if there is one.
func (s *session) sendNow(m *outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.send(m)
	}
}

// attach makes c the session's connection, answers the login or resume on it and sends what was missed since seq.
func (s *session) attach(c *conn, answer *outgoing, seq uint64) *wire.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	missed, ok := s.replay.since(seq)
	if s.ended || !ok {
		return wire.Errorf(wire.CodeNoSession, "the session is not known any more")
	}
	if s.conn != nil {
		s.conn.close(wire.CloseTaken, "the session was resumed on another connection")
	}
	if s.timers.cut != nil {
		s.timers.cut.Stop()
		s.timers.cut = nil
	}
	s.conn, s.alone = c, 0
	c.send(answer)
	for _, m := range missed {
		c.send(m)
	}
	return nil
}

func (s *session) isCut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn == nil && !s.ended
}

// detach tells the session that its connection is gone. It lives on for its timeout; not if the connection was
// silent for as long already.
func (s *session) detach(c *conn, idle bool) {
	s.mu.Lock()
	if s.conn != c || s.ended {
		s.mu.Unlock()
		return
	}
	defer s.mu.Unlock()
	s.conn = nil
	life := s.timeout
	if idle {
		life = 0
	}
	var cut *time.Timer
	cut = time.AfterFunc(life, func() {
		s.endIf(func() bool { return s.timers.cut == cut }, // else it came back at the last moment, and may be gone anew
			ending{left: wire.LeftTimeout, why: "its connection did not come back"})
	})
	s.timers.cut = cut
}
