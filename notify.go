package crvideo

import (
	"encoding/json"
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// notified takes one notification of the server. It runs on the session's read goroutine, in order.
func (c *Client) notified(l *login, method string, raw json.RawMessage) {
	handler, known := notifications[method]
	if !known {
		c.log.Debug("unknown notification", "method", method) // a newer server
		return
	}
	if err := handler(c, l, raw); err != nil {
		c.log.Error("notification not understood", "method", method, "error", err)
	}
}

// notifications are the handlers by method.
var notifications = map[string]func(*Client, *login, json.RawMessage) error{
	wire.NotifyTokenExpiring:       decoded(tokenExpiring),
	wire.NotifyGoingAway:           decoded(goingAway),
	wire.NotifyCallIn:              decoded(ofLogin(callIn)),
	wire.NotifyCallAccepted:        decoded(ofLogin(callAccepted)),
	wire.NotifyCallRejected:        decoded(ofLogin(callRejected)),
	wire.NotifyCallHangup:          decoded(ofLogin(callHangup)),
	wire.NotifyInviteIn:            decoded(ofLogin(inviteIn)),
	wire.NotifyInviteAccepted:      decoded(ofLogin(inviteAccepted)),
	wire.NotifyInviteRejected:      decoded(ofLogin(inviteRejected)),
	wire.NotifyInviteCanceled:      decoded(ofLogin(inviteCanceled)),
	wire.NotifyUserStatus:          decoded(ofLogin(userStatusChanged)),
	wire.NotifyQueues:              decoded(ofLogin(queuesChanged)),
	wire.NotifyQueueStatus:         decoded(ofLogin(queueStatusChanged)),
	wire.NotifyQueuingInfo:         decoded(ofLogin(queuingInfoChanged)),
	wire.NotifyAssigned:            decoded(ofLogin(assigned)),
	wire.NotifyAssignCanceled:      decoded(ofLogin(assignCanceled)),
	wire.NotifyAssignEnded:         decoded(ofLogin(assignEnded)),
	wire.NotifyCmdIn:               decoded(ofLogin(cmdIn)),
	wire.NotifyTransferIn:          decoded(transferIn),
	wire.NotifyTransferAccepted:    decoded(transferAccepted),
	wire.NotifyTransferEnded:       decoded(transferEnded),
	wire.NotifyMemberEntered:       inRoom((*room).memberEntered),
	wire.NotifyMemberLeft:          inRoom((*room).memberLeft),
	wire.NotifyNicknameChanged:     inRoom((*room).nicknameChanged),
	wire.NotifyMeetingEnded:        inRoom((*room).meetingEnded),
	wire.NotifyMicStatus:           inRoom((*room).micStatus),
	wire.NotifyVideoStatus:         inRoom((*room).videoStatus),
	wire.NotifyDevicesChanged:      inRoom((*room).devicesChanged),
	wire.NotifyDefaultVideoChanged: inRoom((*room).defaultVideoChanged),
	wire.NotifyMultiVideoChanged:   inRoom((*room).multiVideoChanged),
	wire.NotifyOpenMicAsked:        inRoom((*room).openMicAsked),
	wire.NotifyOpenVideoAsked:      inRoom((*room).openVideoAsked),
	wire.NotifySlotsNeeded:         inRoom((*room).slotsNeeded),
	wire.NotifyVideoWanted:         inRoom((*room).videoWanted),
	wire.NotifyRoomState:           inRoom((*room).stateChanged),
	wire.NotifyRoomMsg:             inRoom((*room).roomMsg),
	wire.NotifyAttrsChanged:        inRoom((*room).attrsChanged),
	wire.NotifyBoardCreated:        inRoom((*room).boardCreated),
	wire.NotifyBoardClosed:         inRoom((*room).boardClosed),
	wire.NotifyBoardPage:           inRoom((*room).boardPageChanged),
	wire.NotifyBoardEdited:         inRoom((*room).boardEdited),
}

func decoded[P any](handle func(*Client, *login, *P)) func(*Client, *login, json.RawMessage) error {
	return func(c *Client, l *login, raw json.RawMessage) error {
		p := new(P)
		if err := json.Unmarshal(raw, p); err != nil {
			return err
		}
		handle(c, l, p)
		return nil
	}
}

// inRoom makes a handler that is called with the room of this login, if it has one, without the lock.
func inRoom[P any](handle func(*room, *P)) func(*Client, *login, json.RawMessage) error {
	return decoded(func(c *Client, l *login, p *P) {
		c.mu.Lock()
		r := c.room
		ok := r != nil && r.login == l && r.in && !r.outdated
		c.mu.Unlock()
		if ok { // otherwise it is about a room that we have left already, or what it tells is in the answer to come
			handle(r, p)
		}
	})
}

func tokenExpiring(c *Client, l *login, _ *wire.TokenExpiring) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.login == l {
		emit(c, &c.on.tokenWillExpire, NotifyTokenWillExpire{})
	}
}

