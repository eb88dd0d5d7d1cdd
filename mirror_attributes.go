package crvideo

import "github.com/crvideo/crvideo-go/internal/wire"

// GetMeetingAttrs reads some attributes of the room (CRVideo_GetMeetingAttrs). The result is GetMeetingAttrsSuccess or
// GetMeetingAttrsFail.
func GetMeetingAttrs(keys []string, cookie any) {
	c := Default()
	c.startGetMeetingAttrs(keys, func(attrs MeetingAttrs, err error) {
		if err != nil {
			result(c, &std.on.getMeetingAttrsFail, GetMeetingAttrsFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.getMeetingAttrsSuccess, GetMeetingAttrsSuccess{attrs, cookie})
	})
}

// GetMeetingAllAttrs reads all attributes of the room (CRVideo_GetMeetingAllAttrs). The result is
// GetMeetingAllAttrsSuccess or GetMeetingAllAttrsFail.
func GetMeetingAllAttrs(cookie any) {
	c := Default()
	c.startGetMeetingAllAttrs(func(attrs MeetingAttrs, err error) {
		if err != nil {
			result(c, &std.on.getMeetingAllAttrsFail, GetMeetingAllAttrsFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.getMeetingAllAttrsSuccess, GetMeetingAllAttrsSuccess{attrs, cookie})
	})
}

// GetUserAttrs reads attributes of members (CRVideo_GetUserAttrs). The result is GetUserAttrsSuccess or GetUserAttrsFail.
func GetUserAttrs(uids, keys []string, cookie any) {
	c := Default()
	c.startGetUserAttrs(uids, keys, func(attrs UserAttrs, err error) {
		if err != nil {
			result(c, &std.on.getUserAttrsFail, GetUserAttrsFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.getUserAttrsSuccess, GetUserAttrsSuccess{attrs, cookie})
	})
}

// SetMeetingAttrs replaces all attributes of the room (CRVideo_SetMeetingAttrs). The result is SetMeetingAttrsRslt.
func SetMeetingAttrs(attrs map[string]string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("SetMeetingAttrs", ofRoom, wire.AttrsChange{Clear: true, Put: attrs, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.setMeetingAttrsRslt, SetMeetingAttrsRslt{CodeOf(err), err, cookie})
	})
}

// AddOrUpdateMeetingAttrs sets some attributes of the room (CRVideo_AddOrUpdateMeetingAttrs). The result is AddOrUpdateMeetingAttrsRslt.
func AddOrUpdateMeetingAttrs(attrs map[string]string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("AddOrUpdateMeetingAttrs", ofRoom, wire.AttrsChange{Put: attrs, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.addOrUpdateMeetingAttrsRslt, AddOrUpdateMeetingAttrsRslt{CodeOf(err), err, cookie})
	})
}

// DelMeetingAttrs removes some attributes of the room (CRVideo_DelMeetingAttrs). The result is DelMeetingAttrsRslt.
func DelMeetingAttrs(keys []string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("DelMeetingAttrs", ofRoom, wire.AttrsChange{Delete: keys, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.delMeetingAttrsRslt, DelMeetingAttrsRslt{CodeOf(err), err, cookie})
	})
}

// ClearMeetingAttrs removes all attributes of the room (CRVideo_ClearMeetingAttrs). The result is ClearMeetingAttrsRslt.
func ClearMeetingAttrs(options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("ClearMeetingAttrs", ofRoom, wire.AttrsChange{Clear: true, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.clearMeetingAttrsRslt, ClearMeetingAttrsRslt{CodeOf(err), err, cookie})
	})
}

// SetUserAttrs replaces all attributes of a member (CRVideo_SetUserAttrs). The result is SetUserAttrsRslt.
func SetUserAttrs(uid string, attrs map[string]string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("SetUserAttrs", of(uid), wire.AttrsChange{Clear: true, Put: attrs, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.setUserAttrsRslt, SetUserAttrsRslt{CodeOf(err), err, cookie})
	})
}

// AddOrUpdateUserAttrs sets some attributes of a member (CRVideo_AddOrUpdateUserAttrs). The result is AddOrUpdateUserAttrsRslt.
func AddOrUpdateUserAttrs(uid string, attrs map[string]string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("AddOrUpdateUserAttrs", of(uid), wire.AttrsChange{Put: attrs, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.addOrUpdateUserAttrsRslt, AddOrUpdateUserAttrsRslt{CodeOf(err), err, cookie})
	})
}

// DelUserAttrs removes some attributes of a member (CRVideo_DelUserAttrs). The result is DelUserAttrsRslt.
func DelUserAttrs(uid string, keys []string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("DelUserAttrs", of(uid), wire.AttrsChange{Delete: keys, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.delUserAttrsRslt, DelUserAttrsRslt{CodeOf(err), err, cookie})
	})
}

// ClearUserAttrs removes all attributes of some members (CRVideo_ClearUserAttrs). The result is ClearUserAttrsRslt.
func ClearUserAttrs(uids []string, options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("ClearUserAttrs", of(uids...), wire.AttrsChange{Clear: true, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.clearUserAttrsRslt, ClearUserAttrsRslt{CodeOf(err), err, cookie})
	})
}

// ClearAllUserAttrs removes all attributes of all members (CRVideo_ClearAllUserAttrs). The result is ClearAllUserAttrsRslt.
func ClearAllUserAttrs(options MeetingAttrOptions, cookie any) {
	c := Default()
	c.startChangeAttrs("ClearAllUserAttrs", ofEverybody, wire.AttrsChange{Clear: true, NotifyAll: options.NotifyAll}, func(err error) {
		result(c, &std.on.clearAllUserAttrsRslt, ClearAllUserAttrsRslt{CodeOf(err), err, cookie})
	})
}
