package server

import "github.com/crvideo/crvideo-go/internal/wire"

// register makes a new session known and gives the same user's session before it, which the caller must end.
func (s *Server) register(sess *session) (before *session, failed *wire.Error) {
	user := sess.user()
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.users[user]
	switch {
	case s.phase != serving:
		return nil, goingAway()
	case before != nil && sess.renews != "" && sess.renews != before.renews && sess.since.Before(before.since):
		// It comes back after a restart, but the user has logged in elsewhere after it.
		return nil, wire.Errorf(wire.CodeKicked, "the same UID logged in elsewhere")
	case before == nil && s.perApp[sess.appID] >= s.limits.Sessions:
		return nil, wire.Errorf(wire.CodeServiceFailure, "too many users of this app are logged in")
	}
	if before != nil {
		delete(s.sessions, before.id)
		s.perApp[sess.appID]--
	}
	s.sessions[sess.id] = sess
	s.users[user] = sess
	s.perApp[sess.appID]++
	return before, nil
}

// forget removes a session that has ended. With a code, a client that was not there to be told learns it from its
// resume: it must not log in again by itself where another login of the user, say, was the reason.
func (s *Server) forget(sess *session, code wire.Code) {
	user := sess.user()
	s.mu.Lock()
	defer s.mu.Unlock()
	if code != wire.CodeOK {
		s.gone.add(sess, code)
	}
	if s.sessions[sess.id] != sess {
		return
	}
	delete(s.sessions, sess.id)
	if s.users[user] == sess {
		delete(s.users, user)
	}
	if s.perApp[sess.appID]--; s.perApp[sess.appID] <= 0 {
		delete(s.perApp, sess.appID)
	}
}

// session finds the session of a resume.
func (s *Server) session(id, key string) (*session, *wire.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sess := s.sessions[id]; sess != nil && sameSecret(sess.key, key) {
		return sess, nil
	}
	if old, ok := s.gone.byID[id]; ok && sameSecret(old.key, key) {
		return nil, wire.Errorf(old.code, "the session has ended")
	}
	return nil, wire.Errorf(wire.CodeNoSession, "the session is not known any more")
}

// graves are the last sessions that were ended for a reason, bounded.
type graves struct {
	byID  map[string]grave
	order []string
}

type grave struct {
	key  string
	code wire.Code
}

const maxGraves = 1024

func (g *graves) add(sess *session, code wire.Code) {
	if g.byID == nil {
		g.byID = make(map[string]grave)
	}
	if len(g.order) >= maxGraves {
		delete(g.byID, g.order[0])
		g.order = append(g.order[:0], g.order[1:]...)
	}
	g.byID[sess.id] = grave{key: sess.key, code: code}
	g.order = append(g.order, sess.id)
}