// goingAway stays where it is: the connection's end, which follows, is dealt with as any other.
func goingAway(c *Client, _ *login, p *wire.GoingAway) {
	c.log.Info("the server is going away", "grace_ms", p.GraceMS)
}

// locked runs fn under the lock if r is still the current room. Events that fn emits are in the order of its changes.
func (r *room) locked(fn func(c *Client)) {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if r.c.room == r {
		fn(r.c)
	}
}

// change runs fn on a member and tells which of its states are different afterwards.
func (r *room) change(uid string, fn func(c *Client, m *member)) {
	r.locked(func(c *Client) {
		m := r.members[uid]
		if m == nil {
			return
		}
		before, oldDefault := r.infoLocked(m), m.DefaultVideo
		fn(c, m)
		r.settleLocked(m)
		r.tellStatusLocked(before, r.infoLocked(m))
		if oldDefault != m.DefaultVideo {
			c.broadcastLocked()
			emit(c, &c.on.defVideo, DefVideoChanged{uid, m.DefaultVideo})
		}
		r.tellStreamsLocked(m)
	})
}

// tellStatusLocked tells which of a member's states are different.
func (r *room) tellStatusLocked(before, after MemberInfo) {
	c := r.c
	if before.AudioStatus != after.AudioStatus {
		emit(c, &c.on.audioStatus, AudioStatusChanged{after.UID, before.AudioStatus, after.AudioStatus})
	}
	if before.VideoStatus != after.VideoStatus {
		emit(c, &c.on.videoStatus, VideoStatusChanged{after.UID, before.VideoStatus, after.VideoStatus})
	}
}

func (r *room) memberEntered(p *wire.MemberEntered) {
	r.locked(func(*Client) { r.memberEnteredLocked(&p.Member) })
}

func (r *room) memberEnteredLocked(w *wire.Member) {
	c := r.c
	if old := r.members[w.UID]; old != nil { // it was missing, or the server repeats itself
		before := r.infoLocked(old)
		r.returnedLocked(old, w)
		r.tellStatusLocked(before, r.infoLocked(r.members[w.UID]))
		r.tellStreamsLocked(r.members[w.UID])
		return
	}
	m := r.addMemberLocked(w)
	info := r.infoLocked(m)
	emit(c, &c.on.userEnter, UserEnterMeeting{info.UID})
	r.tellStatusLocked(MemberInfo{UID: info.UID}, info)
	emit(c, &c.on.videoDev, VideoDevChanged{info.UID})
	r.tellStreamsLocked(m)
}

func (r *room) memberLeft(p *wire.MemberLeft) {
	r.locked(func(c *Client) {
		if p.UID == r.login.uid { // put out
			c.dropRoomLocked()
		} else if r.removeMemberLocked(p.UID) == nil {
			return
		}
		delete(r.lastMsgs, p.UID) // the next one may come from a machine whose clock is behind
		emit(c, &c.on.userLeft, UserLeftMeeting{p.UID, p.Reason})
	})
}

