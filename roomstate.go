package crvideo

import (
	"context"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// MainVideoMode is how the main video of a room is found (MAIN_VIDEO_MODE).
type MainVideoMode int

// How the main video is found.
const (
	MainVideoByVoice   MainVideoMode = wire.MainVideoByVoice   // the member who speaks; the server decides for all
	MainVideoPresenter MainVideoMode = wire.MainVideoPresenter // the presenter, as SetMainVideo names it; the default
	MainVideoMember    MainVideoMode = wire.MainVideoMember    // one member, also when it leaves and comes back
)

// MainPage is a kind of page that a room can look at (MAIN_PAGE_TYPE). Applications may use other numbers up to 255.
type MainPage int

// Kinds of pages.
const (
	PageWhiteboard  MainPage = 4
	PageScreenShare MainPage = 6
	PageMediaShare  MainPage = 7
	PageVideoWall   MainPage = 8
)

// takeStateLocked takes a state of the room and tells what is different. While members come back after a restart of
// the server it may know less than we do: then what it says holds when that time is over.
func (r *room) takeStateLocked(s wire.RoomState) {
	r.told = s
	if !r.graceUntil.IsZero() && s.Version < r.state.Version {
		return
	}
	c, before := r.c, r.state
	r.state = s
	if before.MainVideoMode != s.MainVideoMode {
		emit(c, &c.on.mainVideoMode, NotifyMainVideoModeChanged{MainVideoMode(s.MainVideoMode)})
	}
	if before.MainVideo != s.MainVideo {
		emit(c, &c.on.mainVideo, NotifyMainVideoChanged{s.MainVideo})
	}
	if before.MainPage != s.MainPage || before.SubPage != s.SubPage {
		emit(c, &c.on.switchToPage, NotifySwitchToPage{MainPage(s.MainPage), s.SubPage})
	}
	if before.Locked != s.Locked {
		emit(c, &c.on.roomLocked, NotifyRoomLocked{s.Locked})
	}
}

func (r *room) stateChanged(p *wire.RoomStateChanged) {
	r.locked(func(*Client) { r.takeStateLocked(p.State) })
}

// roomState is the state of the room we are in; the zero value in none.
func (c *Client) roomState() wire.RoomState {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil || !c.room.in {
		return wire.RoomState{}
	}
	return c.room.state
}

// GetMainVideo tells whose video is the room's main one; empty if nobody's is (CRVideo_GetMainVideo).
func (c *Client) GetMainVideo() string { return c.roomState().MainVideo }

// GetMainVideoMode tells how the main video is found; 0 in no room (CRVideo_GetMainVideoMode).
func (c *Client) GetMainVideoMode() MainVideoMode { return MainVideoMode(c.roomState().MainVideoMode) }

// GetCurrentMainPage tells which page the room looks at; 0 if none was chosen (CRVideo_GetCurrentMainPage).
func (c *Client) GetCurrentMainPage() MainPage { return MainPage(c.roomState().MainPage) }

// GetCurrentSubPage tells which part of that page (CRVideo_GetCurrentSubPage).
func (c *Client) GetCurrentSubPage() string { return c.roomState().SubPage }

// IsRoomLocked tells whether nobody gets into the room any more.
func (c *Client) IsRoomLocked() bool { return c.roomState().Locked }

// SetMainVideo makes a member's video the room's main one, or nobody's if uid is empty (CRVideo_SetMainVideo). Where the
// voice decides it holds until somebody else speaks. Everybody gets NotifyMainVideoChanged.
// Errors: 12 not logged in, 21 not permitted, 800 in no room, 806 no such member.
func (c *Client) SetMainVideo(ctx context.Context, uid string) error {
	return c.roomRequest(ctx, "SetMainVideo", wire.MethodSetMainVideo, &wire.MainVideoParams{UID: uid})
}

// SetMainVideoMode chooses how the main video is found (CRVideo_SetMainVideoMode); uid, if not empty, makes that member's
// video the main one. Everybody gets NotifyMainVideoModeChanged, and NotifyMainVideoChanged if that is different, too.
// Errors: 5 no such mode, or mode 3 without anybody to stay with, 12 not logged in, 21 not permitted, 800 in no room, 806 no such member.
func (c *Client) SetMainVideoMode(ctx context.Context, mode MainVideoMode, uid string) error {
	return c.roomRequest(ctx, "SetMainVideoMode", wire.MethodSetMainVideoMode, &wire.MainVideoModeParams{Mode: int(mode), UID: uid})
}

// SwitchToPage lets everybody in the room look at a page (CRVideo_SwitchToPage): mainPage is 0 to 255, subPage at most 256
// bytes. Everybody gets NotifySwitchToPage; who enters later finds it in GetCurrentMainPage.
// Errors: 5 bad page, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) SwitchToPage(ctx context.Context, mainPage MainPage, subPage string) error {
	return c.roomRequest(ctx, "SwitchToPage", wire.MethodSwitchToPage, &wire.PageParams{MainPage: int(mainPage), SubPage: subPage})
}

// LockRoom locks the room: who is in it stays, others get code 804. With false, or when it is empty, it is open again.
// Everybody gets NotifyRoomLocked. Errors: 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) LockRoom(ctx context.Context, locked bool) error {
	return c.roomRequest(ctx, "LockRoom", wire.MethodLockRoom, &wire.LockParams{Locked: locked})
}

// StopMeeting ends the meeting one is in for everybody (CRVideo_StopMeeting): all get NotifyMeetEnded and MeetingStopped. A
// regular room stays, empty; others are gone. Errors: 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) StopMeeting(ctx context.Context) error {
	return c.roomRequest(ctx, "StopMeeting", wire.MethodStopMeeting, nil)
}
