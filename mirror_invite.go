package crvideo

// Invite invites a user to the room (CRVideo_Invite). The result is InviteSuccess or InviteFail.
func Invite(invitedUID, userExtDat string, cookie any) {
	c := Default()
	c.startRing("Invite", true, invitedUID, nil, userExtDat, func(inviteID string, err error) {
		if err != nil {
			result(c, &std.on.inviteFail, InviteFail{inviteID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.inviteSuccess, InviteSuccess{inviteID, cookie})
	})
}

// AcceptInvite accepts an invitation (CRVideo_AcceptInvite). The result is AcceptInviteSuccess or AcceptInviteFail.
func AcceptInvite(inviteID, userExtDat string, cookie any) {
	c := Default()
	c.startAnswer("AcceptInvite", inviteID, nil, userExtDat, func(err error) {
		if err != nil {
			result(c, &std.on.acceptInviteFail, AcceptInviteFail{inviteID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.acceptInviteSuccess, AcceptInviteSuccess{inviteID, cookie})
	})
}

// RejectInvite refuses an invitation (CRVideo_RejectInvite). The result is RejectInviteSuccess or RejectInviteFail.
func RejectInvite(inviteID, userExtDat string, cookie any) {
	c := Default()
	c.startAnswer("RejectInvite", inviteID, nil, userExtDat, func(err error) {
		if err != nil {
			result(c, &std.on.rejectInviteFail, RejectInviteFail{inviteID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.rejectInviteSuccess, RejectInviteSuccess{inviteID, cookie})
	})
}

// CancelInvite takes an invitation back (CRVideo_CancelInvite). The result is CancelInviteSuccess or CancelInviteFail.
func CancelInvite(inviteID, userExtDat string, cookie any) {
	c := Default()
	c.startAnswer("CancelInvite", inviteID, nil, userExtDat, func(err error) {
		if err != nil {
			result(c, &std.on.cancelInviteFail, CancelInviteFail{inviteID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.cancelInviteSuccess, CancelInviteSuccess{inviteID, cookie})
	})
}
