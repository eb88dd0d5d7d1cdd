package crvideo

import (
	"context"
	"slices"
	"sync"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// OpenMic opens a microphone (CRVideo_OpenMic): one's own with an empty or one's own UID, else that member is asked to
// open its own. Open already is no error. One's own state goes 2, 4, 3 (AudioStatusChanged); a failure restores 2.
// Errors: 12 not logged in, 21 not permitted, 800 in no room, 806 no such member, 816 too many open microphones in the
// room, 8007 the device could not be opened, 8008 no such device.
func (c *Client) OpenMic(ctx context.Context, uid string) error {
	return c.openDevice(ctx, micKind, uid)
}

// OpenVideo opens a camera (CRVideo_OpenVideo): one's own default one with an empty or one's own UID, or all of one's own
// if several at once are enabled (SetEnableMultiVideo), else that member is asked to open its own. Errors are those of OpenMic.
func (c *Client) OpenVideo(ctx context.Context, uid string) error {
	return c.openDevice(ctx, cameraKind, uid)
}

// CloseMic closes a microphone (CRVideo_CloseMic): one's own at once, another member's by the server, without asking
// that member. Closed already is no error. Errors: 12, 21, 800, 806 as with OpenMic.
func (c *Client) CloseMic(ctx context.Context, uid string) error {
	return c.closeDevice(ctx, micKind, uid)
}

// CloseVideo closes a member's open cameras, all of them, in the same way (CRVideo_CloseVideo).
func (c *Client) CloseVideo(ctx context.Context, uid string) error {
	return c.closeDevice(ctx, cameraKind, uid)
}

func (c *Client) openDevice(ctx context.Context, k deviceKind, uid string) error {
	_, err := await(ctx, k.openOp(), func(done func(nothing, error)) func() {
		report := func(err error) { done(nothing{}, err) }
		if uid != "" && uid != c.UID() {
			return c.startOpenOther(k, uid, report)
		}
		return c.startOpen(k, report)
	})
	return err
}

// startOpenOther asks another member to open its device.
func (c *Client) startOpenOther(k deviceKind, uid string, done func(error)) (abandon func()) {
	if k == micKind {
		return c.startRoomRequest(k.openOp(), wire.MethodOpenMic, &wire.OpenMicParams{UID: uid}, done)
	}
	return c.startRoomRequest(k.openOp(), wire.MethodOpenVideo, &wire.OpenVideoParams{UID: uid, VideoID: wire.DefaultCamera}, done)
}

// startCloseOther closes another member's device: of cameras all that are open, or about to be.
func (c *Client) startCloseOther(k deviceKind, uid string, done func(error)) (abandon func()) {
	if k == micKind {
		return c.startRoomRequest(k.closeOp(), wire.MethodCloseMic, &wire.UIDParams{UID: uid}, done)
	}
	var open []int
	c.withMember(uid, func(_ *room, m *member) { open = m.openIDs() })
	if len(open) == 0 {
		open = []int{wire.DefaultCamera}
	}
	all := &gathering{done: done, left: len(open)}
	for _, id := range open {
		c.startRoomRequest(k.closeOp(), wire.MethodCloseVideo, &wire.VideoParams{UID: uid, VideoID: id}, all.ended)
	}
	return noAbandon
}

func (c *Client) closeDevice(ctx context.Context, k deviceKind, uid string) error {
	op := k.closeOp()
	if uid != "" && uid != c.UID() {
		_, err := await(ctx, op, func(done func(nothing, error)) func() {
			return c.startCloseOther(k, uid, func(err error) { done(nothing{}, err) })
		})
		return err
	}
	c.mu.Lock()
	_, err := c.inRoomLocked(op)
	pubs := c.publisher(k).pubs
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return c.closeAll(ctx, op, pubs)
}

// closeAll closes publications of ours and waits for the server's answers.
func (c *Client) closeAll(ctx context.Context, op string, pubs []*publication) error {
	answers := make([]<-chan struct{}, 0, len(pubs))
	for _, pub := range pubs {
		answers = append(answers, c.closeOwn(pub))
	}
	for _, answered := range answers {
		select {
		case <-answered:
		case <-ctx.Done():
			return toError(op, ctx.Err())
		}
	}
	return nil
}

// SetAllAudioClose closes every open microphone in the room (CRVideo_SetAllAudioClose), one's own too. If some cannot be
// closed the others are all the same, and the error tells of the first. Errors are those of CloseMic.
func (c *Client) SetAllAudioClose(ctx context.Context) error {
	const op = "SetAllAudioClose"
	if _, err := c.inRoom(op); err != nil {
		return err
	}
	var open []string
	for _, m := range c.GetAllMembers() {
		if m.AudioStatus == StatusOpen || m.AudioStatus == StatusOpening {
			open = append(open, m.UID)
		}
	}
	errs := make([]error, len(open))
	var closing sync.WaitGroup
	for i, uid := range open {
		closing.Go(func() { errs[i] = c.CloseMic(ctx, uid) })
	}
	closing.Wait()
	for _, err := range errs {
		if err != nil && CodeOf(err) != CodeInvalidUser { // who has left has no open microphone
			return toError(op, err)
		}
	}
	return nil
}

// GetAudioStatus tells the state of a member's microphone (CRVideo_GetAudioStatus); an empty UID is oneself.
// StatusUnknown if there is no such member.
func (c *Client) GetAudioStatus(uid string) (status DeviceStatus) {
	c.withMember(uid, func(r *room, m *member) { status = r.infoLocked(m).AudioStatus })
	return status
}

// GetVideoStatus tells the state of a member's cameras (CRVideo_GetVideoStatus): open if any of them is.
func (c *Client) GetVideoStatus(uid string) (status DeviceStatus) {
	c.withMember(uid, func(r *room, m *member) { status = r.infoLocked(m).VideoStatus })
	return status
}

// GetAllVideoInfo lists a member's cameras (CRVideo_GetAllVideoInfo). An empty or one's own UID lists those of this
// machine, in or out of a room, the synthetic one included; another member's are known in the room only.
func (c *Client) GetAllVideoInfo(uid string) []VideoInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []VideoInfo
	if uid == "" || (c.login != nil && uid == c.login.uid) {
		if c.login != nil {
			uid = c.login.uid
		}
		for i := range c.devices.cameras {
			d := &c.devices.cameras[i]
			all = append(all, VideoInfo{UID: uid, VideoID: d.id, Name: d.name, Absent: d.absent})
		}
		return all
	}
	if c.room != nil {
		if m := c.room.members[uid]; m != nil {
			for i := range m.Videos {
				all = append(all, VideoInfo{UID: uid, VideoID: m.Videos[i].ID, Name: m.Videos[i].Name})
			}
		}
	}
	return all
}

