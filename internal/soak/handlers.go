package soak

import "github.com/crvideo/crvideo-go"

// handled tells whether an event is one that handle hears.
func handled(e crvideo.Event) bool {
	switch e.(type) {
	case crvideo.LineOff, crvideo.MeetingDropped, crvideo.NotifyMeetEnded, crvideo.MeetingStopped, crvideo.UserEnterMeeting,
		crvideo.UserLeftMeeting, crvideo.NotifyNickNameChanged, crvideo.AudioStatusChanged, crvideo.VideoStatusChanged,
		crvideo.VideoDevChanged, crvideo.DefVideoChanged, crvideo.OpenMicFailed, crvideo.OpenVideoFailed, crvideo.NotifyTokenWillExpire:
		return true
	}
	return false
}

// handle gives the notifications that the model knows to one function.
func handle(c *crvideo.Client, fn func(crvideo.Event)) {
	c.OnLineOff(func(e crvideo.LineOff) { fn(e) })
	c.OnMeetingDropped(func(e crvideo.MeetingDropped) { fn(e) })
	c.OnNotifyMeetEnded(func(e crvideo.NotifyMeetEnded) { fn(e) })
	c.OnMeetingStopped(func(e crvideo.MeetingStopped) { fn(e) })
	c.OnUserEnterMeeting(func(e crvideo.UserEnterMeeting) { fn(e) })
	c.OnUserLeftMeeting(func(e crvideo.UserLeftMeeting) { fn(e) })
	c.OnNotifyNickNameChanged(func(e crvideo.NotifyNickNameChanged) { fn(e) })
	c.OnAudioStatusChanged(func(e crvideo.AudioStatusChanged) { fn(e) })
	c.OnVideoStatusChanged(func(e crvideo.VideoStatusChanged) { fn(e) })
	c.OnVideoDevChanged(func(e crvideo.VideoDevChanged) { fn(e) })
	c.OnDefVideoChanged(func(e crvideo.DefVideoChanged) { fn(e) })
	c.OnOpenMicFailed(func(e crvideo.OpenMicFailed) { fn(e) })
	c.OnOpenVideoFailed(func(e crvideo.OpenVideoFailed) { fn(e) })
	c.OnNotifyTokenWillExpire(func(e crvideo.NotifyTokenWillExpire) { fn(e) })
}

// handleMirror does the same for the mirror's notifications; results come to the ledger of cookies instead.
func handleMirror(fn func(crvideo.Event), result func(cookie any, e crvideo.Event, err error)) {
	crvideo.OnLineOff(func(e crvideo.LineOff) { fn(e) })
	crvideo.OnMeetingDropped(func(e crvideo.MeetingDropped) { fn(e) })
	crvideo.OnNotifyMeetEnded(func(e crvideo.NotifyMeetEnded) { fn(e) })
	crvideo.OnMeetingStopped(func(e crvideo.MeetingStopped) { fn(e) })
	crvideo.OnUserEnterMeeting(func(e crvideo.UserEnterMeeting) { fn(e) })
	crvideo.OnUserLeftMeeting(func(e crvideo.UserLeftMeeting) { fn(e) })
	crvideo.OnNotifyNickNameChanged(func(e crvideo.NotifyNickNameChanged) { fn(e) })
	crvideo.OnAudioStatusChanged(func(e crvideo.AudioStatusChanged) { fn(e) })
	crvideo.OnVideoStatusChanged(func(e crvideo.VideoStatusChanged) { fn(e) })
	crvideo.OnVideoDevChanged(func(e crvideo.VideoDevChanged) { fn(e) })
	crvideo.OnDefVideoChanged(func(e crvideo.DefVideoChanged) { fn(e) })
	crvideo.OnOpenMicFailed(func(e crvideo.OpenMicFailed) { fn(e) })
	crvideo.OnOpenVideoFailed(func(e crvideo.OpenVideoFailed) { fn(e) })
	crvideo.OnNotifyTokenWillExpire(func(e crvideo.NotifyTokenWillExpire) { fn(e) })
	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) { result(e.Cookie, e, nil) })
	crvideo.OnLoginFail(func(e crvideo.LoginFail) { result(e.Cookie, e, e.Err) })
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) { result(e.Cookie, e, nil) })
	crvideo.OnCreateMeetingFail(func(e crvideo.CreateMeetingFail) { result(e.Cookie, e, e.Err) })
	crvideo.OnDestroyMeetingRslt(func(e crvideo.DestroyMeetingRslt) { result(e.Cookie, e, e.Err) })
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { result(e.Cookie, e, e.Err) })
}
