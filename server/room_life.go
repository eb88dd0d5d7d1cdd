package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// loadRooms makes the regular rooms of the store.
func (s *Server) loadRooms(ctx context.Context) error {
	kept, err := s.cfg.Store.Rooms(ctx)
	if err != nil {
		return fmt.Errorf("load rooms: %w", err)
	}
	for _, k := range kept {
		if k.ID < wire.MinMeetID || k.ID > wire.MaxMeetID {
			return fmt.Errorf("load rooms: room ID %d does not have 8 digits", k.ID)
		}
		r := newRoom(s, k, true)
		if r.boards, err = loadBoards(k.Boards); err != nil {
			return fmt.Errorf("load rooms: boards of room %d: %w", k.ID, err)
		}
		s.rooms[k.ID] = r
	}
	return nil
}

// addRoom makes a room with an unused ID and starts its life. A regular one is stored first.
func (s *Server) addRoom(kept StoredRoom, regular bool) (*room, *wire.Error) {
	r, failed := s.allocateRoom(kept, regular)
	if failed != nil {
		return nil, failed
	}
	if regular {
		kept.ID = r.id
		ctx, cancel := s.storing()
		defer cancel()
		if err := s.cfg.Store.SaveRoom(ctx, kept); err != nil {
			s.dropRoom(r)
			s.log.Error("cannot store a room", "room", r.id, "err", err)
			return nil, wire.Errorf(wire.CodeNoRoomLeft, "the room cannot be stored")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.startIdle()
	return r, nil
}

// idTries is how many random IDs are tried: with a tenth of all IDs in use, all are taken once in 10^50 calls.
const idTries = 50

func (s *Server) allocateRoom(kept StoredRoom, regular bool) (*room, *wire.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase != serving: // nobody would end its timer
		return nil, goingAway()
	case len(s.rooms) >= s.limits.Rooms:
		return nil, wire.Errorf(wire.CodeNoRoomLeft, "the server has %d rooms, more are not allowed", s.limits.Rooms)
	}
	for range idTries {
		kept.ID = wire.MinMeetID + randomBelow(wire.MaxMeetID-wire.MinMeetID+1)
		if s.rooms[kept.ID] == nil {
			r := newRoom(s, kept, regular)
			s.rooms[kept.ID] = r
			return r, nil
		}
	}
	return nil, wire.Errorf(wire.CodeNoRoomLeft, "no room ID is free")
}

// dropRoom removes a room from the books.
func (s *Server) dropRoom(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[r.id] == r {
		delete(s.rooms, r.id)
	}
}

// room finds a room of an app.
func (s *Server) room(appID string, id int64) (*room, *wire.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[id]; r != nil && r.appID == appID {
		return r, nil
	}
	return nil, noSuchRoom()
}

func noSuchRoom() *wire.Error { return wire.Errorf(wire.CodeRoomAbsent, "there is no such room") }

// startIdle starts the end of a room in which nobody is. The room must be locked.
func (r *room) startIdle() {
	if r.regular || r.ended || len(r.members)+r.places > 0 || r.idle != nil {
		return
	}
	r.idleCount++
	count := r.idleCount
	r.idle = time.AfterFunc(r.srv.limits.RoomLife, func() { r.expire(count) })
}

// stopIdle keeps a room in which somebody is. The room must be locked.
func (r *room) stopIdle() {
	if r.idle != nil {
		r.idle.Stop()
		r.idle = nil
	}
}

// expire removes an empty room at its time, unless somebody came just then.
func (r *room) expire(count uint64) {
	r.mu.Lock()
	due := r.idle != nil && r.idleCount == count && !r.ended
	r.mu.Unlock()
	if due && r.end("", true) {
		r.log.Info("room removed: nobody was in it")
	}
}

// end ends the room: nobody gets in any more, everybody inside is told and out. It tells whether it was the first
// to do so; onlyEmpty leaves a room alone in which somebody is.
func (r *room) end(by string, onlyEmpty bool) bool {
	r.mu.Lock()
	if r.ended || onlyEmpty && len(r.members)+r.places > 0 {
		r.mu.Unlock()
		return false
	}
	r.ended = true
	r.stopIdle()
	media := r.putOut(by)
	r.mu.Unlock()
	r.over(true, media)
	return true
}

// over does what is left to be done, without the lock, when a meeting has ended; forGood: and its room with it.
func (r *room) over(forGood bool, media mediaRoom) {
	if forGood {
		r.srv.dropRoom(r)
	}
	if media != nil {
		r.srv.background(media.Close)
	}
}

// putOut puts everybody out of a meeting that has ended and gives its media, which the caller must close. The room must
// be locked.
func (r *room) putOut(by string) mediaRoom {
	r.tellAll(wire.NotifyMeetingEnded, wire.MeetingEnded{MeetID: r.id, By: by}, nil)
	r.hookStopped(by)
	for _, m := range r.order {
		m.leave() // the media of all ends with the room's
		r.srv.metrics.left.WithLabelValues("ended").Inc()
		m.sess.leftRoom(m)
	}
	media := r.media
	r.members, r.order, r.openMics, r.media = make(map[string]*member), nil, 0, nil
	r.endShared()
	r.attrs.users = nil
	r.recent = recentMsgs{}
	r.boards.history = boardHistory{}
	return media
}

// stop ends the meeting in the room for everybody. A regular room stays, empty, for the next one. The room must be
// locked; over follows without the lock.
func (r *room) stop(by string) mediaRoom {
	if !r.regular {
		r.ended = true
		r.stopIdle()
	}
	return r.putOut(by)
}

// abandon ends the room of a server that shuts down: silently.
func (r *room) abandon() {
	r.mu.Lock()
	r.ended = true
	r.stopIdle()
	r.endShared()
	media, unsaved := r.media, r.store.timer != nil
	r.mu.Unlock()
	if unsaved {
		r.srv.work.Go(r.save) // Shutdown waits for it, as long as it waits for anything
	}
	if media != nil {
		media.Close()
	}
}

// randomBelow gives a random number below n.
func randomBelow(n int64) int64 {
	v, _ := rand.Int(rand.Reader, big.NewInt(n)) // never fails
	return v.Int64()
}
