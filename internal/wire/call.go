package wire

// Methods about calls and invitations between users, who need not be in a room.
const (
	MethodCall         = "call"         // CallParams -> CallResult
	MethodAcceptCall   = "acceptCall"   // CallAnswerParams
	MethodRejectCall   = "rejectCall"   // CallAnswerParams
	MethodHangupCall   = "hangupCall"   // CallAnswerParams
	MethodRestoreCall  = "restoreCall"  // RestoreCallParams
	MethodInvite       = "invite"       // CallParams -> CallResult
	MethodAcceptInvite = "acceptInvite" // CallAnswerParams
	MethodRejectInvite = "rejectInvite" // CallAnswerParams
	MethodCancelInvite = "cancelInvite" // CallAnswerParams
)

// Notifications about calls and invitations.
const (
	NotifyCallIn         = "callIn"         // CallIn
	NotifyCallAccepted   = "callAccepted"   // CallAnswered
	NotifyCallRejected   = "callRejected"   // CallAnswered
	NotifyCallHangup     = "callHangup"     // CallAnswered
	NotifyInviteIn       = "inviteIn"       // CallIn
	NotifyInviteAccepted = "inviteAccepted" // CallAnswered
	NotifyInviteRejected = "inviteRejected" // CallAnswered
	NotifyInviteCanceled = "inviteCanceled" // CallAnswered
)

// Reasons for the end of an invitation that nobody has given one for.
const (
	ReasonTimeout = "timeout" // nobody answered
	ReasonOffline = "offline" // the other one is gone
	ReasonLost    = "lost"    // a server that was restarted has forgotten it
)

// CallParams call or invite a user. The ID is the caller's own, so that a call that is sent again is the same call.
type CallParams struct {
	ID   string    `json:"id"`
	UID  string    `json:"uid"`
	Meet *MeetInfo `json:"meet,omitempty"` // the room in which to meet; of an invitation it is the server's to say
	Data string    `json:"data,omitempty"` // for the application of the other one
}

// Validate implements Validator.
func (p *CallParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return firstError(checkCallID(p.ID), atMost("uid", p.UID, MaxUIDBytes), checkCallData(p.Meet, p.Data))
}

func checkCallID(id string) *Error {
	if id == "" {
		return missing("id")
	}
	return atMost("id", id, MaxCallIDBytes)
}

func checkCallData(meet *MeetInfo, data string) *Error {
	if meet == nil {
		meet = &MeetInfo{}
	}
	return firstError(atMost("data", data, MaxCallDataBytes), atMost("meet.subject", meet.Subject, MaxSubjectBytes),
		atMost("meet.password", meet.Password, MaxPasswordBytes), atMost("meet.url", meet.URL, MaxURLBytes))
}

// CallAnswerParams answer or end a call or an invitation.
type CallAnswerParams struct {
	ID   string    `json:"id"`
	Meet *MeetInfo `json:"meet,omitempty"`
	Data string    `json:"data,omitempty"`
}

// Validate implements Validator.
func (p *CallAnswerParams) Validate() *Error {
	return firstError(checkCallID(p.ID), checkCallData(p.Meet, p.Data))
}

// RestoreCallParams tell a server that was restarted of a call that had been accepted.
type RestoreCallParams struct {
	ID     string `json:"id"`
	UID    string `json:"uid"`              // the other one
	Called bool   `json:"called,omitempty"` // it called us
	Epoch  string `json:"epoch"`            // of the server process on which it was: there it is, or has ended
}

// Validate implements Validator.
func (p *RestoreCallParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return firstError(checkCallID(p.ID), atMost("uid", p.UID, MaxUIDBytes), atMost("epoch", p.Epoch, 64))
}

// CallResult answers call and invite.
type CallResult struct {
	Nickname string `json:"nickname,omitempty"` // of the other one
}

// CallIn tells of a call or an invitation.
type CallIn struct {
	ID       string    `json:"id"`
	From     string    `json:"from"`
	Nickname string    `json:"nickname,omitempty"` // of From
	Meet     *MeetInfo `json:"meet,omitempty"`
	Data     string    `json:"data,omitempty"`
}

// CallAnswered tells how a call or an invitation goes on, or ends.
type CallAnswered struct {
	ID     string    `json:"id"`
	Code   Code      `json:"code,omitempty"`   // of a call that was not accepted
	Reason string    `json:"reason,omitempty"` // of an invitation that ended
	Meet   *MeetInfo `json:"meet,omitempty"`
	Data   string    `json:"data,omitempty"`
}
