package crvideo

import (
	"context"
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// member is another user in the room, or oneself, with the streams that can be received of it. Guarded by Client.mu.
type member struct {
	wire.Member
	audio  *rtc.Inlet         // nil: microphone closed, oneself, or no media
	videos map[int]*rtc.Inlet // by camera; nil until there is one
	energy energy

	shown   *MemberInfo // while the server was away: as what the application sees the member; nil: as it is
	missing bool        // it has not come back yet

	told map[int]uint32 // by camera: the stream that tellStreamsLocked told of last

	openBefore []int // the cameras that were open before the server was away, until the time of changes is over; nil: none, or it was not
}

// openIDs are the cameras that are open, smallest first.
func (m *member) openIDs() (ids []int) {
	for i := range m.Videos {
		if m.Videos[i].Stream != nil {
			ids = append(ids, m.Videos[i].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// videoKey names a camera of a member; camID may be DefaultCamera.
type videoKey struct {
	uid   string
	camID int
}

func (r *room) addMemberLocked(w *wire.Member) *member {
	m := &member{Member: *w}
	if _, known := r.members[w.UID]; !known {
		r.order = append(r.order, w.UID)
	}
	r.members[w.UID] = m
	delete(r.voices, w.UID)
	if w.UID == r.login.uid {
		r.voices[w.UID] = m
	}
	r.setAudioStreamLocked(m, w.AudioStream)
	for i := range m.Videos {
		r.setVideoStreamLocked(m, m.Videos[i].ID, m.Videos[i].Stream)
	}
	return m
}

func (r *room) removeMemberLocked(uid string) *member {
	m := r.members[uid]
	if m == nil {
		return nil
	}
	r.setAudioStreamLocked(m, nil)
	for i := range m.Videos {
		r.setVideoStreamLocked(m, m.Videos[i].ID, nil)
	}
	delete(r.members, uid)
	delete(r.voices, uid)
	r.forgetAttrsLocked(uid)
	for i, u := range r.order {
		if u == uid {
			r.order = append(r.order[:i], r.order[i+1:]...)
			break
		}
	}
	return m
}

// setAudioStreamLocked notes the stream of a member's microphone, or its end.
func (r *room) setAudioStreamLocked(m *member, s *wire.Stream) {
	m.audio = r.replaceInlet(m.UID, m.AudioStream, m.audio, s)
	m.AudioStream = s
	r.meteredLocked(m)
}

// meteredLocked makes the meter look at a member who can be heard.
func (r *room) meteredLocked(m *member) {
	if m.audio != nil && !r.request.NoAudio {
		r.voices[m.UID] = m
	}
}

// setVideoStreamLocked notes the stream of one of a member's cameras, or its end.
func (r *room) setVideoStreamLocked(m *member, camID int, s *wire.Stream) {
	for i := range m.Videos {
		v := &m.Videos[i]
		if v.ID != camID {
			continue
		}
		if inlet := r.replaceInlet(m.UID, v.Stream, m.videos[camID], s); inlet != nil {
			m.watchLocked(camID, inlet)
		} else {
			delete(m.videos, camID)
		}
		v.Stream = s
	}
	r.c.turnLocked()
}

func (m *member) watchLocked(camID int, inlet *rtc.Inlet) {
	if m.videos == nil { // in a large room almost nobody shows anything
		m.videos = make(map[int]*rtc.Inlet)
	}
	m.videos[camID] = inlet
}

func (r *room) replaceInlet(uid string, old *wire.Stream, inlet *rtc.Inlet, s *wire.Stream) *rtc.Inlet {
	if r.conn == nil || uid == r.login.uid {
		return nil // nobody receives oneself
	}
	if s == nil && inlet == nil {
		return nil // nobody need look: in a large room almost all who come and go are silent
	}
	if old != nil && inlet != nil {
		if s != nil && s.Num == old.Num {
			return inlet
		}
		r.conn.RemoveStream(old.Num)
	}
	r.c.broadcastLocked()
	if s == nil {
		return nil
	}
	return r.conn.AddStream(s.Num, s.Codec)
}

// receiveLocked receives a member's streams by the room's connection of now.
func (r *room) receiveLocked(m *member) {
	m.audio = r.replaceInlet(m.UID, nil, nil, m.AudioStream)
	r.meteredLocked(m)
	for i := range m.Videos {
		delete(m.videos, m.Videos[i].ID)
		if inlet := r.replaceInlet(m.UID, nil, nil, m.Videos[i].Stream); inlet != nil {
			m.watchLocked(m.Videos[i].ID, inlet)
		}
	}
}

// setDevicesLocked notes what a member has; streams of cameras that stay go on.
func (r *room) setDevicesLocked(m *member, d *wire.Devices) {
	next := make([]wire.Video, len(d.Videos))
	copy(next, d.Videos)
	for i := range m.Videos {
		old := &m.Videos[i]
		kept := false
		for j := range next {
			if next[j].ID == old.ID {
				next[j].Stream, kept = old.Stream, true
			}
		}
		if !kept {
			r.setVideoStreamLocked(m, old.ID, nil)
		}
	}
	m.Videos, m.DefaultVideo, m.MultiVideo = next, d.DefaultVideo, d.MultiVideo
	if !d.Mic && m.Audio == wire.StatusClosed {
		m.Audio = wire.StatusNone
	} else if d.Mic && m.Audio == wire.StatusNone {
		m.Audio = wire.StatusClosed
	}
}

// infoLocked is what the application sees of a member. One's own states are those of one's devices, since only these know
// "opening".
func (r *room) infoLocked(m *member) MemberInfo {
	info := MemberInfo{
		UID: m.UID, Nickname: m.Nickname, Num: m.Num,
		AudioStatus: DeviceStatus(m.Audio), VideoStatus: DeviceStatus(m.VideoStatus()),
	}
	switch {
	case m.UID == r.login.uid:
		info.AudioStatus, info.VideoStatus = r.c.mic.status, r.c.camera.status
	case m.shown != nil:
		info.AudioStatus, info.VideoStatus = m.shown.AudioStatus, m.shown.VideoStatus
	}
	return info
}

// withMember runs fn under the lock if uid is a member of the room we are in; an empty uid is oneself.
func (c *Client) withMember(uid string, fn func(r *room, m *member)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil || !c.room.in {
		return false
	}
	if uid == "" {
		uid = c.room.login.uid
	}
	m := c.room.members[uid]
	if m == nil {
		return false
	}
	fn(c.room, m)
	return true
}

// GetAllMembers lists everybody in the room, oneself included, in the order of entering (CRVideo_GetAllMembers).
// It is empty when one is in no room.
func (c *Client) GetAllMembers() []MemberInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil || !c.room.in {
		return nil
	}
	all := make([]MemberInfo, 0, len(c.room.order))
	for _, uid := range c.room.order {
		all = append(all, c.room.infoLocked(c.room.members[uid]))
	}
	return all
}

// GetMemberInfo describes a member (CRVideo_GetMemberInfo); false if there is none with this UID.
func (c *Client) GetMemberInfo(uid string) (info MemberInfo, ok bool) {
	ok = c.withMember(uid, func(r *room, m *member) { info = r.infoLocked(m) })
	return info, ok
}

// GetMemberNickName tells a member's nickname, or "" if there is no such member (CRVideo_GetMemberNickName).
func (c *Client) GetMemberNickName(uid string) string {
	info, _ := c.GetMemberInfo(uid)
	return info.Nickname
}

// IsUserInMeeting tells whether a user is in the room we are in (CRVideo_IsUserInMeeting).
func (c *Client) IsUserInMeeting(uid string) bool {
	_, ok := c.GetMemberInfo(uid)
	return ok && uid != ""
}

// SetNickName gives a member, usually oneself, another nickname (CRVideo_SetNickName).
// Errors: 5 empty or above 128 bytes, 12 not logged in, 21 not permitted, 800 in no room, 806 no such member.
func (c *Client) SetNickName(ctx context.Context, uid, newName string) error {
	const op = "SetNickName"
	params := &wire.SetNicknameParams{UID: uid, Nickname: newName}
	if uid == "" || uid != c.UID() {
		return c.roomRequest(ctx, op, wire.MethodSetNickname, params)
	}
	return c.roomChange(ctx, op, wire.MethodSetNickname, params, func(r *room) {
		r.nicknameChanged(&wire.NicknameChanged{UID: uid, New: newName})
	})
}
