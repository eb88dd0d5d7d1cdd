package crvideo

// OnNotifyCallIn sets the handler of NotifyCallIn on the default client.
func OnNotifyCallIn(fn func(NotifyCallIn)) { std.on.callIn.set(fn) }

// OnNotifyCallAccepted sets the handler of NotifyCallAccepted on the default client.
func OnNotifyCallAccepted(fn func(NotifyCallAccepted)) { std.on.callAccepted.set(fn) }

// OnNotifyCallRejected sets the handler of NotifyCallRejected on the default client.
func OnNotifyCallRejected(fn func(NotifyCallRejected)) { std.on.callRejected.set(fn) }

// OnNotifyCallHangup sets the handler of NotifyCallHangup on the default client.
func OnNotifyCallHangup(fn func(NotifyCallHangup)) { std.on.callHangup.set(fn) }

// OnNotifyUserStatus sets the handler of NotifyUserStatus on the default client.
func OnNotifyUserStatus(fn func(NotifyUserStatus)) { std.on.userStatus.set(fn) }

// OnNotifyInviteIn sets the handler of NotifyInviteIn on the default client.
func OnNotifyInviteIn(fn func(NotifyInviteIn)) { std.on.inviteIn.set(fn) }

// OnNotifyInviteAccepted sets the handler of NotifyInviteAccepted on the default client.
func OnNotifyInviteAccepted(fn func(NotifyInviteAccepted)) { std.on.inviteAccepted.set(fn) }

// OnNotifyInviteRejected sets the handler of NotifyInviteRejected on the default client.
func OnNotifyInviteRejected(fn func(NotifyInviteRejected)) { std.on.inviteRejected.set(fn) }

// OnNotifyInviteCanceled sets the handler of NotifyInviteCanceled on the default client.
func OnNotifyInviteCanceled(fn func(NotifyInviteCanceled)) { std.on.inviteCanceled.set(fn) }

// OnCallSuccess sets the handler of CallSuccess on the default client.
func OnCallSuccess(fn func(CallSuccess)) { std.on.callSuccess.set(fn) }

// OnCallFail sets the handler of CallFail on the default client.
func OnCallFail(fn func(CallFail)) { std.on.callFail.set(fn) }

// OnAcceptCallSuccess sets the handler of AcceptCallSuccess on the default client.
func OnAcceptCallSuccess(fn func(AcceptCallSuccess)) { std.on.acceptCallSuccess.set(fn) }

// OnAcceptCallFail sets the handler of AcceptCallFail on the default client.
func OnAcceptCallFail(fn func(AcceptCallFail)) { std.on.acceptCallFail.set(fn) }

// OnRejectCallSuccess sets the handler of RejectCallSuccess on the default client.
func OnRejectCallSuccess(fn func(RejectCallSuccess)) { std.on.rejectCallSuccess.set(fn) }

// OnRejectCallFail sets the handler of RejectCallFail on the default client.
func OnRejectCallFail(fn func(RejectCallFail)) { std.on.rejectCallFail.set(fn) }

// OnHangupCallSuccess sets the handler of HangupCallSuccess on the default client.
func OnHangupCallSuccess(fn func(HangupCallSuccess)) { std.on.hangupCallSuccess.set(fn) }

// OnHangupCallFail sets the handler of HangupCallFail on the default client.
func OnHangupCallFail(fn func(HangupCallFail)) { std.on.hangupCallFail.set(fn) }

// OnSetDNDStatusSuccess sets the handler of SetDNDStatusSuccess on the default client.
func OnSetDNDStatusSuccess(fn func(SetDNDStatusSuccess)) { std.on.setDNDSuccess.set(fn) }

// OnSetDNDStatusFail sets the handler of SetDNDStatusFail on the default client.
func OnSetDNDStatusFail(fn func(SetDNDStatusFail)) { std.on.setDNDFail.set(fn) }

// OnGetUserStatusSuccess sets the handler of GetUserStatusSuccess on the default client.
func OnGetUserStatusSuccess(fn func(GetUserStatusSuccess)) { std.on.getUserStatusSuccess.set(fn) }

// OnGetUserStatusFail sets the handler of GetUserStatusFail on the default client.
func OnGetUserStatusFail(fn func(GetUserStatusFail)) { std.on.getUserStatusFail.set(fn) }

// OnStartUserStatusNotifyRslt sets the handler of StartUserStatusNotifyRslt on the default client.
func OnStartUserStatusNotifyRslt(fn func(StartUserStatusNotifyRslt)) {
	std.on.startUserStatusRslt.set(fn)
}

// OnStopUserStatusNotifyRslt sets the handler of StopUserStatusNotifyRslt on the default client.
func OnStopUserStatusNotifyRslt(fn func(StopUserStatusNotifyRslt)) { std.on.stopUserStatusRslt.set(fn) }

// OnInviteSuccess sets the handler of InviteSuccess on the default client.
func OnInviteSuccess(fn func(InviteSuccess)) { std.on.inviteSuccess.set(fn) }

// OnInviteFail sets the handler of InviteFail on the default client.
func OnInviteFail(fn func(InviteFail)) { std.on.inviteFail.set(fn) }

// OnAcceptInviteSuccess sets the handler of AcceptInviteSuccess on the default client.
func OnAcceptInviteSuccess(fn func(AcceptInviteSuccess)) { std.on.acceptInviteSuccess.set(fn) }

// OnAcceptInviteFail sets the handler of AcceptInviteFail on the default client.
func OnAcceptInviteFail(fn func(AcceptInviteFail)) { std.on.acceptInviteFail.set(fn) }

// OnRejectInviteSuccess sets the handler of RejectInviteSuccess on the default client.
func OnRejectInviteSuccess(fn func(RejectInviteSuccess)) { std.on.rejectInviteSuccess.set(fn) }

// OnRejectInviteFail sets the handler of RejectInviteFail on the default client.
func OnRejectInviteFail(fn func(RejectInviteFail)) { std.on.rejectInviteFail.set(fn) }

// OnCancelInviteSuccess sets the handler of CancelInviteSuccess on the default client.
func OnCancelInviteSuccess(fn func(CancelInviteSuccess)) { std.on.cancelInviteSuccess.set(fn) }

// OnCancelInviteFail sets the handler of CancelInviteFail on the default client.
func OnCancelInviteFail(fn func(CancelInviteFail)) { std.on.cancelInviteFail.set(fn) }
