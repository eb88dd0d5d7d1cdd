package crvideo

import "sync/atomic"

// Event is one thing that happened. Its concrete type is one of the structs of this package that have an OnXxx
// function of the same name, for example LineOff or UserEnterMeeting.
type Event interface{ isEvent() }

// Notifications: they exist on both faces of the API.
type (
	// NotifyTokenWillExpire tells that the token of a token login ends in 30 s. Without UpdateToken in time the login
	// ends with LineOff, code 18 (CRVideo_NotifyTokenWillExpire).
	NotifyTokenWillExpire struct{}
	// LineOff tells that the login is gone (CRVideo_LineOff): 10 the same UID logged in elsewhere, 18 token expired,
	// 204 the connection failed, 205 the server was silent for the server timeout. One who was in a room has left it.
	LineOff struct{ Code Code }
	// MeetingDropped tells that the room is gone for us while the login lives (CRVideo_MeetingDropped): 204 failure,
	// 205 timeout. The application may enter again.
	MeetingDropped struct{ Code Code }
	// NotifyMeetEnded tells that the room was ended, and by whom. MeetingStopped follows.
	NotifyMeetEnded struct {
		MeetID int64
		By     string // UID; empty: the server
	}
	// MeetingStopped tells that the room we were in was ended (CRVideo_MeetingStopped).
	MeetingStopped struct{}
	// UserEnterMeeting tells of a new member (CRVideo_UserEnterMeeting). Its status events follow.
	UserEnterMeeting struct{ UID string }
	// UserLeftMeeting tells that a member left (CRVideo_UserLeftMeeting). With one's own UID: one was put out.
	UserLeftMeeting struct {
		UID    string
		Reason string // "exit", "kick", "extrude" (the same UID logged in elsewhere) or "timeout"
	}
	// NotifyNickNameChanged tells of a member's new nickname (CRVideo_NotifyNickNameChanged).
	NotifyNickNameChanged struct{ UID, OldName, NewName string }
	// AudioStatusChanged tells of a microphone's new state (CRVideo_AudioStatusChanged).
	AudioStatusChanged struct {
		UID                  string
		OldStatus, NewStatus DeviceStatus
	}
	// MicEnergyUpdate tells that a member, oneself included, is louder or softer than before (CRVideo_MicEnergyUpdate): see
	// GetMicEnergy. At most every 100 ms for one member, and only when the level has changed.
	MicEnergyUpdate struct {
		UID                string
		OldLevel, NewLevel int // 0 to 10
	}
	// SpkDeviceChanged tells that the list of speakers changed, or that another one plays because the last one was
	// unplugged (CRVideo_SpkDeviceChanged). It comes only with package device/speaker, within 2 s.
	SpkDeviceChanged struct{}
	// VideoStatusChanged tells of the new state of a member's cameras (CRVideo_VideoStatusChanged).
	VideoStatusChanged struct {
		UID                  string
		OldStatus, NewStatus DeviceStatus
	}
	// VideoDevChanged tells that a member's list of cameras changed, or that one of them was opened or closed beside
	// another one that stays open (CRVideo_VideoDevChanged).
	VideoDevChanged struct{ UID string }
	// DefVideoChanged tells of a member's new default camera (CRVideo_DefVideoChanged).
	DefVideoChanged struct {
		UID     string
		VideoID int
	}
	// OpenMicFailed tells that one's own microphone could not be opened when the mirror's OpenMic or another member
	// asked for it (CRVideo_OpenMicFailed). Client.OpenMic returns the error instead.
	OpenMicFailed struct {
		Code Code
		Desc string
	}
	// OpenVideoFailed tells the same of a camera (CRVideo_OpenVideoFailed).
	OpenVideoFailed struct {
		Code Code
		Desc string
	}
)

// Results of the mirror's calls. Cookie is what the call was given; it comes back exactly once.
type (
	// LoginSuccess is the good end of Login and LoginByToken.
	LoginSuccess struct {
		UID    string
		Cookie any
	}
	// LoginFail is the bad end of Login and LoginByToken.
	LoginFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// CreateMeetingSuccess is the good end of CreateMeeting and CreateMeeting2.
	CreateMeetingSuccess struct {
		MeetInfo MeetInfo
		Cookie   any
	}
	// CreateMeetingFail is the bad end of CreateMeeting and CreateMeeting2.
	CreateMeetingFail struct {
		Code   Code
		Err    error
		Cookie any
	}
	// DestroyMeetingRslt is the end of DestroyMeeting.
	DestroyMeetingRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// EnterMeetingRslt is the end of EnterMeeting.
	EnterMeetingRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
)

func (NotifyTokenWillExpire) isEvent() {}
func (LineOff) isEvent()               {}
func (MeetingDropped) isEvent()        {}
func (NotifyMeetEnded) isEvent()       {}
func (MeetingStopped) isEvent()        {}
func (UserEnterMeeting) isEvent()      {}
func (UserLeftMeeting) isEvent()       {}
func (NotifyNickNameChanged) isEvent() {}
func (AudioStatusChanged) isEvent()    {}
func (MicEnergyUpdate) isEvent()       {}
func (SpkDeviceChanged) isEvent()      {}
func (VideoStatusChanged) isEvent()    {}
func (VideoDevChanged) isEvent()       {}
func (DefVideoChanged) isEvent()       {}
func (OpenMicFailed) isEvent()         {}
func (OpenVideoFailed) isEvent()       {}
func (LoginSuccess) isEvent()          {}
func (LoginFail) isEvent()             {}
func (CreateMeetingSuccess) isEvent()  {}
func (CreateMeetingFail) isEvent()     {}
func (DestroyMeetingRslt) isEvent()    {}
func (EnterMeetingRslt) isEvent()      {}