// GetOpenedVideoIDs lists the cameras that a member has open (CRVideo_GetOpenedVideoIDs), smallest first.
func (c *Client) GetOpenedVideoIDs(uid string) (ids []int) {
	c.withMember(uid, func(r *room, m *member) {
		if m.UID == r.login.uid {
			ids = c.camera.openIDs()
			return
		}
		ids = m.openIDs()
	})
	slices.Sort(ids)
	return ids
}

// GetDefaultVideo tells a member's default camera (CRVideo_GetDefaultVideo); 0 if it has none. An empty UID is oneself.
func (c *Client) GetDefaultVideo(uid string) (id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if uid == "" || (c.login != nil && uid == c.login.uid) {
		if d := c.devices.defaultCamera(c.params.AllowSynthetic); d != nil {
			return d.id
		}
		return 0
	}
	if c.room != nil {
		if m := c.room.members[uid]; m != nil {
			return m.DefaultVideo
		}
	}
	return 0
}

// SetDefaultVideo chooses a member's default camera (CRVideo_SetDefaultVideo): one's own with an empty or one's own UID,
// in or out of a room; if another one is open it is closed and this one opened. Errors: 8008 no such camera; for another
// member those of OpenVideo, and 5 if it has no such camera.
func (c *Client) SetDefaultVideo(ctx context.Context, uid string, videoID int) error {
	const op = "SetDefaultVideo"
	if uid != "" && uid != c.UID() {
		return c.roomRequest(ctx, op, wire.MethodSetDefaultVideo, &wire.VideoParams{UID: uid, VideoID: videoID})
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return fail(op, CodeNotInit, nil)
	}
	if videoID != DefaultCamera {
		if _, err := c.devices.present(op, videoID); err != nil {
			c.mu.Unlock()
			return err
		}
	}
	c.devices.chosenCamera = max(videoID, 0) // DefaultCamera: back to the first one there is
	r := c.room
	c.mu.Unlock()
	if r == nil {
		return nil
	}
	return c.tellDevices(ctx, op, r)
}
