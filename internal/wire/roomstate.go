package wire

// Methods about what the members of a room see together.
const (
	MethodSetMainVideo     = "setMainVideo"     // MainVideoParams
	MethodSetMainVideoMode = "setMainVideoMode" // MainVideoModeParams
	MethodSwitchToPage     = "switchToPage"     // PageParams
	MethodLockRoom         = "lockRoom"         // LockParams
	MethodStopMeeting      = "stopMeeting"
)

// NotifyRoomState tells everybody, whoever changed it included, of a new RoomState.
const NotifyRoomState = "roomState"

// Whose video is the main one: CRVideo's MAIN_VIDEO_MODE.
const (
	MainVideoByVoice   = 1 // of the member who speaks
	MainVideoPresenter = 2 // of the presenter, as setMainVideo names it
	MainVideoMember    = 3 // of one member, also when it comes back
)

// RoomState is what the members of a room see together.
type RoomState struct {
	Version       uint64 `json:"version"` // grows with every change
	MainVideo     string `json:"mainVideo,omitempty"`
	MainVideoMode int    `json:"mainVideoMode"`
	MainPage      int    `json:"mainPage,omitempty"`
	SubPage       string `json:"subPage,omitempty"`
	Locked        bool   `json:"locked,omitempty"` // nobody gets in any more
}

// RoomStateChanged is a new state, and who made it.
type RoomStateChanged struct {
	State RoomState `json:"state"`
	By    string    `json:"by,omitempty"` // UID; empty: the server
}

// Validate implements Validator. A state that was not told is good, too.
func (s *RoomState) Validate() *Error {
	if s.MainVideoMode < 0 || s.MainVideoMode > MainVideoMember {
		return badMode(s.MainVideoMode)
	}
	return firstError(atMost("state.mainVideo", s.MainVideo, MaxUIDBytes), checkPage(s.MainPage, s.SubPage))
}

// MainVideoParams name the member whose video is the main one; none if UID is empty.
type MainVideoParams struct {
	UID string `json:"uid"`
}

// Validate implements Validator.
func (p *MainVideoParams) Validate() *Error { return atMost("uid", p.UID, MaxUIDBytes) }

// MainVideoModeParams choose how the main video is found. UID, if not empty, makes that member's video the main one.
type MainVideoModeParams struct {
	Mode int    `json:"mode"`
	UID  string `json:"uid,omitempty"`
}

// Validate implements Validator.
func (p *MainVideoModeParams) Validate() *Error {
	if p.Mode < MainVideoByVoice || p.Mode > MainVideoMember {
		return badMode(p.Mode)
	}
	return atMost("uid", p.UID, MaxUIDBytes)
}

func badMode(mode int) *Error { return Errorf(CodeBadParameter, "mode %d is not 1, 2 or 3", mode) }

// PageParams name a page that everybody shall look at.
type PageParams struct {
	MainPage int    `json:"mainPage"` // kind of page, MAIN_PAGE_TYPE
	SubPage  string `json:"subPage,omitempty"`
}

// Validate implements Validator.
func (p *PageParams) Validate() *Error { return checkPage(p.MainPage, p.SubPage) }

func checkPage(mainPage int, subPage string) *Error {
	if mainPage < 0 || mainPage > MaxPage {
		return Errorf(CodeBadParameter, "mainPage %d is not 0 to %d", mainPage, MaxPage)
	}
	return atMost("subPage", subPage, MaxSubPageBytes)
}

// LockParams lock a room, or open it again.
type LockParams struct {
	Locked bool `json:"locked"`
}

// Validate implements Validator.
func (p *LockParams) Validate() *Error { return nil }
