package crvideo

// OnNotifyMeetingCustomMsg sets the handler of NotifyMeetingCustomMsg on the default client.
func OnNotifyMeetingCustomMsg(fn func(NotifyMeetingCustomMsg)) { std.on.customMsg.set(fn) }

// OnSendMeetingCustomMsgRslt sets the handler of SendMeetingCustomMsgRslt on the default client.
func OnSendMeetingCustomMsgRslt(fn func(SendMeetingCustomMsgRslt)) { std.on.customMsgRslt.set(fn) }
