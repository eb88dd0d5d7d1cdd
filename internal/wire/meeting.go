package wire

// Methods about rooms and members.
const (
	MethodCreateMeeting  = "createMeeting"
	MethodDestroyMeeting = "destroyMeeting"
	MethodEnterMeeting   = "enterMeeting"
	MethodExitMeeting    = "exitMeeting"
	MethodKickout        = "kickout"
	MethodSetNickname    = "setNickname"
)

// Notifications about rooms and members.
const (
	NotifyMemberEntered   = "memberEntered"   // MemberEntered
	NotifyMemberLeft      = "memberLeft"      // MemberLeft; with one's own UID: one was put out
	NotifyNicknameChanged = "nicknameChanged" // NicknameChanged
	NotifyMeetingEnded    = "meetingEnded"    // MeetingEnded: the room was destroyed
)

// Reasons of MemberLeft.
const (
	LeftExit    = "exit"    // left by its own will, or logged out
	LeftKick    = "kick"    // was put out by another member
	LeftExtrude = "extrude" // the same UID logged in elsewhere
	LeftTimeout = "timeout" // its connection was lost and did not come back in time, or its token expired
)

// CreateMeetingParams make a room.
type CreateMeetingParams struct {
	Subject      string `json:"subject,omitempty"`
	Password     string `json:"password,omitempty"`     // own choice of password
	NeedPassword bool   `json:"needPassword,omitempty"` // the server makes one when Password is empty
	Regular      bool   `json:"regular,omitempty"`      // the room lives until it is destroyed
}

// Validate implements Validator.
func (p *CreateMeetingParams) Validate() *Error {
	return firstError(atMost("subject", p.Subject, MaxSubjectBytes), atMost("password", p.Password, MaxPasswordBytes))
}

// MeetInfo describes a room.
type MeetInfo struct {
	ID       int64  `json:"id"`
	Password string `json:"password,omitempty"` // only told to its creator
	Subject  string `json:"subject,omitempty"`
	URL      string `json:"url,omitempty"` // page for people to join, if the server has one
	Regular  bool   `json:"regular,omitempty"`
}

// MeetIDParams name a room.
type MeetIDParams struct {
	MeetID int64 `json:"meetID"`
}

// Validate implements Validator.
func (p *MeetIDParams) Validate() *Error { return checkMeetID(p.MeetID) }

// EnterMeetingParams enter a room. The first media offer travels with them.
type EnterMeetingParams struct {
	MeetID   int64   `json:"meetID"`
	Password string  `json:"password,omitempty"`
	Offer    string  `json:"offer,omitempty"`    // SDP; empty enters without media
	Devices  Devices `json:"devices"`            // what the member has
	NoAudio  bool    `json:"noAudio,omitempty"`  // do not send me the others' sound
	OneLimit bool    `json:"oneLimit,omitempty"` // a limit (REMB) for one of my streams is one for all of them
	Ticket   string  `json:"ticket,omitempty"`   // of the last stay in the room, for a server that has forgotten it

	State    *RoomState `json:"state,omitempty"`    // as it was then
	Messages int        `json:"messages,omitempty"` // how many of the last messages to everybody are wanted
}

// Validate implements Validator.
func (p *EnterMeetingParams) Validate() *Error {
	if p.State != nil {
		if err := p.State.Validate(); err != nil {
			return err
		}
	}
	if p.Messages < 0 || p.Messages > MaxRecentMsgs {
		return Errorf(CodeBadParameter, "messages: %d is not 0 to %d", p.Messages, MaxRecentMsgs)
	}
	return firstError(checkMeetID(p.MeetID), atMost("password", p.Password, MaxPasswordBytes),
		atMost("offer", p.Offer, MaxSDPBytes), atMost("ticket", p.Ticket, MaxTicketBytes), p.Devices.Validate())
}

// EnterMeetingResult is the room as it is at the moment of entering.
type EnterMeetingResult struct {
	Meeting MeetInfo `json:"meeting"`
	Num     uint32   `json:"num"`              // the member's number in the room, from 1, never used twice
	Engine  string   `json:"engine"`           // media engine of the room: "sfu"
	Answer  string   `json:"answer,omitempty"` // SDP, if there was an offer
	Members []Member `json:"members"`          // everybody, oneself included, in the order of entering
	Ticket  string   `json:"ticket,omitempty"` // to be given when entering again, should the server forget the room

	State    RoomState `json:"state"`
	Messages []RoomMsg `json:"messages,omitempty"` // oldest first
	Boards   []Board   `json:"boards,omitempty"`   // oldest first; what is on them is asked for
	Epoch    string    `json:"epoch,omitempty"`    // of the server process; another one has forgotten what this one knew
}

// EngineSFU is the embedded media engine.
const EngineSFU = "sfu"

// Member is one user in a room.
type Member struct {
	UID          string  `json:"uid"`
	Nickname     string  `json:"nickname"`
	Num          uint32  `json:"num"`
	Audio        Status  `json:"audio"`                 // ASTATUS: 1 none, 2 closed, 3 open
	AudioStream  *Stream `json:"audioStream,omitempty"` // while the microphone is open
	Videos       []Video `json:"videos,omitempty"`
	DefaultVideo int     `json:"defaultVideo,omitempty"` // ID of one of Videos; 0 without a camera
	MultiVideo   bool    `json:"multiVideo,omitempty"`   // it opens all its cameras, not only the default one
}

// VideoStatus is the member's VSTATUS: open if any of its cameras is.
func (m *Member) VideoStatus() Status {
	if len(m.Videos) == 0 {
		return StatusNone
	}
	for i := range m.Videos {
		if m.Videos[i].Stream != nil {
			return StatusOpen
		}
	}
	return StatusClosed
}

// UIDParams name a member.
type UIDParams struct {
	UID string `json:"uid"`
}

// Validate implements Validator.
func (p *UIDParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return atMost("uid", p.UID, MaxUIDBytes)
}

// SetNicknameParams rename a member.
type SetNicknameParams struct {
	UID      string `json:"uid"`
	Nickname string `json:"nickname"`
}

// Validate implements Validator.
func (p *SetNicknameParams) Validate() *Error {
	switch {
	case p.UID == "":
		return missing("uid")
	case p.Nickname == "":
		return missing("nickname")
	}
	return firstError(atMost("uid", p.UID, MaxUIDBytes), atMost("nickname", p.Nickname, MaxNicknameBytes))
}

// MemberEntered tells of a new member.
type MemberEntered struct {
	Member Member `json:"member"`
}

// MemberLeft tells that a member is gone.
type MemberLeft struct {
	UID    string `json:"uid"`
	Reason string `json:"reason"`
}

// NicknameChanged tells of a new nickname.
type NicknameChanged struct {
	UID string `json:"uid"`
	Old string `json:"old"`
	New string `json:"new"`
}

// MeetingEnded tells everybody inside that the room was destroyed.
type MeetingEnded struct {
	MeetID int64  `json:"meetID"`
	By     string `json:"by,omitempty"` // UID of whoever ended it; empty if the server did
}
