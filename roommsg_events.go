package crvideo

// Messages to everybody in a room.
type (
	// NotifyMeetingCustomMsg is a message to everybody in the room, one's own included: all see all messages in one
	// order (CRVideo_NotifyMeetingCustomMsg). Recent: it was sent before we entered, see WithRecentMessages.
	NotifyMeetingCustomMsg struct {
		UID    string
		Msg    string
		Recent bool
	}
)

// Results of the mirror's calls about messages.
type (
	// SendMeetingCustomMsgRslt is the end of SendMeetingCustomMsg.
	SendMeetingCustomMsgRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
)

func (NotifyMeetingCustomMsg) isEvent()   {}
func (SendMeetingCustomMsgRslt) isEvent() {}

// msgCallbacks are the handlers of this group's events.
type msgCallbacks struct {
	customMsg     slot[NotifyMeetingCustomMsg]
	customMsgRslt slot[SendMeetingCustomMsgRslt]
}

// OnNotifyMeetingCustomMsg sets the handler of NotifyMeetingCustomMsg.
func (c *Client) OnNotifyMeetingCustomMsg(fn func(NotifyMeetingCustomMsg)) { c.on.customMsg.set(fn) }