func (r *room) nicknameChanged(p *wire.NicknameChanged) {
	r.change(p.UID, func(c *Client, m *member) {
		old := m.Nickname
		if m.Nickname = p.New; old != p.New {
			emit(c, &c.on.nickName, NotifyNickNameChanged{p.UID, old, p.New})
		}
	})
	if p.UID == r.login.uid {
		r.login.session().UpdateLogin(func(l *wire.LoginParams) { l.Nickname = p.New })
	}
}

func (r *room) meetingEnded(p *wire.MeetingEnded) {
	r.locked(func(c *Client) {
		if p.MeetID == r.id {
			c.dropRoomLocked()
			emit(c, &c.on.meetEnded, NotifyMeetEnded{p.MeetID, p.By})
			emit(c, &c.on.meetingStopped, MeetingStopped{})
		}
	})
}

func (r *room) micStatus(p *wire.MicStatus) {
	if p.UID == r.login.uid {
		if p.Status == wire.StatusClosed && p.By != "" && p.By != p.UID {
			r.c.closedByOther(r, micKind, 0)
		}
		return
	}
	r.change(p.UID, func(_ *Client, m *member) {
		m.Audio = p.Status
		r.setAudioStreamLocked(m, p.Stream)
	})
}

func (r *room) videoStatus(p *wire.VideoStatus) {
	if p.UID == r.login.uid {
		if p.Stream == nil && p.By != "" && p.By != p.UID {
			r.c.closedByOther(r, cameraKind, p.VideoID)
		}
		return
	}
	r.change(p.UID, func(c *Client, m *member) {
		before, opened := r.infoLocked(m).VideoStatus, m.openIDs()
		r.setVideoStreamLocked(m, p.VideoID, p.Stream)
		if m.openBefore == nil && before == StatusOpen && r.infoLocked(m).VideoStatus == before && !slices.Equal(opened, m.openIDs()) {
			emit(c, &c.on.videoDev, VideoDevChanged{p.UID}) // beside another one that stays open
		}
	})
}

func (r *room) devicesChanged(p *wire.DevicesChanged) {
	r.change(p.UID, func(c *Client, m *member) {
		r.setDevicesLocked(m, &p.Devices)
		emit(c, &c.on.videoDev, VideoDevChanged{p.UID})
	})
}

func (r *room) defaultVideoChanged(p *wire.VideoParams) {
	r.change(p.UID, func(_ *Client, m *member) { m.DefaultVideo = p.VideoID })
	if p.UID == r.login.uid {
		r.locked(func(c *Client) {
			if c.devices.camera(p.VideoID) != nil {
				c.devices.chosenCamera = p.VideoID
			}
			r.spawnLocked(func() { c.syncCameras(r) })
		})
	}
}

func (r *room) openMicAsked(p *wire.Asked)   { r.followWish(micKind, p) }
func (r *room) openVideoAsked(p *wire.Asked) { r.followWish(cameraKind, p) }

// followWish follows another member's wish to open one of our devices, unless the application refuses such wishes.
func (r *room) followWish(k deviceKind, p *wire.Asked) {
	r.c.mu.Lock()
	refuse := r.c.params.RefuseRemoteOpen
	def := r.c.devices.defaultCamera(r.c.params.AllowSynthetic)
	one := k == cameraKind && r.c.devices.multi && (def == nil || def.id != p.VideoID) // the default one stands for all
	r.c.mu.Unlock()
	r.c.log.Info("another member asks to open a device", "op", k.openOp(), "by", p.By, "refused", refuse)
	switch {
	case refuse:
	case one:
		r.c.startOpenCamera(p.VideoID, r.c.opened(k))
	default:
		r.c.startOpen(k, r.c.opened(k))
	}
}

func (r *room) slotsNeeded(p *wire.SlotsNeeded) {
	r.locked(func(*Client) { r.need = *p })
	r.poke()
}
