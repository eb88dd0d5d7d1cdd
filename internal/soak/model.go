package soak

import (
	"fmt"
	"hash/fnv"
	"sync"

	"github.com/crvideo/crvideo-go"
)

// model follows the events of one client and holds that they make sense one after the other. Who was in the room
// before us is not told by events, so a member may be unknown, but never somebody who has left.
type model struct {
	fail func(format string, args ...any)
	note func(format string, args ...any)
	ends func(crvideo.Event) // told of events that end a stay or a login

	mu      sync.Mutex
	self    string
	in      bool // in a room, by the events
	members map[string]*seen
	fresh   []string // events that must come next
	digest
}

// seen is what is known of a member.
type seen struct {
	gone         bool
	audio, video crvideo.DeviceStatus
	knowsAudio   bool
	knowsVideo   bool
	nickname     string
	defaultVideo int
}

// digest is the number of events and a hash over them.
type digest struct {
	count int
	hash  uint64
}

func (d *digest) add(e crvideo.Event) {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %T%+v", d.hash, e, e)
	d.count, d.hash = d.count+1, h.Sum64()
}

// login begins a login of this user.
func (m *model) login(uid string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.self, m.in, m.members = uid, false, map[string]*seen{}
}

// event takes the next event.
func (m *model) event(e crvideo.Event) {
	m.note("event %T%+v", e, e)
	m.mu.Lock()
	m.digest.add(e)
	m.follow(e)
	m.mu.Unlock()
	switch e := e.(type) {
	case crvideo.LineOff, crvideo.MeetingDropped, crvideo.NotifyMeetEnded: // which MeetingStopped follows
		m.ends(e)
	case crvideo.UserLeftMeeting:
		if e.UID == m.self {
			m.ends(e)
		}
	}
}

func (m *model) follow(e crvideo.Event) {
	if len(m.fresh) > 0 {
		if got := kindOf(e); got != m.fresh[0] {
			m.fail("%T%+v instead of %s", e, e, m.fresh[0])
			m.fresh = nil
		} else {
			m.fresh = m.fresh[1:]
		}
	}
	switch e := e.(type) {
	case crvideo.LineOff, crvideo.MeetingDropped:
		m.leave()
	case crvideo.NotifyMeetEnded:
		m.inRoom(e)
		m.fresh = []string{"stopped"}
	case crvideo.MeetingStopped:
		m.inRoom(e)
		m.leave()
	case crvideo.UserEnterMeeting:
		m.enters(e)
	case crvideo.UserLeftMeeting:
		m.leaves(e)
	case crvideo.AudioStatusChanged:
		m.status(e, e.UID, e.OldStatus, e.NewStatus, true)
	case crvideo.VideoStatusChanged:
		m.status(e, e.UID, e.OldStatus, e.NewStatus, false)
	case crvideo.NotifyNickNameChanged:
		if s := m.member(e, e.UID); s != nil {
			if s.nickname != "" && s.nickname != e.OldName || e.OldName == e.NewName {
				m.fail("%T%+v, and it was %q", e, e, s.nickname)
			}
			s.nickname = e.NewName
		}
	case crvideo.VideoDevChanged:
		m.member(e, e.UID)
	case crvideo.DefVideoChanged:
		if s := m.member(e, e.UID); s != nil {
			if s.defaultVideo == e.VideoID {
				m.fail("%T%+v, and it was that already", e, e)
			}
			s.defaultVideo = e.VideoID
		}
	}
}

// kindOf names the events of which the order is fixed.
func kindOf(e crvideo.Event) string {
	switch e := e.(type) {
	case crvideo.AudioStatusChanged:
		return "audio of " + e.UID
	case crvideo.VideoStatusChanged:
		return "video of " + e.UID
	case crvideo.VideoDevChanged:
		return "cameras of " + e.UID
	case crvideo.MeetingStopped:
		return "stopped"
	}
	return "something else"
}

func (m *model) leave() { m.in, m.members, m.fresh = false, map[string]*seen{}, nil }

func (m *model) inRoom(e crvideo.Event) bool {
	if !m.in {
		m.fail("%T%+v in no room", e, e)
	}
	return m.in
}

// member is who an event is about; nil, and a violation, if that cannot be.
func (m *model) member(e crvideo.Event, uid string) *seen {
	if !m.inRoom(e) {
		return nil
	}
	s := m.members[uid]
	if s == nil {
		s = &seen{}
		m.members[uid] = s
	}
	if s.gone {
		m.fail("%T%+v of somebody who has left", e, e)
		return nil
	}
	return s
}

func (m *model) enters(e crvideo.UserEnterMeeting) {
	if !m.inRoom(e) {
		return
	}
	if s := m.members[e.UID]; s != nil && !s.gone || e.UID == m.self {
		m.fail("%T%+v of somebody who is there", e, e)
	}
	m.members[e.UID] = &seen{knowsAudio: true, knowsVideo: true}
	m.fresh = []string{"audio of " + e.UID, "video of " + e.UID, "cameras of " + e.UID}
}

func (m *model) leaves(e crvideo.UserLeftMeeting) {
	if s := m.member(e, e.UID); s == nil {
		return
	}
	if e.UID == m.self {
		m.leave()
		return
	}
	m.members[e.UID] = &seen{gone: true}
}

func (m *model) status(e crvideo.Event, uid string, before, after crvideo.DeviceStatus, audio bool) {
	if uid == m.self && before == crvideo.StatusUnknown && audio { // a stay in a room begins
		m.leave()
		m.in = true
		m.members[uid] = &seen{knowsAudio: true, knowsVideo: true}
		m.fresh = []string{"video of " + uid, "cameras of " + uid}
	}
	s := m.member(e, uid)
	if s == nil {
		return
	}
	last, known := &s.video, &s.knowsVideo
	if audio {
		last, known = &s.audio, &s.knowsAudio
	}
	if *known && *last != before || before == after {
		m.fail("%T%+v, and it was %v", e, e, *last)
	}
	*last, *known = after, true
}

// differences compares what the events told with what the client says when nothing happens.
func (m *model) differences(c *crvideo.Client) (diffs []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := c.GetAllMembers()
	if in := len(all) > 0; !in {
		return nil // left on its own: no event tells
	} else if !m.in {
		return []string{"in a room, and the events tell of none"}
	}
	there := map[string]crvideo.MemberInfo{}
	for _, info := range all {
		there[info.UID] = info
	}
	for uid, s := range m.members {
		info, ok := there[uid]
		switch {
		case ok == s.gone:
			diffs = append(diffs, fmt.Sprintf("%s is there: %v, by the events: %v", uid, ok, !s.gone))
		case s.gone:
		case s.knowsAudio && s.audio != info.AudioStatus || s.knowsVideo && s.video != info.VideoStatus:
			diffs = append(diffs, fmt.Sprintf("%s is %v/%v, by the events %v/%v", uid, info.AudioStatus, info.VideoStatus, s.audio, s.video))
		case s.nickname != "" && s.nickname != info.Nickname:
			diffs = append(diffs, fmt.Sprintf("%s is named %q, by the events %q", uid, info.Nickname, s.nickname))
		}
	}
	return diffs
}
