package crvideo

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// LoginParams say who logs in. With AppSecret the login is by the app's secret, with Token by a token.
type LoginParams struct {
	AppID        string // the app, not needed with a token
	AppSecret    string // hexadecimal md5 of the app's secret, as CRVideo has it; see MD5
	Token        string // a token made by package token, instead of AppID and AppSecret
	UID          string // the user's ID, unique in the app, 1 to 64 bytes
	Nickname     string // 1 to 128 bytes
	UserAuthCode string // for a server with third-party authentication, which must take it again when the login goes on after a restart
}

// login is one login from its start to its end.
type login struct {
	uid     string
	token   bool
	ctx     context.Context // ends with the login
	cancel  context.CancelFunc
	channel *channel      // what is sent to other users and comes from them
	ready   chan struct{} // closed when the result has been reported: notifications wait for it

	mu   sync.Mutex
	sess *signal.Session // nil while logging in

	rings    map[string]*ringing   // by ID. Guarded by Client.mu, as what follows
	dnd      int                   // as last set
	statuses map[string]UserStatus // as last told; nil: not watching
	queue    queueState
}

func (l *login) session() *signal.Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sess
}

// end logs out on the server and closes the connection.
func (l *login) end() {
	l.cancel()
	if s := l.session(); s != nil {
		s.Close()
	}
}

// Login logs in on the server (CRVideo_Login, CRVideo_LoginByToken). Errors: 5 empty UID or nickname, 7 wrong secret,
// 9 logged in already, 14 to 17 about UserAuthCode (missing, not expected, not checked, refused), 18 to 21 token refused, 20 no such app, 201 no server address, 203 no connection, 205 no answer.
func (c *Client) Login(ctx context.Context, p LoginParams) error {
	_, err := await(ctx, "Login", func(done func(nothing, error)) func() {
		return c.startLogin(p, func(err error) { done(nothing{}, err) })
	})
	return err
}

// startLogin begins a login. done is called once. The returned function gives the login up.
func (c *Client) startLogin(p LoginParams, done func(error)) (abandon func()) {
	const op = "Login"
	c.mu.Lock()
	url, err := c.checkLoginLocked(op, &p)
	if err != nil {
		c.mu.Unlock()
		done(err)
		return noAbandon
	}
	l := &login{uid: p.UID, token: p.Token != "", channel: newChannel(), ready: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(c.life)
	c.login = l
	cfg := signal.Config{
		URL: url, TLS: c.params.TLSConfig, NetDial: c.params.NetDial, Timeout: c.params.timeout(), Logger: c.log,
		OnNotify: func(method string, params json.RawMessage) {
			<-l.ready // closed within microseconds of the login's answer
			c.notified(l, method, params)
		},
		OnFrame: l.frame, OnResumed: l.lost, OnBack: l.back,
		OnEnd: func(end *wire.Error) {
			<-l.ready
			c.log.Warn("login ended by the server or the network", "uid", l.uid, "error", end)
			c.lineOff(l, fromWire(end.Code))
		},
		Backoff: c.params.Recovery.backoff(),
		OnRenewed: func(release func()) {
			<-l.ready
			c.restoreLogin(l)
			c.renewed(l, release)
		},
	}
	request := wire.LoginParams{
		AppID: p.AppID, SecretMD5: p.AppSecret, Token: p.Token, UID: p.UID, Nickname: p.Nickname, AuthCode: p.UserAuthCode,
		SDK: "crvideo-go/" + Version, Frames: true, TimeoutMS: int(cfg.Timeout / time.Millisecond),
	}
	c.spawnLocked(func() {
		sess, _, err := signal.Login(l.ctx, cfg, request)
		if err == nil {
			l.mu.Lock()
			l.sess = sess
			l.mu.Unlock()
		}
		c.mu.Lock()
		current := c.login == l
		if current && err != nil {
			c.login = nil
		}
		c.mu.Unlock()
		if err == nil && current {
			done(nil)
			close(l.ready)
			return
		}
		close(l.ready) // first, since a closing session waits for its notifications
		if err == nil {
			sess.Close()
			err = context.Canceled
		}
		if !current {
			err = fail(op, CodeLoginState, err) // logged out meanwhile
		}
		l.cancel()
		done(toError(op, err))
	})
	c.mu.Unlock()
	return func() { c.logout(l) }
}

func (c *Client) checkLoginLocked(op string, p *LoginParams) (url string, err error) {
	switch {
	case c.closed:
		return "", fail(op, CodeNotInit, nil)
	case p.UID == "":
		return "", failf(op, CodeBadParameter, "UID is empty")
	case p.Nickname == "":
		return "", failf(op, CodeBadParameter, "nickname is empty")
	case p.Token == "" && (p.AppID == "" || p.AppSecret == ""):
		return "", failf(op, CodeBadParameter, "neither a token nor appID and appSecret")
	case c.login != nil:
		return "", failf(op, CodeLoginState, "logged in, or logging in, as %q", c.login.uid)
	}
	u, err := signal.URL(c.addr, c.params.IsHTTP)
	return u, toError(op, err)
}

// Logout leaves the room and logs out (CRVideo_Logout). What is local ends at once; ctx bounds the wait for the
// server to be told. Logged out already is no error.
func (c *Client) Logout(ctx context.Context) error {
	c.mu.Lock()
	l := c.login
	if c.closed {
		c.mu.Unlock()
		return fail("Logout", CodeNotInit, nil)
	}
	c.mu.Unlock()
	ended := c.logout(l)
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return toError("Logout", ctx.Err())
	}
}

