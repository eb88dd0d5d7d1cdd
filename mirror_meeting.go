package crvideo

import "context"

// CreateMeeting creates a room with settings of its own. The result is CreateMeetingSuccess or CreateMeetingFail.
func CreateMeeting(params CreateParams, cookie any) {
	c := Default()
	c.startCreate(params, func(info MeetInfo, err error) {
		if err != nil {
			result(c, &std.on.createFail, CreateMeetingFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.createSuccess, CreateMeetingSuccess{info, cookie})
	})
}

// CreateMeeting2 creates a room without password (CRVideo_CreateMeeting2).
func CreateMeeting2(cookie any) { CreateMeeting(CreateParams{}, cookie) }

// DestroyMeeting ends a room (CRVideo_DestroyMeeting). The result is DestroyMeetingRslt.
func DestroyMeeting(meetID int64, cookie any) {
	c := Default()
	c.startDestroy(meetID, func(err error) {
		result(c, &std.on.destroyMeetingRslt, DestroyMeetingRslt{CodeOf(err), err, cookie})
	})
}

// EnterMeeting enters a room (CRVideo_EnterMeeting3), with WithPassword if it has a password. The result is
// EnterMeetingRslt; the members are then in GetAllMembers.
func EnterMeeting(meetID int64, cookie any, opts ...EnterOption) {
	c := Default()
	c.startEnter(meetID, opts, func(err error) {
		result(c, &std.on.enterMeetingRslt, EnterMeetingRslt{CodeOf(err), err, cookie})
	})
}

// ExitMeeting leaves the room (CRVideo_ExitMeeting). There is no result event.
func ExitMeeting() {
	c := Default()
	c.mu.Lock()
	r := c.room
	c.mu.Unlock()
	c.exit(r)
}

// Kickout puts a member out of the room (CRVideo_Kickout). It waits for the server's answer.
func Kickout(uid string) error {
	return promise(func(ctx context.Context, c *Client) error { return c.Kickout(ctx, uid) })
}

// SetNickName gives a member another nickname (CRVideo_SetNickName). It waits for the server's answer.
func SetNickName(uid, newName string) error {
	return promise(func(ctx context.Context, c *Client) error { return c.SetNickName(ctx, uid, newName) })
}

// GetAllMembers lists everybody in the room (CRVideo_GetAllMembers).
func GetAllMembers() []MemberInfo { return Default().GetAllMembers() }

// GetMemberInfo describes a member (CRVideo_GetMemberInfo).
func GetMemberInfo(uid string) (MemberInfo, bool) { return Default().GetMemberInfo(uid) }

// GetMemberNickName tells a member's nickname (CRVideo_GetMemberNickName).
func GetMemberNickName(uid string) string { return Default().GetMemberNickName(uid) }

// IsUserInMeeting tells whether a user is in the room (CRVideo_IsUserInMeeting).
func IsUserInMeeting(uid string) bool { return Default().IsUserInMeeting(uid) }
