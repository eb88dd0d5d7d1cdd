package crvideo

import (
	"context"
	"maps"
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// MeetingAttr is the value of one attribute.
type MeetingAttr struct {
	Value            string
	LastModifyUserID string
	LastModifyTs     int64 // seconds since 1970, by the server's clock
}

// MeetingAttrs are attributes of a room, or of a member, by key. A room has at most 128, and 128 KiB of them; a member 128, and
// 64 KiB. A key is 1 to 64 bytes, a value at most 8 KiB.
type MeetingAttrs map[string]MeetingAttr

// UserAttrs are attributes of members, by UID.
type UserAttrs map[string]MeetingAttrs

// MeetingAttrOptions say how attributes are changed.
type MeetingAttrOptions struct {
	NotifyAll bool // tell everybody in the room by NotifyMeetingAttrsChanged or NotifyUserAttrsChanged; default: nobody
}

func meetingAttrs(w wire.Attrs) MeetingAttrs {
	attrs := make(MeetingAttrs, len(w))
	for key, a := range w {
		attrs[key] = MeetingAttr{Value: a.Value, LastModifyUserID: a.By, LastModifyTs: int64(a.Version / 1e6)} // the version is the time in microseconds
	}
	return attrs
}

// GetMeetingAttrs reads some attributes of the room (CRVideo_GetMeetingAttrs): those of keys that there are.
// Errors: 5 bad key, 12 not logged in, 800 in no room.
func (c *Client) GetMeetingAttrs(ctx context.Context, keys ...string) (MeetingAttrs, error) {
	return await(ctx, "GetMeetingAttrs", func(done func(MeetingAttrs, error)) func() {
		return c.startGetMeetingAttrs(keys, done)
	})
}

func (c *Client) startGetMeetingAttrs(keys []string, done func(MeetingAttrs, error)) (abandon func()) {
	if len(keys) == 0 { // on the wire this means all
		_, err := c.inRoom("GetMeetingAttrs")
		done(MeetingAttrs{}, err)
		return noAbandon
	}
	return c.startReadAttrs("GetMeetingAttrs", keys, done)
}

// GetMeetingAllAttrs reads all attributes of the room (CRVideo_GetMeetingAllAttrs). Errors: 12 not logged in, 800 in no room.
func (c *Client) GetMeetingAllAttrs(ctx context.Context) (MeetingAttrs, error) {
	return await(ctx, "GetMeetingAllAttrs", c.startGetMeetingAllAttrs)
}

func (c *Client) startGetMeetingAllAttrs(done func(MeetingAttrs, error)) (abandon func()) {
	return c.startReadAttrs("GetMeetingAllAttrs", nil, done)
}

func (c *Client) startReadAttrs(op string, keys []string, done func(MeetingAttrs, error)) (abandon func()) {
	var got wire.AttrsResult
	return c.startRoomQuery(op, wire.MethodGetRoomAttrs, &wire.RoomAttrsParams{Keys: keys}, &got, func(_ *room, err error) {
		if err != nil {
			done(nil, err)
			return
		}
		done(meetingAttrs(got.Attrs), nil)
	})
}

// startRoomQuery sends a request whose answer is more than "done". answered runs on the session's read goroutine.
func (c *Client) startRoomQuery(op, method string, params wire.Validator, into any, answered func(*room, error)) (abandon func()) {
	r, err := c.inRoom(op)
	if err == nil {
		err = checked(op, params)
	}
	if err != nil {
		answered(nil, err)
		return noAbandon
	}
	r.login.request(method, params, into, func(err error) { answered(r, toError(op, err)) })
	return noAbandon
}

// SetMeetingAttrs replaces all attributes of the room (CRVideo_SetMeetingAttrs).
// Errors: 5 bad keys or values, or too many, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) SetMeetingAttrs(ctx context.Context, attrs map[string]string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "SetMeetingAttrs", ofRoom, wire.AttrsChange{Clear: true, Put: attrs, NotifyAll: o.NotifyAll})
}

// AddOrUpdateMeetingAttrs sets some attributes of the room and leaves the others as they are
// (CRVideo_AddOrUpdateMeetingAttrs). Errors: as SetMeetingAttrs.
func (c *Client) AddOrUpdateMeetingAttrs(ctx context.Context, attrs map[string]string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "AddOrUpdateMeetingAttrs", ofRoom, wire.AttrsChange{Put: attrs, NotifyAll: o.NotifyAll})
}

// DelMeetingAttrs removes some attributes of the room (CRVideo_DelMeetingAttrs). Those that are not there are no error.
// Errors: as SetMeetingAttrs.
func (c *Client) DelMeetingAttrs(ctx context.Context, keys []string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "DelMeetingAttrs", ofRoom, wire.AttrsChange{Delete: keys, NotifyAll: o.NotifyAll})
}

