package crvideo

import (
	"context"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// CreateMeeting creates a room (CRVideo_CreateMeeting2 with CreateParams). It does not enter it.
// Errors: 5 bad parameters, 12 not logged in, 21 not permitted, 803 the server has no room left.
func (c *Client) CreateMeeting(ctx context.Context, p CreateParams) (MeetInfo, error) {
	return await(ctx, "CreateMeeting", func(done func(MeetInfo, error)) func() { return c.startCreate(p, done) })
}

func (c *Client) startCreate(p CreateParams, done func(MeetInfo, error)) (abandon func()) {
	const op = "CreateMeeting"
	l, err := c.loggedIn(op)
	request := wire.CreateMeetingParams{Subject: p.Subject, Password: p.Password, NeedPassword: p.NeedPassword, Regular: p.Regular}
	if err == nil {
		err = checked(op, &request)
	}
	if err != nil {
		done(MeetInfo{}, err)
		return noAbandon
	}
	var result wire.MeetInfo
	l.request(wire.MethodCreateMeeting, request, &result, func(err error) {
		done(meetInfo(&result), toError(op, err))
	})
	return noAbandon
}

// DestroyMeeting ends a room and puts everybody out of it (CRVideo_DestroyMeeting).
// Errors: 5 not 8 digits, 12 not logged in, 21 not permitted, 800 no such room.
func (c *Client) DestroyMeeting(ctx context.Context, meetID int64) error {
	_, err := await(ctx, "DestroyMeeting", func(done func(nothing, error)) func() {
		return c.startDestroy(meetID, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startDestroy(meetID int64, done func(error)) (abandon func()) {
	const op = "DestroyMeeting"
	l, err := c.loggedIn(op)
	request := wire.MeetIDParams{MeetID: meetID}
	if err == nil {
		err = checked(op, &request)
	}
	if err != nil {
		done(err)
		return noAbandon
	}
	l.request(wire.MethodDestroyMeeting, request, nil, func(err error) { done(toError(op, err)) })
	return noAbandon
}

// Kickout puts a member out of the room (CRVideo_Kickout).
// Errors: 5 empty UID, 12 not logged in, 21 not permitted, 800 in no room, 806 no such member.
func (c *Client) Kickout(ctx context.Context, uid string) error {
	return c.roomRequest(ctx, "Kickout", wire.MethodKickout, &wire.UIDParams{UID: uid})
}

// roomRequest sends a request that makes sense in a room only, and waits for its answer.
func (c *Client) roomRequest(ctx context.Context, op, method string, params wire.Validator) error {
	return c.roomChange(ctx, op, method, params, func(*room) {})
}

// roomChange is a roomRequest that changes something of our own: changed runs with its success, in order with what the
// server tells. (Everybody else is told by the server.)
func (c *Client) roomChange(ctx context.Context, op, method string, params wire.Validator, changed func(*room)) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		return c.startRoomChange(op, method, params, changed, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startRoomRequest(op, method string, params wire.Validator, done func(error)) (abandon func()) {
	return c.startRoomChange(op, method, params, func(*room) {}, done)
}

func (c *Client) startRoomChange(op, method string, params wire.Validator, changed func(*room), done func(error)) (abandon func()) {
	r, err := c.inRoom(op)
	if err == nil && params != nil {
		err = checked(op, params)
	}
	if err != nil {
		done(err)
		return noAbandon
	}
	r.login.request(method, params, nil, func(err error) {
		if err == nil {
			changed(r)
		}
		done(toError(op, err))
	})
	return noAbandon
}

// checked validates parameters with the protocol's own rules before they are sent.
func checked(op string, params wire.Validator) error {
	if err := params.Validate(); err != nil {
		return toError(op, err)
	}
	return nil
}

func meetInfo(m *wire.MeetInfo) MeetInfo {
	return MeetInfo{ID: m.ID, Password: m.Password, Subject: m.Subject, PubMeetURL: m.URL}
}
