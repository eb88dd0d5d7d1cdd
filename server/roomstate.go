package server

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// sharedState is what the members of a room see together, guarded by the room's lock.
type sharedState struct {
	wire.RoomState
	openUntil time.Time       // a lock that was restored holds from then on
	known     map[string]bool // UIDs that a lock does not keep out: of members, also of those who were lost
	listening *time.Timer     // looks for who speaks; nil where the main video does not follow the voice
	speaker   string          // who spoke loudest the last times
	spoke     int             // so often in a row
}

func newSharedState(version uint64) sharedState {
	return sharedState{RoomState: wire.RoomState{Version: version, MainVideoMode: wire.MainVideoPresenter}}
}

const (
	// listenTime is how often is looked for who speaks.
	listenTime = 200 * time.Millisecond
	// speakerTimes is how often in a row a member must be the loudest to become the main video: a cough is none.
	speakerTimes = 3
	// returnTime is how long a room whose lock is restored after a restart lets people in, since those who were in
	// it come back one after the other.
	returnTime = 10 * time.Second
)

// isLockedFor tells whether a lock keeps a user out. The room must be locked.
func (r *room) isLockedFor(uid string) bool {
	return r.shared.Locked && !r.shared.known[uid] && time.Now().After(r.shared.openUntil)
}

// share changes what the members see together, and tells everybody if it is different then. The room must be locked.
func (r *room) share(by string, change func(s *wire.RoomState)) {
	s := r.shared.RoomState
	change(&s)
	if s == r.shared.RoomState {
		return
	}
	s.Version++
	if s.Locked != r.shared.Locked {
		r.shared.known = r.uids()
	}
	r.shared.RoomState = s
	r.tellAll(wire.NotifyRoomState, wire.RoomStateChanged{State: s, By: by}, nil)
	r.listen()
}

// uids are those of all members. The room must be locked.
func (r *room) uids() map[string]bool {
	uids := make(map[string]bool, len(r.order))
	for _, m := range r.order {
		uids[m.uid] = true
	}
	return uids
}

// sharedWithout forgets a member who has left. The next meeting in an empty room begins afresh. The room must be locked.
func (r *room) sharedWithout(m *member, reason string) {
	if reason == wire.LeftExit || reason == wire.LeftKick {
		delete(r.shared.known, m.uid)
	}
	if len(r.members) == 0 {
		r.endShared()
		return
	}
	r.share("", func(s *wire.RoomState) {
		if s.MainVideo == m.uid && s.MainVideoMode != wire.MainVideoMember {
			s.MainVideo = ""
		}
	})
}

// endShared makes everything as in a new room, but for the version. Nobody is there to be told. The room must be locked.
func (r *room) endShared() {
	if r.shared.listening != nil {
		r.shared.listening.Stop()
	}
	r.shared = newSharedState(r.shared.Version)
}

// restoreShared takes what a member who enters again remembers, if this server has forgotten it: then what it knows is
// older. Only who could make the state is believed. The room must be locked.
func (r *room) restoreShared(m *member, s *wire.RoomState) {
	if s == nil || s.Version <= r.shared.Version || s.MainVideoMode == 0 || !m.sess.allows(token.Control) {
		return
	}
	r.shared.RoomState = *s
	r.shared.openUntil, r.shared.known = time.Now().Add(returnTime), r.uids()
	r.tellAll(wire.NotifyRoomState, wire.RoomStateChanged{State: *s}, nil)
	r.listen()
	m.log.Info("state of the room restored", "version", s.Version)
}

// listen starts or ends looking for who speaks. The room must be locked.
func (r *room) listen() {
	follow := r.shared.MainVideoMode == wire.MainVideoByVoice
	switch {
	case follow && r.shared.listening == nil:
		r.shared.speaker, r.shared.spoke = "", 0
		var timer *time.Timer
		timer = time.AfterFunc(listenTime, func() { r.heard(&timer) })
		r.shared.listening = timer
	case !follow && r.shared.listening != nil:
		r.shared.listening.Stop()
		r.shared.listening = nil
	}
}

// heard makes who speaks the main video. timer is the one that fired; it was set under the room's lock.
func (r *room) heard(timer **time.Timer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.shared.listening == nil || r.shared.listening != *timer {
		return
	}
	r.shared.listening.Reset(listenTime)
	speaker := ""
	if r.media != nil {
		speaker = r.media.Loudest()
	}
	if speaker != r.shared.speaker {
		r.shared.speaker, r.shared.spoke = speaker, 0
	}
	r.shared.spoke++
	if r.members[speaker] != nil && r.shared.spoke >= speakerTimes {
		r.share("", func(s *wire.RoomState) { s.MainVideo = speaker })
	}
}
