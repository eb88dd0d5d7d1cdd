package crvideo

// Changes of attributes: for everybody in the room, whoever made them included, if NotifyAll was set.
type (
	// NotifyMeetingAttrsChanged tells which attributes of the room are new, which have another value, and which are gone
	// (CRVideo_NotifyMeetingAttrsChanged).
	NotifyMeetingAttrsChanged struct {
		Adds, Updates MeetingAttrs
		DelKeys       []string
	}
	// NotifyUserAttrsChanged tells the same of a member's attributes (CRVideo_NotifyUserAttrsChanged).
	NotifyUserAttrsChanged struct {
		UID           string
		Adds, Updates MeetingAttrs
		DelKeys       []string
	}
)

// Results of the mirror's calls about attributes.
type (
	// GetMeetingAttrsSuccess is the good end of GetMeetingAttrs.
	GetMeetingAttrsSuccess struct {
		Attrs  MeetingAttrs
		Cookie any
	}
	// GetMeetingAttrsFail is the bad end of GetMeetingAttrs.
	GetMeetingAttrsFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// GetMeetingAllAttrsSuccess is the good end of GetMeetingAllAttrs.
	GetMeetingAllAttrsSuccess struct {
		Attrs  MeetingAttrs
		Cookie any
	}
	// GetMeetingAllAttrsFail is the bad end of GetMeetingAllAttrs.
	GetMeetingAllAttrsFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// SetMeetingAttrsRslt is the end of SetMeetingAttrs.
	SetMeetingAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// AddOrUpdateMeetingAttrsRslt is the end of AddOrUpdateMeetingAttrs.
	AddOrUpdateMeetingAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// DelMeetingAttrsRslt is the end of DelMeetingAttrs.
	DelMeetingAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// ClearMeetingAttrsRslt is the end of ClearMeetingAttrs.
	ClearMeetingAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// GetUserAttrsSuccess is the good end of GetUserAttrs.
	GetUserAttrsSuccess struct {
		AttrsMap UserAttrs
		Cookie   any
	}
	// GetUserAttrsFail is the bad end of GetUserAttrs.
	GetUserAttrsFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// SetUserAttrsRslt is the end of SetUserAttrs.
	SetUserAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// AddOrUpdateUserAttrsRslt is the end of AddOrUpdateUserAttrs.
	AddOrUpdateUserAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// DelUserAttrsRslt is the end of DelUserAttrs.
	DelUserAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// ClearUserAttrsRslt is the end of ClearUserAttrs.
	ClearUserAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// ClearAllUserAttrsRslt is the end of ClearAllUserAttrs.
	ClearAllUserAttrsRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
)

func (NotifyMeetingAttrsChanged) isEvent()   {}
func (NotifyUserAttrsChanged) isEvent()      {}
func (GetMeetingAttrsSuccess) isEvent()      {}
func (GetMeetingAttrsFail) isEvent()         {}
func (GetMeetingAllAttrsSuccess) isEvent()   {}
func (GetMeetingAllAttrsFail) isEvent()      {}
func (SetMeetingAttrsRslt) isEvent()         {}
func (AddOrUpdateMeetingAttrsRslt) isEvent() {}
func (DelMeetingAttrsRslt) isEvent()         {}
func (ClearMeetingAttrsRslt) isEvent()       {}
func (GetUserAttrsSuccess) isEvent()         {}
func (GetUserAttrsFail) isEvent()            {}
func (SetUserAttrsRslt) isEvent()            {}
func (AddOrUpdateUserAttrsRslt) isEvent()    {}
func (DelUserAttrsRslt) isEvent()            {}
func (ClearUserAttrsRslt) isEvent()          {}
func (ClearAllUserAttrsRslt) isEvent()       {}

// attrCallbacks are the handlers of this group's events.
type attrCallbacks struct {
	meetingAttrs                slot[NotifyMeetingAttrsChanged]
	userAttrs                   slot[NotifyUserAttrsChanged]
	getMeetingAttrsSuccess      slot[GetMeetingAttrsSuccess]
	getMeetingAttrsFail         slot[GetMeetingAttrsFail]
	getMeetingAllAttrsSuccess   slot[GetMeetingAllAttrsSuccess]
	getMeetingAllAttrsFail      slot[GetMeetingAllAttrsFail]
	setMeetingAttrsRslt         slot[SetMeetingAttrsRslt]
	addOrUpdateMeetingAttrsRslt slot[AddOrUpdateMeetingAttrsRslt]
	delMeetingAttrsRslt         slot[DelMeetingAttrsRslt]
	clearMeetingAttrsRslt       slot[ClearMeetingAttrsRslt]
	getUserAttrsSuccess         slot[GetUserAttrsSuccess]
	getUserAttrsFail            slot[GetUserAttrsFail]
	setUserAttrsRslt            slot[SetUserAttrsRslt]
	addOrUpdateUserAttrsRslt    slot[AddOrUpdateUserAttrsRslt]
	delUserAttrsRslt            slot[DelUserAttrsRslt]
	clearUserAttrsRslt          slot[ClearUserAttrsRslt]
	clearAllUserAttrsRslt       slot[ClearAllUserAttrsRslt]
}

// OnNotifyMeetingAttrsChanged sets the handler of NotifyMeetingAttrsChanged.
func (c *Client) OnNotifyMeetingAttrsChanged(fn func(NotifyMeetingAttrsChanged)) {
	c.on.meetingAttrs.set(fn)
}

// OnNotifyUserAttrsChanged sets the handler of NotifyUserAttrsChanged.
func (c *Client) OnNotifyUserAttrsChanged(fn func(NotifyUserAttrsChanged)) { c.on.userAttrs.set(fn) }
