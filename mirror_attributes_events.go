package crvideo

// OnNotifyMeetingAttrsChanged sets the handler of NotifyMeetingAttrsChanged on the default client.
func OnNotifyMeetingAttrsChanged(fn func(NotifyMeetingAttrsChanged)) { std.on.meetingAttrs.set(fn) }

// OnNotifyUserAttrsChanged sets the handler of NotifyUserAttrsChanged on the default client.
func OnNotifyUserAttrsChanged(fn func(NotifyUserAttrsChanged)) { std.on.userAttrs.set(fn) }

// OnGetMeetingAttrsSuccess sets the handler of GetMeetingAttrsSuccess on the default client.
func OnGetMeetingAttrsSuccess(fn func(GetMeetingAttrsSuccess)) { std.on.getMeetingAttrsSuccess.set(fn) }

// OnGetMeetingAttrsFail sets the handler of GetMeetingAttrsFail on the default client.
func OnGetMeetingAttrsFail(fn func(GetMeetingAttrsFail)) { std.on.getMeetingAttrsFail.set(fn) }

// OnGetMeetingAllAttrsSuccess sets the handler of GetMeetingAllAttrsSuccess on the default client.
func OnGetMeetingAllAttrsSuccess(fn func(GetMeetingAllAttrsSuccess)) {
	std.on.getMeetingAllAttrsSuccess.set(fn)
}

// OnGetMeetingAllAttrsFail sets the handler of GetMeetingAllAttrsFail on the default client.
func OnGetMeetingAllAttrsFail(fn func(GetMeetingAllAttrsFail)) { std.on.getMeetingAllAttrsFail.set(fn) }

// OnSetMeetingAttrsRslt sets the handler of SetMeetingAttrsRslt on the default client.
func OnSetMeetingAttrsRslt(fn func(SetMeetingAttrsRslt)) { std.on.setMeetingAttrsRslt.set(fn) }

// OnAddOrUpdateMeetingAttrsRslt sets the handler of AddOrUpdateMeetingAttrsRslt on the default client.
func OnAddOrUpdateMeetingAttrsRslt(fn func(AddOrUpdateMeetingAttrsRslt)) {
	std.on.addOrUpdateMeetingAttrsRslt.set(fn)
}

// OnDelMeetingAttrsRslt sets the handler of DelMeetingAttrsRslt on the default client.
func OnDelMeetingAttrsRslt(fn func(DelMeetingAttrsRslt)) { std.on.delMeetingAttrsRslt.set(fn) }

// OnClearMeetingAttrsRslt sets the handler of ClearMeetingAttrsRslt on the default client.
func OnClearMeetingAttrsRslt(fn func(ClearMeetingAttrsRslt)) { std.on.clearMeetingAttrsRslt.set(fn) }

// OnGetUserAttrsSuccess sets the handler of GetUserAttrsSuccess on the default client.
func OnGetUserAttrsSuccess(fn func(GetUserAttrsSuccess)) { std.on.getUserAttrsSuccess.set(fn) }

// OnGetUserAttrsFail sets the handler of GetUserAttrsFail on the default client.
func OnGetUserAttrsFail(fn func(GetUserAttrsFail)) { std.on.getUserAttrsFail.set(fn) }

// OnSetUserAttrsRslt sets the handler of SetUserAttrsRslt on the default client.
func OnSetUserAttrsRslt(fn func(SetUserAttrsRslt)) { std.on.setUserAttrsRslt.set(fn) }

// OnAddOrUpdateUserAttrsRslt sets the handler of AddOrUpdateUserAttrsRslt on the default client.
func OnAddOrUpdateUserAttrsRslt(fn func(AddOrUpdateUserAttrsRslt)) {
	std.on.addOrUpdateUserAttrsRslt.set(fn)
}

// OnDelUserAttrsRslt sets the handler of DelUserAttrsRslt on the default client.
func OnDelUserAttrsRslt(fn func(DelUserAttrsRslt)) { std.on.delUserAttrsRslt.set(fn) }

// OnClearUserAttrsRslt sets the handler of ClearUserAttrsRslt on the default client.
func OnClearUserAttrsRslt(fn func(ClearUserAttrsRslt)) { std.on.clearUserAttrsRslt.set(fn) }

// OnClearAllUserAttrsRslt sets the handler of ClearAllUserAttrsRslt on the default client.
func OnClearAllUserAttrsRslt(fn func(ClearAllUserAttrsRslt)) { std.on.clearAllUserAttrsRslt.set(fn) }
