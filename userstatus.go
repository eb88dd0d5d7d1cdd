package crvideo

import (
	"context"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// What a user does (UserStatus).
const (
	UserOffline = wire.UserOffline // 0
	UserIdle    = wire.UserIdle    // 1
	UserBusy    = wire.UserBusy    // 2: in a call
	UserInRoom  = wire.UserInRoom  // 3
)

// UserStatus tells whether a user can be called.
type UserStatus struct {
	UID        string
	UserStatus int // UserOffline, UserIdle, UserBusy, UserInRoom
	DNDType    int // 0: calls are welcome
}

func userStatus(w *wire.UserStatus) UserStatus { return UserStatus{w.UID, w.Status, w.DND} }

// SetDNDStatus tells whether calls and invitations are welcome (CRVideo_SetDNDStatus): 0 they are; with any other number up to 255
// they are refused with code 606. It holds until the end of the login. Errors: 5 bad number, 12 not logged in.
func (c *Client) SetDNDStatus(ctx context.Context, dnd int) error {
	_, err := await(ctx, "SetDNDStatus", func(done func(nothing, error)) func() {
		return c.startSetDND(dnd, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startSetDND(dnd int, done func(error)) (abandon func()) {
	return c.startUserRequest("SetDNDStatus", wire.MethodSetDND, &wire.DNDParams{DND: dnd}, nil, func(l *login, err error) {
		if err == nil {
			l.dnd = dnd
		}
	}, done)
}

// startUserRequest sends a request that needs a login and no room; answered runs locked.
func (c *Client) startUserRequest(op, method string, params wire.Validator, into any, answered func(*login, error), done func(error)) (abandon func()) {
	l, err := c.loggedIn(op)
	if err == nil {
		err = checked(op, params)
	}
	if err != nil {
		done(err)
		return noAbandon
	}
	l.request(method, params, into, func(err error) {
		c.mu.Lock()
		answered(l, err)
		c.mu.Unlock()
		done(toError(op, err))
	})
	return noAbandon
}

// GetUserStatus lists the users of the app who are logged in, oneself included, in the order of their UIDs
// (CRVideo_GetUserStatus). Errors: 12 not logged in, 21 not permitted.
func (c *Client) GetUserStatus(ctx context.Context) ([]UserStatus, error) {
	return await(ctx, "GetUserStatus", func(done func([]UserStatus, error)) func() { return c.startGetStatus("", done) })
}

// GetOneUserStatus tells whether a user can be called (CRVideo_GetOneUserStatus); somebody unknown is offline.
// Errors: 5 bad UID, 12 not logged in, 21 not permitted.
func (c *Client) GetOneUserStatus(ctx context.Context, uid string) (UserStatus, error) {
	all, err := await(ctx, "GetOneUserStatus", func(done func([]UserStatus, error)) func() { return c.startGetOneStatus(uid, done) })
	if err != nil {
		return UserStatus{}, err
	}
	return all[0], nil
}

func (c *Client) startGetOneStatus(uid string, done func([]UserStatus, error)) (abandon func()) {
	const op = "GetOneUserStatus"
	_, err := c.loggedIn(op)
	if err == nil && uid == "" { // on the wire this means all
		err = failf(op, CodeBadParameter, "UID is empty")
	}
	if err != nil {
		done(nil, err)
		return noAbandon
	}
	return c.startGetStatus(uid, done)
}

// startGetStatus asks for one user, or page by page for all.
func (c *Client) startGetStatus(uid string, done func([]UserStatus, error)) (abandon func()) {
	const op = "GetUserStatus"
	var all []UserStatus
	var ask func(after string)
	ask = func(after string) {
		var got wire.UserStatusResult
		c.startUserRequest(op, wire.MethodGetUserStatus, &wire.UserStatusParams{UID: uid, After: after}, &got, func(*login, error) {}, func(err error) {
			if err == nil && uid != "" && len(got.Users) != 1 {
				err = failf(op, CodeInvalidData, "%d users in the answer", len(got.Users))
			}
			if err != nil {
				done(nil, err)
				return
			}
			for i := range got.Users {
				all = append(all, userStatus(&got.Users[i]))
			}
			if n := len(got.Users); got.More && n > 0 && got.Users[n-1].UID > after {
				ask(got.Users[n-1].UID)
				return
			}
			done(all, nil)
		})
	}
	ask("")
	return noAbandon
}

// StartUserStatusNotify asks for NotifyUserStatus whenever the status of a user of the app changes
// (CRVideo_StartUserStatusNotify), until StopUserStatusNotify or the end of the login. Errors: 12 not logged in, 21 not permitted.
func (c *Client) StartUserStatusNotify(ctx context.Context) error {
	return c.watchStatus(ctx, "StartUserStatusNotify", true)
}

// StopUserStatusNotify ends what StartUserStatusNotify began (CRVideo_StopUserStatusNotify). Errors: 12 not logged in, 21 not permitted.
func (c *Client) StopUserStatusNotify(ctx context.Context) error {
	return c.watchStatus(ctx, "StopUserStatusNotify", false)
}

func (c *Client) watchStatus(ctx context.Context, op string, on bool) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		return c.startWatch(op, on, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startWatch(op string, on bool, done func(error)) (abandon func()) {
	return c.startUserRequest(op, wire.MethodWatchUserStatus, &wire.WatchParams{On: on}, nil, func(l *login, err error) {
		if err != nil {
			return
		}
		if l.statuses = nil; on {
			l.statuses = map[string]UserStatus{}
		}
	}, done)
}

func userStatusChanged(c *Client, l *login, p *wire.UserStatus) {
	c.toldStatusLocked(l, userStatus(p))
}

// toldStatusLocked tells of a status that is not known yet.
func (c *Client) toldStatusLocked(l *login, s UserStatus) {
	if before, known := l.statuses[s.UID]; l.statuses == nil || known && before == s {
		return
	}
	l.statuses[s.UID] = s
	emit(c, &c.on.userStatus, NotifyUserStatus{s})
}