// logout ends login l if it is still the current one. The channel is closed when the server has been told.
func (c *Client) logout(l *login) <-chan struct{} {
	ended := make(chan struct{})
	c.mu.Lock()
	if l == nil || c.login != l {
		c.mu.Unlock()
		close(ended)
		return ended
	}
	r := c.detachRoomLocked()
	c.login = nil
	started := c.spawnLocked(func() {
		defer close(ended)
		if r != nil {
			r.release(false) // logging out leaves the room on the server, too
		}
		l.end()
	})
	c.mu.Unlock()
	if !started {
		close(ended)
	}
	return ended
}

// lineOff ends a login that the server or the network ended; nil is whichever login there is.
func (c *Client) lineOff(l *login, code Code) {
	c.mu.Lock()
	if c.login == nil || (l != nil && c.login != l) {
		c.mu.Unlock()
		return
	}
	l = c.login
	r := c.detachRoomLocked()
	c.login = nil
	c.spawnLocked(func() {
		if r != nil {
			r.release(false)
		}
		l.end()
	})
	emit(c, &c.on.lineOff, LineOff{Code: code})
	c.mu.Unlock()
}

// UpdateToken replaces the token of a token login before it ends (CRVideo_UpdateToken). Errors: 12 not logged in,
// 22 not a token login, 18, 19 or 21 token refused; the old one then stays.
func (c *Client) UpdateToken(ctx context.Context, token string) error {
	const op = "UpdateToken"
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		l, err := c.loggedIn(op)
		switch {
		case err != nil:
		case token == "":
			err = failf(op, CodeBadParameter, "token is empty")
		case !l.token:
			err = fail(op, CodeNotTokenLogin, nil)
		default:
			l.request(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: token}, nil, func(err error) {
				if err == nil {
					l.session().UpdateLogin(func(p *wire.LoginParams) { p.Token = token })
				}
				done(nothing{}, err)
			})
			return noAbandon
		}
		done(nothing{}, err)
		return noAbandon
	})
	return err
}

// UID tells as whom the client is logged in; empty when it is not.
func (c *Client) UID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.uidLocked()
}

func (c *Client) uidLocked() string {
	if c.login == nil {
		return ""
	}
	return c.login.uid
}

// loggedIn returns the login if it is complete.
func (c *Client) loggedIn(op string) (*login, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loggedInLocked(op)
}

func (c *Client) loggedInLocked(op string) (*login, error) {
	switch {
	case c.closed:
		return nil, fail(op, CodeNotInit, nil)
	case c.login == nil || c.login.session() == nil:
		return nil, fail(op, CodeNotLoggedIn, nil)
	}
	return c.login, nil
}

// request sends a request at once. The answer is decoded into result (nil: not wanted) and done is called once, on
// the session's read goroutine and in order with notifications, so it must be short.
func (l *login) request(method string, params, result any, done func(error)) {
	l.session().Go(method, params, answerTo(method, result, done))
}

func answerTo(method string, result any, done func(error)) func(json.RawMessage, *wire.Error) {
	return func(raw json.RawMessage, failure *wire.Error) {
		if failure == nil && result != nil {
			failure = decodeResult(method, raw, result)
		}
		if failure != nil {
			done(failure)
			return
		}
		done(nil)
	}
}

func decodeResult(method string, raw json.RawMessage, result any) *wire.Error {
	if err := json.Unmarshal(raw, result); err != nil {
		return wire.Errorf(wire.CodeInvalidData, "answer to %s: %v", method, err)
	}
	return nil
}
