package crvideo

// Call calls a user (CRVideo_Call). The result is CallSuccess or CallFail.
func Call(calledUID string, meet MeetInfo, userExtDat string, cookie any) {
	c := Default()
	c.startRing("Call", false, calledUID, &meet, userExtDat, func(callID string, err error) {
		if err != nil {
			result(c, &std.on.callFail, CallFail{callID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.callSuccess, CallSuccess{callID, cookie})
	})
}

// AcceptCall accepts a call (CRVideo_AcceptCall). The result is AcceptCallSuccess or AcceptCallFail.
func AcceptCall(callID string, meet MeetInfo, userExtDat string, cookie any) {
	c := Default()
	c.startAnswer("AcceptCall", callID, &meet, userExtDat, func(err error) {
		if err != nil {
			result(c, &std.on.acceptCallFail, AcceptCallFail{callID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.acceptCallSuccess, AcceptCallSuccess{callID, cookie})
	})
}

// RejectCall refuses a call (CRVideo_RejectCall). The result is RejectCallSuccess or RejectCallFail.
func RejectCall(callID, userExtDat string, cookie any) {
	c := Default()
	c.startAnswer("RejectCall", callID, nil, userExtDat, func(err error) {
		if err != nil {
			result(c, &std.on.rejectCallFail, RejectCallFail{callID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.rejectCallSuccess, RejectCallSuccess{callID, cookie})
	})
}

// HangupCall ends a call (CRVideo_HangupCall). The result is HangupCallSuccess or HangupCallFail.
func HangupCall(callID, userExtDat string, cookie any) {
	c := Default()
	c.startAnswer("HangupCall", callID, nil, userExtDat, func(err error) {
		if err != nil {
			result(c, &std.on.hangupCallFail, HangupCallFail{callID, CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.hangupCallSuccess, HangupCallSuccess{callID, cookie})
	})
}

// SetDNDStatus tells whether calls are welcome (CRVideo_SetDNDStatus). The result is SetDNDStatusSuccess or SetDNDStatusFail.
func SetDNDStatus(dnd int, cookie any) {
	c := Default()
	c.startSetDND(dnd, func(err error) {
		if err != nil {
			result(c, &std.on.setDNDFail, SetDNDStatusFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.setDNDSuccess, SetDNDStatusSuccess{cookie})
	})
}

// GetUserStatus lists the users who are logged in (CRVideo_GetUserStatus). The result is GetUserStatusSuccess or
// GetUserStatusFail.
func GetUserStatus(cookie any) {
	c := Default()
	c.startGetStatus("", gotStatus(c, cookie))
}

// GetOneUserStatus tells whether a user can be called (CRVideo_GetOneUserStatus). The result is GetUserStatusSuccess or
// GetUserStatusFail.
func GetOneUserStatus(uid string, cookie any) {
	c := Default()
	c.startGetOneStatus(uid, gotStatus(c, cookie))
}

func gotStatus(c *Client, cookie any) func([]UserStatus, error) {
	return func(all []UserStatus, err error) {
		if err != nil {
			result(c, &std.on.getUserStatusFail, GetUserStatusFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.getUserStatusSuccess, GetUserStatusSuccess{all, cookie})
	}
}

// StartUserStatusNotify asks for NotifyUserStatus (CRVideo_StartUserStatusNotify). The result is StartUserStatusNotifyRslt.
func StartUserStatusNotify(cookie any) {
	c := Default()
	c.startWatch("StartUserStatusNotify", true, func(err error) {
		result(c, &std.on.startUserStatusRslt, StartUserStatusNotifyRslt{CodeOf(err), err, cookie})
	})
}

// StopUserStatusNotify ends that (CRVideo_StopUserStatusNotify). The result is StopUserStatusNotifyRslt.
func StopUserStatusNotify(cookie any) {
	c := Default()
	c.startWatch("StopUserStatusNotify", false, func(err error) {
		result(c, &std.on.stopUserStatusRslt, StopUserStatusNotifyRslt{CodeOf(err), err, cookie})
	})
}
