package crvideo

// OnNotifyMainVideoChanged sets the handler of NotifyMainVideoChanged on the default client.
func OnNotifyMainVideoChanged(fn func(NotifyMainVideoChanged)) { std.on.mainVideo.set(fn) }

// OnNotifyMainVideoModeChanged sets the handler of NotifyMainVideoModeChanged on the default client.
func OnNotifyMainVideoModeChanged(fn func(NotifyMainVideoModeChanged)) { std.on.mainVideoMode.set(fn) }

// OnNotifySwitchToPage sets the handler of NotifySwitchToPage on the default client.
func OnNotifySwitchToPage(fn func(NotifySwitchToPage)) { std.on.switchToPage.set(fn) }

// OnNotifyRoomLocked sets the handler of NotifyRoomLocked on the default client.
func OnNotifyRoomLocked(fn func(NotifyRoomLocked)) { std.on.roomLocked.set(fn) }

// OnStopMeetingRslt sets the handler of StopMeetingRslt on the default client.
func OnStopMeetingRslt(fn func(StopMeetingRslt)) { std.on.stopMeetingRslt.set(fn) }
