package crvideo

import (
	"context"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// GetMainVideo tells whose video is the room's main one (CRVideo_GetMainVideo).
func GetMainVideo() string { return Default().GetMainVideo() }

// GetMainVideoMode tells how the main video is found (CRVideo_GetMainVideoMode).
func GetMainVideoMode() MainVideoMode { return Default().GetMainVideoMode() }

// GetCurrentMainPage tells which page the room looks at (CRVideo_GetCurrentMainPage).
func GetCurrentMainPage() MainPage { return Default().GetCurrentMainPage() }

// GetCurrentSubPage tells which part of that page (CRVideo_GetCurrentSubPage).
func GetCurrentSubPage() string { return Default().GetCurrentSubPage() }

// IsRoomLocked tells whether nobody gets into the room any more.
func IsRoomLocked() bool { return Default().IsRoomLocked() }

// SetMainVideo makes a member's video the room's main one (CRVideo_SetMainVideo). It ends with NotifyMainVideoChanged.
func SetMainVideo(uid string) {
	fireAndForget("SetMainVideo", wire.MethodSetMainVideo, &wire.MainVideoParams{UID: uid})
}

// SetMainVideoMode chooses how the main video is found (CRVideo_SetMainVideoMode). It ends with NotifyMainVideoModeChanged.
func SetMainVideoMode(mode MainVideoMode, uid string) {
	fireAndForget("SetMainVideoMode", wire.MethodSetMainVideoMode, &wire.MainVideoModeParams{Mode: int(mode), UID: uid})
}

// fireAndForget starts a request whose failure CRVideo tells nobody.
func fireAndForget(op, method string, params wire.Validator) {
	c := Default()
	c.startRoomRequest(op, method, params, func(err error) {
		if err != nil {
			c.log.Warn("refused", "op", op, "error", err)
		}
	})
}

// SwitchToPage lets everybody look at a page (CRVideo_SwitchToPage). It waits for the server's answer.
func SwitchToPage(mainPage MainPage, subPage string) error {
	return promise(func(ctx context.Context, c *Client) error { return c.SwitchToPage(ctx, mainPage, subPage) })
}

// LockRoom locks the room, or opens it again. It waits for the server's answer.
func LockRoom(locked bool) error {
	return promise(func(ctx context.Context, c *Client) error { return c.LockRoom(ctx, locked) })
}

// StopMeeting ends the meeting one is in (CRVideo_StopMeeting). The result is StopMeetingRslt.
func StopMeeting(cookie any) {
	c := Default()
	c.startRoomRequest("StopMeeting", wire.MethodStopMeeting, nil, func(err error) {
		result(c, &std.on.stopMeetingRslt, StopMeetingRslt{CodeOf(err), err, cookie})
	})
}