// slot holds the one handler of an event type.
type slot[E Event] struct{ fn atomic.Pointer[func(E)] }

func (s *slot[E]) set(fn func(E)) {
	if fn == nil {
		s.fn.Store(nil)
		return
	}
	s.fn.Store(&fn)
}

func (s *slot[E]) isSet() bool { return s.fn.Load() != nil }

func (s *slot[E]) call(e E) {
	if fn := s.fn.Load(); fn != nil {
		(*fn)(e)
	}
}

// callbacks are the handlers of one client. The default client's outlive it, so that they may be set before Init.
type callbacks struct {
	tokenWillExpire    slot[NotifyTokenWillExpire]
	lineOff            slot[LineOff]
	meetingDropped     slot[MeetingDropped]
	meetEnded          slot[NotifyMeetEnded]
	meetingStopped     slot[MeetingStopped]
	userEnter          slot[UserEnterMeeting]
	userLeft           slot[UserLeftMeeting]
	nickName           slot[NotifyNickNameChanged]
	audioStatus        slot[AudioStatusChanged]
	micEnergy          slot[MicEnergyUpdate]
	speakerDev         slot[SpkDeviceChanged]
	audioPCM           slot[NotifyAudioPCMDat] // the mirror's only
	videoStatus        slot[VideoStatusChanged]
	videoDev           slot[VideoDevChanged]
	defVideo           slot[DefVideoChanged]
	openMicFailed      slot[OpenMicFailed]
	openVideoFailed    slot[OpenVideoFailed]
	micDev             slot[MicDeviceChanged]
	openVideoTimeout   slot[OpenVideoTimeout]
	netState           slot[NetStateChanged]
	netDelay           slot[NotifyNetworkDelay]
	upLoss             slot[NotifyPacketsUploadLostRate]
	downLoss           slot[NotifyPacketsDownloadLostRate]
	encodeException    slot[VideoEncodeException]
	loginSuccess       slot[LoginSuccess]
	loginFail          slot[LoginFail]
	createSuccess      slot[CreateMeetingSuccess]
	createFail         slot[CreateMeetingFail]
	destroyMeetingRslt slot[DestroyMeetingRslt]
	enterMeetingRslt   slot[EnterMeetingRslt]

	roomCallbacks
	peerConnection slot[PeerConnectionError]
	streamCallbacks
	attrCallbacks
	msgCallbacks
	callCallbacks
	queueCallbacks
	channelCallbacks
	boardCallbacks
}

// OnNotifyTokenWillExpire sets the handler of NotifyTokenWillExpire. As with every OnXxx: the last one set wins, nil
// removes it, and it runs on the client's one event goroutine, in the order of events; it may call anything.
func (c *Client) OnNotifyTokenWillExpire(fn func(NotifyTokenWillExpire)) {
	c.on.tokenWillExpire.set(fn)
}

// OnLineOff sets the handler of LineOff.
func (c *Client) OnLineOff(fn func(LineOff)) { c.on.lineOff.set(fn) }

// OnMeetingDropped sets the handler of MeetingDropped.
func (c *Client) OnMeetingDropped(fn func(MeetingDropped)) { c.on.meetingDropped.set(fn) }

// OnNotifyMeetEnded sets the handler of NotifyMeetEnded.
func (c *Client) OnNotifyMeetEnded(fn func(NotifyMeetEnded)) { c.on.meetEnded.set(fn) }

// OnMeetingStopped sets the handler of MeetingStopped.
func (c *Client) OnMeetingStopped(fn func(MeetingStopped)) { c.on.meetingStopped.set(fn) }

// OnUserEnterMeeting sets the handler of UserEnterMeeting.
func (c *Client) OnUserEnterMeeting(fn func(UserEnterMeeting)) { c.on.userEnter.set(fn) }

// OnUserLeftMeeting sets the handler of UserLeftMeeting.
func (c *Client) OnUserLeftMeeting(fn func(UserLeftMeeting)) { c.on.userLeft.set(fn) }

// OnNotifyNickNameChanged sets the handler of NotifyNickNameChanged.
func (c *Client) OnNotifyNickNameChanged(fn func(NotifyNickNameChanged)) { c.on.nickName.set(fn) }

// OnAudioStatusChanged sets the handler of AudioStatusChanged.
func (c *Client) OnAudioStatusChanged(fn func(AudioStatusChanged)) { c.on.audioStatus.set(fn) }

// OnMicEnergyUpdate sets the handler of MicEnergyUpdate.
func (c *Client) OnMicEnergyUpdate(fn func(MicEnergyUpdate)) { c.on.micEnergy.set(fn) }

// OnSpkDeviceChanged sets the handler of SpkDeviceChanged.
func (c *Client) OnSpkDeviceChanged(fn func(SpkDeviceChanged)) { c.on.speakerDev.set(fn) }

// OnVideoStatusChanged sets the handler of VideoStatusChanged.
func (c *Client) OnVideoStatusChanged(fn func(VideoStatusChanged)) { c.on.videoStatus.set(fn) }

// OnVideoDevChanged sets the handler of VideoDevChanged.
func (c *Client) OnVideoDevChanged(fn func(VideoDevChanged)) { c.on.videoDev.set(fn) }

// OnDefVideoChanged sets the handler of DefVideoChanged.
func (c *Client) OnDefVideoChanged(fn func(DefVideoChanged)) { c.on.defVideo.set(fn) }

// OnOpenMicFailed sets the handler of OpenMicFailed.
func (c *Client) OnOpenMicFailed(fn func(OpenMicFailed)) { c.on.openMicFailed.set(fn) }

// OnOpenVideoFailed sets the handler of OpenVideoFailed.
func (c *Client) OnOpenVideoFailed(fn func(OpenVideoFailed)) { c.on.openVideoFailed.set(fn) }
