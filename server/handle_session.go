package server

import (
	"math"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// login opens a session on a connection that has none.
func (c *conn) login(m *wire.Message) *wire.Error {
	who, p, failed := c.authenticate(m)
	if failed == nil {
		user := userKey{who.appID, who.uid}
		quota := c.srv.userRates.hold(user, math.MaxInt)
		if failed = c.openSession(m, &p, &who, quota); failed != nil {
			c.srv.userRates.release(user)
		}
	}
	code := wire.CodeOK
	if failed != nil {
		code = failed.Code
		c.log.Info("login refused", "app", p.AppID, "uid", p.UID, "code", int(code))
	}
	done(c.srv.metrics.logins, int(code))
	return failed
}

// openSession makes the session of an authenticated login and answers it.
func (c *conn) openSession(m *wire.Message, p *wire.LoginParams, who *identity, quota *quota) *wire.Error {
	if !quota.logins.Allow() {
		return c.srv.tooMany(quota, "logins")
	}
	timeout := c.srv.timeoutFor(p)
	s := newSession(c.srv, who, p.Nickname, timeout)
	s.since, s.frames = time.Now(), p.Frames
	if p.Renews != "" {
		s.renews, s.since = p.Renews, s.since.Add(-time.Duration(min(p.AgeMS, math.MaxInt64/int64(time.Millisecond)))*time.Millisecond)
	}
	before, failed := c.srv.register(s)
	if failed != nil {
		return failed
	}
	if before != nil { // ended before we answer: the new login may enter the same room at once
		before.end(ending{code: wire.CodeKicked, close: wire.CloseSuperseded, left: wire.LeftExtrude, why: "the same UID logged in elsewhere", renewed: p.Renews != ""})
	}
	result := wire.LoginResult{Session: s.id, Key: s.key, UID: s.uid, TimeoutMS: int(timeout.Milliseconds()), Epoch: c.srv.epoch}
	if who.byToken {
		result.ExpiresMS = millisecondsUntil(who.claims.Expires)
	}
	switch {
	case s.attach(c, &outgoing{id: m.ID, result: result}, 0) == nil:
	case c.srv.now() != serving: // it was ended with all others, and is to go on elsewhere
		return goingAway()
	default:
		return wire.Errorf(wire.CodeKicked, "the same UID logged in elsewhere")
	}
	c.joined(s, quota, len(m.Params))
	c.srv.presence.changed(s.user())
	c.srv.transfers.arrived(s)
	if who.byToken {
		s.watchToken(who.claims)
	}
	s.log.Info("login", "addr", c.addr, "sdk", p.SDK, "token", who.byToken)
	return nil
}

// timeoutFor is the server timeout of a login.
func (s *Server) timeoutFor(p *wire.LoginParams) time.Duration {
	switch {
	case s.cfg.timeout != 0:
		return s.cfg.timeout
	case p.TimeoutMS != 0:
		return time.Duration(p.TimeoutMS) * time.Millisecond
	}
	return wire.DefaultServerTimeout
}

// authenticate checks a login.
func (c *conn) authenticate(m *wire.Message) (identity, wire.LoginParams, *wire.Error) {
	var p wire.LoginParams
	if failed := wire.DecodeParams(m.Params, &p); failed != nil {
		return identity{}, wire.LoginParams{}, failed
	}
	var who identity
	failed := c.guess(func() (failed *wire.Error) {
		if who, failed = c.srv.apps.login(&p, time.Now()); failed == nil {
			failed = c.srv.hooks.checkAuthCode(&who, &p, c.addr)
		}
		return failed
	})
	return who, p, failed
}

// resume continues a session on a connection that has none.
func (c *conn) resume(m *wire.Message) *wire.Error {
	code := wire.CodeOK
	failed := c.resumeSession(m)
	if failed != nil {
		code = failed.Code
		c.log.Info("resume refused", "code", int(code))
	}
	done(c.srv.metrics.resumes, int(code))
	return failed
}

func (c *conn) resumeSession(m *wire.Message) *wire.Error {
	var p wire.ResumeParams
	if failed := wire.DecodeParams(m.Params, &p); failed != nil {
		return failed
	}
	s, failed := c.srv.session(p.Session, p.Key)
	if failed != nil {
		return failed
	}
	user := s.user()
	quota := c.srv.userRates.hold(user, math.MaxInt)
	if failed := s.attach(c, &outgoing{id: m.ID}, p.LastSeq); failed != nil {
		c.srv.userRates.release(user)
		s.end(ending{left: wire.LeftTimeout, why: "resumed too late to replay what was missed"})
		return failed
	}
	c.joined(s, quota, len(m.Params))
	c.srv.queues.refresh(user)
	c.srv.transfers.resumed(s)
	s.log.Info("resumed", "addr", c.addr, "last_seq", p.LastSeq)
	return nil
}

// joined makes s the connection's session, and what it does count for its user.
func (c *conn) joined(s *session, quota *quota, bytes int) {
	user := s.user()
	c.sess, c.user, c.quota = s, &user, quota
	quota.take(bytes)
}

// updateToken replaces the token of a token login.
func updateToken(c *call, p *wire.UpdateTokenParams) *wire.Error {
	s := c.sess
	if !s.byToken {
		return wire.Errorf(wire.CodeNotTokenLogin, "the login was not by token")
	}
	var claims token.Claims
	failed := c.conn.guess(func() (failed *wire.Error) {
		claims, failed = c.conn.srv.apps.parse(p.Token, time.Now())
		return failed
	})
	switch {
	case failed != nil:
		return failed
	case claims.AppID != s.appID || claims.UID != s.uid:
		return wire.Errorf(wire.CodeAuthData, "the token is another app's or user's")
	}
	if m := s.currentMember(); m != nil && !claims.AllowsRoom(m.room.id) {
		return wire.Errorf(wire.CodeAuthFailed, "the token is for another room than the one you are in")
	}
	c.reply(wire.UpdateTokenResult{ExpiresMS: millisecondsUntil(claims.Expires)})
	s.watchToken(claims)
	return nil
}

// logout ends the session; the connection is closed behind the answer.
func logout(c *call) *wire.Error {
	c.reply(nil)
	c.sess.end(ending{left: wire.LeftExit, why: "logout"})
	return nil
}
