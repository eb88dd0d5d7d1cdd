package crvideo

// What the members of a room see together: notifications for everybody, whoever changed it included.
type (
	// NotifyMainVideoChanged tells whose video is the main one now; empty: nobody's (CRVideo_NotifyMainVideoChanged).
	NotifyMainVideoChanged struct{ UID string }
	// NotifyMainVideoModeChanged tells how the main video is found from now on (CRVideo_NotifyMainVideoModeChanged).
	NotifyMainVideoModeChanged struct{ Mode MainVideoMode }
	// NotifySwitchToPage tells which page everybody shall look at (CRVideo_NotifySwitchToPage).
	NotifySwitchToPage struct {
		MainPage MainPage
		SubPage  string
	}
	// NotifyRoomLocked tells that the room was locked, or opened again.
	NotifyRoomLocked struct{ Locked bool }
)

// Results of the mirror's calls.
type (
	// StopMeetingRslt is the end of StopMeeting.
	StopMeetingRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
)

func (NotifyMainVideoChanged) isEvent()     {}
func (NotifyMainVideoModeChanged) isEvent() {}
func (NotifySwitchToPage) isEvent()         {}
func (NotifyRoomLocked) isEvent()           {}
func (StopMeetingRslt) isEvent()            {}

// roomCallbacks are the handlers of this group's events.
type roomCallbacks struct {
	mainVideo       slot[NotifyMainVideoChanged]
	mainVideoMode   slot[NotifyMainVideoModeChanged]
	switchToPage    slot[NotifySwitchToPage]
	roomLocked      slot[NotifyRoomLocked]
	stopMeetingRslt slot[StopMeetingRslt]
}

// OnNotifyMainVideoChanged sets the handler of NotifyMainVideoChanged.
func (c *Client) OnNotifyMainVideoChanged(fn func(NotifyMainVideoChanged)) { c.on.mainVideo.set(fn) }

// OnNotifyMainVideoModeChanged sets the handler of NotifyMainVideoModeChanged.
func (c *Client) OnNotifyMainVideoModeChanged(fn func(NotifyMainVideoModeChanged)) {
	c.on.mainVideoMode.set(fn)
}

// OnNotifySwitchToPage sets the handler of NotifySwitchToPage.
func (c *Client) OnNotifySwitchToPage(fn func(NotifySwitchToPage)) { c.on.switchToPage.set(fn) }

// OnNotifyRoomLocked sets the handler of NotifyRoomLocked.
func (c *Client) OnNotifyRoomLocked(fn func(NotifyRoomLocked)) { c.on.roomLocked.set(fn) }
