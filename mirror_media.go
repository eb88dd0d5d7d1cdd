package crvideo

import "context"

// OpenMic opens a microphone (CRVideo_OpenMic). It ends with AudioStatusChanged, or OpenMicFailed if it is one's own.
func OpenMic(uid string) { mirrorDevice(micKind, uid, true) }

// CloseMic closes a microphone (CRVideo_CloseMic).
func CloseMic(uid string) { mirrorDevice(micKind, uid, false) }

// OpenVideo opens a camera (CRVideo_OpenVideo). It ends with VideoStatusChanged, or OpenVideoFailed if it is one's own.
func OpenVideo(uid string) { mirrorDevice(cameraKind, uid, true) }

// CloseVideo closes a camera (CRVideo_CloseVideo).
func CloseVideo(uid string) { mirrorDevice(cameraKind, uid, false) }

// mirrorDevice sends its request at once, so that the order of two calls is the order in which the server gets them.
func mirrorDevice(k deviceKind, uid string, open bool) {
	c := Default()
	own := uid == "" || uid == c.UID()
	opened := func(err error) {
		if err != nil {
			mirrorOpenFailed(c, k, err)
		}
	}
	switch {
	case own && open:
		c.startOpen(k, opened)
	case open:
		c.startOpenOther(k, uid, opened)
	case own:
		c.mu.Lock()
		pubs := c.publisher(k).pubs
		c.mu.Unlock()
		for _, pub := range pubs {
			c.closeOwn(pub)
		}
	default:
		c.startCloseOther(k, uid, func(err error) {
			if err != nil {
				c.log.Warn("closing another member's device", "op", k.closeOp(), "uid", uid, "error", err)
			}
		})
	}
}

func mirrorOpenFailed(c *Client, k deviceKind, err error) {
	if k == micKind {
		result(c, &std.on.openMicFailed, OpenMicFailed{CodeOf(err), err.Error()})
	} else {
		result(c, &std.on.openVideoFailed, OpenVideoFailed{CodeOf(err), err.Error()})
	}
}

// GetAudioStatus tells the state of a microphone (CRVideo_GetAudioStatus).
func GetAudioStatus(uid string) DeviceStatus { return Default().GetAudioStatus(uid) }

// GetVideoStatus tells the state of a member's cameras (CRVideo_GetVideoStatus).
func GetVideoStatus(uid string) DeviceStatus { return Default().GetVideoStatus(uid) }

// GetAllVideoInfo lists a member's cameras (CRVideo_GetAllVideoInfo).
func GetAllVideoInfo(uid string) []VideoInfo { return Default().GetAllVideoInfo(uid) }

// GetOpenedVideoIDs lists the cameras that a member has open (CRVideo_GetOpenedVideoIDs).
func GetOpenedVideoIDs(uid string) []int { return Default().GetOpenedVideoIDs(uid) }

// GetDefaultVideo tells a member's default camera (CRVideo_GetDefaultVideo).
func GetDefaultVideo(uid string) int { return Default().GetDefaultVideo(uid) }

// SetDefaultVideo chooses a member's default camera (CRVideo_SetDefaultVideo). For one's own the error tells at once if
// there is no such camera; the rest happens in the background and ends with DefVideoChanged.
func SetDefaultVideo(uid string, videoID int) error {
	return promise(func(ctx context.Context, c *Client) error { return c.SetDefaultVideo(ctx, uid, videoID) })
}

// SetEnableMultiVideo chooses whether a member opens all its cameras, not only the default one (CRVideo_SetEnableMutiVideo).
// Which of one's own are open then, VideoStatusChanged, VideoDevChanged and OpenVideoFailed tell.
func SetEnableMultiVideo(uid string, on bool) error {
	return promise(func(ctx context.Context, c *Client) error {
		own, err := c.chooseMultiVideo(ctx, uid, on)
		if own && err == nil {
			c.openOthers(func(err error) {
				if err != nil {
					mirrorOpenFailed(c, cameraKind, err)
				}
			})
		}
		return err
	})
}

// GetEnableMultiVideo tells whether a member opens all its cameras (CRVideo_GetEnableMutiVideo).
func GetEnableMultiVideo(uid string) bool { return Default().GetEnableMultiVideo(uid) }

// SetVideoCfg sets how one's own cameras are captured (CRVideo_SetVideoCfg).
func SetVideoCfg(cfg VideoCfg) error {
	return promise(func(ctx context.Context, c *Client) error { return c.SetVideoCfg(ctx, cfg) })
}

// GetVideoCfg tells how one's own cameras are captured (CRVideo_GetVideoCfg).
func GetVideoCfg() VideoCfg { return Default().GetVideoCfg() }

// SetAudioCfg chooses and sets the microphone (CRVideo_SetAudioCfg).
func SetAudioCfg(cfg AudioCfg) error {
	return promise(func(ctx context.Context, c *Client) error { return c.SetAudioCfg(ctx, cfg) })
}

// GetAudioCfg tells how one's own microphone is captured (CRVideo_GetAudioCfg).
func GetAudioCfg() AudioCfg { return Default().GetAudioCfg() }

// GetAudioMicNames lists the microphones (CRVideo_GetAudioMicNames).
func GetAudioMicNames() []MicInfo { return Default().GetAudioMicNames() }

// CreateVideoObj makes an object that shows a camera (CRVideo_CreatVideoObj).
func CreateVideoObj() (*VideoUI, error) { return Default().CreateVideoObj() }
