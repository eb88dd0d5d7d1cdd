package crvideo

// Calls and invitations between users.
type (
	// NotifyCallIn tells that a user calls us (CRVideo_NotifyCallIn): AcceptCall or RejectCall within 30 s.
	NotifyCallIn struct {
		CallID     string
		MeetInfo   MeetInfo
		CallerID   string
		UserExtDat string
	}
	// NotifyCallAccepted tells that the user whom we called has accepted (CRVideo_NotifyCallAccepted).
	NotifyCallAccepted struct {
		CallID     string
		MeetInfo   MeetInfo
		UserExtDat string
	}
	// NotifyCallRejected tells that our call was not accepted (CRVideo_NotifyCallRejected): 606 refused, 604 no answer
	// for 30 s, 603 the user is gone, 1201 a server that was restarted has forgotten it.
	NotifyCallRejected struct {
		CallID     string
		Code       Code
		UserExtDat string
	}
	// NotifyCallHangup tells that a call has ended, or that nobody calls us any more (CRVideo_NotifyCallHangup).
	NotifyCallHangup struct {
		CallID     string
		UserExtDat string
	}
	// NotifyUserStatus tells of a user's new status, after StartUserStatusNotify (CRVideo_NotifyUserStatus).
	NotifyUserStatus struct{ UserStatus }
	// NotifyInviteIn tells that a user invites us (CRVideo_NotifyInviteIn): AcceptInvite or RejectInvite within 30 s.
	// MeetInfo is the room in which the other one is, password included; empty if in none.
	NotifyInviteIn struct {
		InviteID      string
		InviterUserID string
		UserExtDat    string
		MeetInfo      MeetInfo
	}
	// NotifyInviteAccepted tells that our invitation was accepted (CRVideo_NotifyInviteAccepted).
	NotifyInviteAccepted struct {
		InviteID   string
		UserExtDat string
	}
	// NotifyInviteRejected tells that our invitation was not accepted (CRVideo_NotifyInviteRejected). Reason is empty if
	// the user said so, else "timeout", "offline" or "lost" (a server that was restarted has forgotten it).
	NotifyInviteRejected struct {
		InviteID   string
		Reason     string
		UserExtDat string
	}
	// NotifyInviteCanceled tells that an invitation holds no more (CRVideo_NotifyInviteCanceled). Reason is as in
	// NotifyInviteRejected.
	NotifyInviteCanceled struct {
		InviteID   string
		Reason     string
		UserExtDat string
	}
)

// Results of the mirror's calls about calls, invitations and users.
type (
	// CallSuccess is the good end of Call: the other one is being called.
	CallSuccess struct {
		CallID string
		Cookie any
	}
	// CallFail is the bad end of Call.
	CallFail struct {
		CallID string
		Code   Code
		Err    error
		Cookie any
	}
	// AcceptCallSuccess is the good end of AcceptCall.
	AcceptCallSuccess struct {
		CallID string
		Cookie any
	}
	// AcceptCallFail is the bad end of AcceptCall.
	AcceptCallFail struct {
		CallID string
		Code   Code
		Err    error
		Cookie any
	}
	// RejectCallSuccess is the good end of RejectCall.
	RejectCallSuccess struct {
		CallID string
		Cookie any
	}
	// RejectCallFail is the bad end of RejectCall.
	RejectCallFail struct {
		CallID string
		Code   Code
		Err    error
		Cookie any
	}
	// HangupCallSuccess is the good end of HangupCall.
	HangupCallSuccess struct {
		CallID string
		Cookie any
	}
	// HangupCallFail is the bad end of HangupCall.
	HangupCallFail struct {
		CallID string
		Code   Code
		Err    error
		Cookie any
	}
	// SetDNDStatusSuccess is the good end of SetDNDStatus.
	SetDNDStatusSuccess struct{ Cookie any }
	// SetDNDStatusFail is the bad end of SetDNDStatus.
	SetDNDStatusFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// GetUserStatusSuccess is the good end of GetUserStatus and GetOneUserStatus.
	GetUserStatusSuccess struct {
		UserStatusArr []UserStatus
		Cookie        any
	}
	// GetUserStatusFail is the bad end of GetUserStatus and GetOneUserStatus.
	GetUserStatusFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// StartUserStatusNotifyRslt is the end of StartUserStatusNotify.
	StartUserStatusNotifyRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// StopUserStatusNotifyRslt is the end of StopUserStatusNotify.
	StopUserStatusNotifyRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// InviteSuccess is the good end of Invite: the other one has been told.
	InviteSuccess struct {
		InviteID string
		Cookie   any
	}
	// InviteFail is the bad end of Invite.
	InviteFail struct {
		InviteID string
		Code     Code
		Err      error
		Cookie   any
	}
	// AcceptInviteSuccess is the good end of AcceptInvite.
	AcceptInviteSuccess struct {
		InviteID string
		Cookie   any
	}
	// AcceptInviteFail is the bad end of AcceptInvite.
	AcceptInviteFail struct {
		InviteID string
		Code     Code
		Err      error
		Cookie   any
	}
	// RejectInviteSuccess is the good end of RejectInvite.
	RejectInviteSuccess struct {
		InviteID string
		Cookie   any
	}
	// RejectInviteFail is the bad end of RejectInvite.
	RejectInviteFail struct {
		InviteID string
		Code     Code
		Err      error
		Cookie   any
	}
	// CancelInviteSuccess is the good end of CancelInvite.
	CancelInviteSuccess struct {
		InviteID string
		Cookie   any
	}
	// CancelInviteFail is the bad end of CancelInvite.
	CancelInviteFail struct {
		InviteID string
		Code     Code
		Err      error
		Cookie   any
	}
)