// ClearMeetingAttrs removes all attributes of the room (CRVideo_ClearMeetingAttrs). Errors: as SetMeetingAttrs.
func (c *Client) ClearMeetingAttrs(ctx context.Context, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "ClearMeetingAttrs", ofRoom, wire.AttrsChange{Clear: true, NotifyAll: o.NotifyAll})
}

// GetUserAttrs reads attributes of at most 50 members (CRVideo_GetUserAttrs): those of keys that there are, or all if keys
// is empty. Members without any, and strangers, are left out. Attributes of a member end when it leaves the room.
// Errors: 5 bad UID or key, 12 not logged in, 800 in no room.
func (c *Client) GetUserAttrs(ctx context.Context, uids, keys []string) (UserAttrs, error) {
	return await(ctx, "GetUserAttrs", func(done func(UserAttrs, error)) func() { return c.startGetUserAttrs(uids, keys, done) })
}

func (c *Client) startGetUserAttrs(uids, keys []string, done func(UserAttrs, error)) (abandon func()) {
	all := UserAttrs{}
	var ask func(uids []string)
	ask = func(uids []string) {
		var got wire.UserAttrsResult
		c.startRoomQuery("GetUserAttrs", wire.MethodGetUserAttrs, &wire.UserAttrsParams{UIDs: uids, Keys: keys}, &got, func(_ *room, err error) {
			if err != nil {
				done(nil, err)
				return
			}
			for uid, attrs := range got.Users {
				all[uid] = meetingAttrs(attrs)
			}
			if n := len(got.Rest); n > 0 && n < len(uids) { // more than fits into one message
				ask(got.Rest)
				return
			}
			done(all, nil)
		})
	}
	ask(uids)
	return noAbandon
}

// SetUserAttrs replaces all attributes of a member (CRVideo_SetUserAttrs).
// Errors: 5 bad UID, keys or values, or too many, 12 not logged in, 21 not permitted, 800 in no room, 806 no such member.
func (c *Client) SetUserAttrs(ctx context.Context, uid string, attrs map[string]string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "SetUserAttrs", of(uid), wire.AttrsChange{Clear: true, Put: attrs, NotifyAll: o.NotifyAll})
}

// AddOrUpdateUserAttrs sets some attributes of a member (CRVideo_AddOrUpdateUserAttrs). Errors: as SetUserAttrs.
func (c *Client) AddOrUpdateUserAttrs(ctx context.Context, uid string, attrs map[string]string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "AddOrUpdateUserAttrs", of(uid), wire.AttrsChange{Put: attrs, NotifyAll: o.NotifyAll})
}

// DelUserAttrs removes some attributes of a member (CRVideo_DelUserAttrs). Errors: as SetUserAttrs.
func (c *Client) DelUserAttrs(ctx context.Context, uid string, keys []string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "DelUserAttrs", of(uid), wire.AttrsChange{Delete: keys, NotifyAll: o.NotifyAll})
}

// ClearUserAttrs removes all attributes of at most 50 members (CRVideo_ClearUserAttrs). Errors: as SetUserAttrs.
func (c *Client) ClearUserAttrs(ctx context.Context, uids []string, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "ClearUserAttrs", of(uids...), wire.AttrsChange{Clear: true, NotifyAll: o.NotifyAll})
}

// ClearAllUserAttrs removes all attributes of all members (CRVideo_ClearAllUserAttrs). Errors: as SetUserAttrs.
func (c *Client) ClearAllUserAttrs(ctx context.Context, o MeetingAttrOptions) error {
	return c.changeAttrs(ctx, "ClearAllUserAttrs", ofEverybody, wire.AttrsChange{Clear: true, NotifyAll: o.NotifyAll})
}

// owners are whose attributes are changed.
type owners struct {
	room, all bool
	uids      []string
}

var ofRoom, ofEverybody = owners{room: true}, owners{all: true}

func of(uids ...string) owners { return owners{uids: slices.Clone(uids)} }

func (c *Client) changeAttrs(ctx context.Context, op string, of owners, change wire.AttrsChange) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		return c.startChangeAttrs(op, of, change, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startChangeAttrs(op string, of owners, change wire.AttrsChange, done func(error)) (abandon func()) {
	change.Put = maps.Clone(change.Put) // the caller may change his own
	method, params := wire.MethodChangeRoomAttrs, wire.Validator(&change)
	if !of.room {
		method, params = wire.MethodChangeUserAttrs, &wire.UserAttrsChange{UIDs: of.uids, All: of.all, AttrsChange: change}
	}
	var result wire.AttrsChangeResult
	return c.startRoomQuery(op, method, params, &result, func(r *room, err error) {
		if err == nil {
			r.wroteAttrs(of, &change, &result)
		}
		done(err)
	})
}
