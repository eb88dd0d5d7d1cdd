package crvideo

// The mirror's event registrations. All may be called before Init; the last handler set wins, nil removes it.

// OnNotifyTokenWillExpire sets the handler of NotifyTokenWillExpire on the default client.
func OnNotifyTokenWillExpire(fn func(NotifyTokenWillExpire)) { std.on.tokenWillExpire.set(fn) }

// OnLineOff sets the handler of LineOff on the default client.
func OnLineOff(fn func(LineOff)) { std.on.lineOff.set(fn) }

// OnMeetingDropped sets the handler of MeetingDropped on the default client.
func OnMeetingDropped(fn func(MeetingDropped)) { std.on.meetingDropped.set(fn) }

// OnNotifyMeetEnded sets the handler of NotifyMeetEnded on the default client.
func OnNotifyMeetEnded(fn func(NotifyMeetEnded)) { std.on.meetEnded.set(fn) }

// OnMeetingStopped sets the handler of MeetingStopped on the default client.
func OnMeetingStopped(fn func(MeetingStopped)) { std.on.meetingStopped.set(fn) }

// OnUserEnterMeeting sets the handler of UserEnterMeeting on the default client.
func OnUserEnterMeeting(fn func(UserEnterMeeting)) { std.on.userEnter.set(fn) }

// OnUserLeftMeeting sets the handler of UserLeftMeeting on the default client.
func OnUserLeftMeeting(fn func(UserLeftMeeting)) { std.on.userLeft.set(fn) }

// OnNotifyNickNameChanged sets the handler of NotifyNickNameChanged on the default client.
func OnNotifyNickNameChanged(fn func(NotifyNickNameChanged)) { std.on.nickName.set(fn) }

// OnAudioStatusChanged sets the handler of AudioStatusChanged on the default client.
func OnAudioStatusChanged(fn func(AudioStatusChanged)) { std.on.audioStatus.set(fn) }

// OnMicEnergyUpdate sets the handler of MicEnergyUpdate on the default client.
func OnMicEnergyUpdate(fn func(MicEnergyUpdate)) { std.on.micEnergy.set(fn) }

// OnSpkDeviceChanged sets the handler of SpkDeviceChanged on the default client.
func OnSpkDeviceChanged(fn func(SpkDeviceChanged)) { std.on.speakerDev.set(fn) }

// OnVideoStatusChanged sets the handler of VideoStatusChanged on the default client.
func OnVideoStatusChanged(fn func(VideoStatusChanged)) { std.on.videoStatus.set(fn) }

// OnVideoDevChanged sets the handler of VideoDevChanged on the default client.
func OnVideoDevChanged(fn func(VideoDevChanged)) { std.on.videoDev.set(fn) }

// OnDefVideoChanged sets the handler of DefVideoChanged on the default client.
func OnDefVideoChanged(fn func(DefVideoChanged)) { std.on.defVideo.set(fn) }

// OnOpenMicFailed sets the handler of OpenMicFailed on the default client.
func OnOpenMicFailed(fn func(OpenMicFailed)) { std.on.openMicFailed.set(fn) }

// OnOpenVideoFailed sets the handler of OpenVideoFailed on the default client.
func OnOpenVideoFailed(fn func(OpenVideoFailed)) { std.on.openVideoFailed.set(fn) }

// OnLoginSuccess sets the handler of LoginSuccess on the default client.
func OnLoginSuccess(fn func(LoginSuccess)) { std.on.loginSuccess.set(fn) }

// OnLoginFail sets the handler of LoginFail on the default client.
func OnLoginFail(fn func(LoginFail)) { std.on.loginFail.set(fn) }

// OnCreateMeetingSuccess sets the handler of CreateMeetingSuccess on the default client.
func OnCreateMeetingSuccess(fn func(CreateMeetingSuccess)) { std.on.createSuccess.set(fn) }

// OnCreateMeetingFail sets the handler of CreateMeetingFail on the default client.
func OnCreateMeetingFail(fn func(CreateMeetingFail)) { std.on.createFail.set(fn) }

// OnDestroyMeetingRslt sets the handler of DestroyMeetingRslt on the default client.
func OnDestroyMeetingRslt(fn func(DestroyMeetingRslt)) { std.on.destroyMeetingRslt.set(fn) }

// OnEnterMeetingRslt sets the handler of EnterMeetingRslt on the default client.
func OnEnterMeetingRslt(fn func(EnterMeetingRslt)) { std.on.enterMeetingRslt.set(fn) }