func (NotifyCallIn) isEvent()              {}
func (NotifyCallAccepted) isEvent()        {}
func (NotifyCallRejected) isEvent()        {}
func (NotifyCallHangup) isEvent()          {}
func (NotifyUserStatus) isEvent()          {}
func (NotifyInviteIn) isEvent()            {}
func (NotifyInviteAccepted) isEvent()      {}
func (NotifyInviteRejected) isEvent()      {}
func (NotifyInviteCanceled) isEvent()      {}
func (CallSuccess) isEvent()               {}
func (CallFail) isEvent()                  {}
func (AcceptCallSuccess) isEvent()         {}
func (AcceptCallFail) isEvent()            {}
func (RejectCallSuccess) isEvent()         {}
func (RejectCallFail) isEvent()            {}
func (HangupCallSuccess) isEvent()         {}
func (HangupCallFail) isEvent()            {}
func (SetDNDStatusSuccess) isEvent()       {}
func (SetDNDStatusFail) isEvent()          {}
func (GetUserStatusSuccess) isEvent()      {}
func (GetUserStatusFail) isEvent()         {}
func (StartUserStatusNotifyRslt) isEvent() {}
func (StopUserStatusNotifyRslt) isEvent()  {}
func (InviteSuccess) isEvent()             {}
func (InviteFail) isEvent()                {}
func (AcceptInviteSuccess) isEvent()       {}
func (AcceptInviteFail) isEvent()          {}
func (RejectInviteSuccess) isEvent()       {}
func (RejectInviteFail) isEvent()          {}
func (CancelInviteSuccess) isEvent()       {}
func (CancelInviteFail) isEvent()          {}

// callCallbacks are the handlers of this group's events.
type callCallbacks struct {
	callIn               slot[NotifyCallIn]
	callAccepted         slot[NotifyCallAccepted]
	callRejected         slot[NotifyCallRejected]
	callHangup           slot[NotifyCallHangup]
	userStatus           slot[NotifyUserStatus]
	inviteIn             slot[NotifyInviteIn]
	inviteAccepted       slot[NotifyInviteAccepted]
	inviteRejected       slot[NotifyInviteRejected]
	inviteCanceled       slot[NotifyInviteCanceled]
	callSuccess          slot[CallSuccess]
	callFail             slot[CallFail]
	acceptCallSuccess    slot[AcceptCallSuccess]
	acceptCallFail       slot[AcceptCallFail]
	rejectCallSuccess    slot[RejectCallSuccess]
	rejectCallFail       slot[RejectCallFail]
	hangupCallSuccess    slot[HangupCallSuccess]
	hangupCallFail       slot[HangupCallFail]
	setDNDSuccess        slot[SetDNDStatusSuccess]
	setDNDFail           slot[SetDNDStatusFail]
	getUserStatusSuccess slot[GetUserStatusSuccess]
	getUserStatusFail    slot[GetUserStatusFail]
	startUserStatusRslt  slot[StartUserStatusNotifyRslt]
	stopUserStatusRslt   slot[StopUserStatusNotifyRslt]
	inviteSuccess        slot[InviteSuccess]
	inviteFail           slot[InviteFail]
	acceptInviteSuccess  slot[AcceptInviteSuccess]
	acceptInviteFail     slot[AcceptInviteFail]
	rejectInviteSuccess  slot[RejectInviteSuccess]
	rejectInviteFail     slot[RejectInviteFail]
	cancelInviteSuccess  slot[CancelInviteSuccess]
	cancelInviteFail     slot[CancelInviteFail]
}

// OnNotifyCallIn sets the handler of NotifyCallIn.
func (c *Client) OnNotifyCallIn(fn func(NotifyCallIn)) { c.on.callIn.set(fn) }

// OnNotifyCallAccepted sets the handler of NotifyCallAccepted.
func (c *Client) OnNotifyCallAccepted(fn func(NotifyCallAccepted)) { c.on.callAccepted.set(fn) }

// OnNotifyCallRejected sets the handler of NotifyCallRejected.
func (c *Client) OnNotifyCallRejected(fn func(NotifyCallRejected)) { c.on.callRejected.set(fn) }

// OnNotifyCallHangup sets the handler of NotifyCallHangup.
func (c *Client) OnNotifyCallHangup(fn func(NotifyCallHangup)) { c.on.callHangup.set(fn) }

// OnNotifyUserStatus sets the handler of NotifyUserStatus.
func (c *Client) OnNotifyUserStatus(fn func(NotifyUserStatus)) { c.on.userStatus.set(fn) }

// OnNotifyInviteIn sets the handler of NotifyInviteIn.
func (c *Client) OnNotifyInviteIn(fn func(NotifyInviteIn)) { c.on.inviteIn.set(fn) }

// OnNotifyInviteAccepted sets the handler of NotifyInviteAccepted.
func (c *Client) OnNotifyInviteAccepted(fn func(NotifyInviteAccepted)) { c.on.inviteAccepted.set(fn) }

// OnNotifyInviteRejected sets the handler of NotifyInviteRejected.
func (c *Client) OnNotifyInviteRejected(fn func(NotifyInviteRejected)) { c.on.inviteRejected.set(fn) }

// OnNotifyInviteCanceled sets the handler of NotifyInviteCanceled.
func (c *Client) OnNotifyInviteCanceled(fn func(NotifyInviteCanceled)) { c.on.inviteCanceled.set(fn) }
