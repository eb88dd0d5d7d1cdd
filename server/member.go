package server

import (
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// member is a session in a room. Its fields are guarded by the room's lock unless they never change.
type member struct {
	room *room
	sess *session
	uid  string
	num  uint32
	log  *slog.Logger

	nickname     string
	left         bool // by whatever way
	mic          bool
	micStream    *publication
	cameras      []camera
	defaultVideo int  // 0 without cameras
	multiVideo   bool // it opens all its cameras

	noAudio  bool
	oneLimit bool
	wishes   []wire.VideoWish // declared by subscribe
	hears    *wire.AudioWish  // declared by subscribe
	wanted   []mediaWish      // the wishes as stream numbers, as last told to the engine

	media     mediaRoom   // in which it joined, which never changes
	peer      mediaPeer   // nil without media
	mediaOver atomic.Bool // the peer is of no use any more; the next offer makes a new one
	slots     slotGate
}

// camera is one of a member's cameras.
type camera struct {
	id     int
	name   string
	stream *publication // nil while closed
}

// publication is an open stream, and where in the member's offer it comes from.
type publication struct {
	wire.Stream
	mid    string
	layers []wire.Layer // the sizes in which it comes; none: one
}

// wireStream is what others are told of a publication: a copy that never changes.
func (p *publication) wireStream() *wire.Stream {
	if p == nil {
		return nil
	}
	s := p.Stream
	return &s
}

func newMember(r *room, s *session, p *wire.EnterMeetingParams) *member {
	m := &member{room: r, sess: s, uid: s.uid, noAudio: p.NoAudio, oneLimit: p.OneLimit}
	m.log = s.log.With("room", r.id)
	m.setDevices(&p.Devices)
	return m
}

// setDevices takes over what the member has. The streams of cameras that it had and still has stay.
func (m *member) setDevices(d *wire.Devices) {
	cameras := make([]camera, len(d.Videos))
	for i, v := range d.Videos {
		cameras[i] = camera{id: v.ID, name: v.Name}
		if old := m.camera(v.ID); old != nil {
			cameras[i].stream = old.stream
		}
	}
	m.mic, m.cameras, m.defaultVideo, m.multiVideo = d.Mic, cameras, 0, d.MultiVideo
	if len(cameras) > 0 {
		m.defaultVideo = d.DefaultVideo
	}
}

// camera finds a camera by ID or wire.DefaultCamera.
func (m *member) camera(id int) *camera {
	if id == wire.DefaultCamera {
		id = m.defaultVideo
	}
	i := slices.IndexFunc(m.cameras, func(c camera) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return &m.cameras[i]
}

func (m *member) micStatus() wire.Status {
	switch {
	case !m.mic:
		return wire.StatusNone
	case m.micStream != nil:
		return wire.StatusOpen
	}
	return wire.StatusClosed
}

func (m *member) videos() []wire.Video {
	videos := make([]wire.Video, len(m.cameras))
	for i, c := range m.cameras {
		videos[i] = wire.Video{ID: c.id, Name: c.name, Stream: c.stream.wireStream()}
	}
	return videos
}

// snapshot is the member as the others see it.
func (m *member) snapshot() wire.Member {
	return wire.Member{
		UID: m.uid, Nickname: m.nickname, Num: m.num, Audio: m.micStatus(), AudioStream: m.micStream.wireStream(),
		Videos: m.videos(), DefaultVideo: m.defaultVideo, MultiVideo: m.multiVideo,
	}
}

// currentMember is the session's membership; nil outside of a room.
func (s *session) currentMember() *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.member
}

// enteredRoom makes m the session's membership, and gives its nickname, unless the session has ended meanwhile.
func (s *session) enteredRoom(m *member) (nickname string, ok bool) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return "", false
	}
	s.member, nickname = m, s.nickname
	s.mu.Unlock()
	s.srv.presence.changed(s.user())
	return nickname, true
}

// leftRoom ends the membership, if it is still this one.
func (s *session) leftRoom(m *member) {
	s.mu.Lock()
	if s.member == m {
		s.member = nil
	}
	s.mu.Unlock()
	s.srv.presence.changed(s.user())
}

// inRoom runs fn for the caller's membership with the room locked; not if the membership ended meanwhile.
func (c *call) inRoom(fn func(r *room, m *member) *wire.Error) *wire.Error {
	m := c.sess.currentMember()
	if m == nil {
		return notInRoom()
	}
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	if m.left {
		return notInRoom()
	}
	return fn(m.room, m)
}
