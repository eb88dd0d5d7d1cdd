package server

import (
	"encoding/json"
	"sync"
	"time"
)

// saveDelay is how long changes of a regular room are gathered before they are stored.
const saveDelay = 500 * time.Millisecond

// roomStore is how far a regular room is stored.
type roomStore struct {
	timer *time.Timer // nil: nothing is to be saved. Guarded by the room's lock

	mu      sync.Mutex      // held while the store is changed; taken before the room's lock
	removed bool            // from the store, for good
	boards  json.RawMessage // as they were stored last
}

// stored is what is kept of the room. The room must be locked.
func (r *room) stored() StoredRoom {
	return StoredRoom{
		ID: r.id, AppID: r.appID, Subject: r.subject, Password: r.password, Created: r.created,
		Attrs: r.attrs.room, AttrsVersion: r.attrs.version,
	}
}

// saveSoon stores a regular room in a moment. The room must be locked.
func (r *room) saveSoon() {
	if r.regular && r.store.timer == nil && !r.ended {
		r.store.timer = time.AfterFunc(saveDelay, func() { r.srv.background(r.save) })
	}
}

// save stores what has changed.
func (r *room) save() {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.mu.Lock()
	due := r.store.timer != nil
	if due {
		r.store.timer.Stop()
		r.store.timer = nil
	}
	kept := r.stored()
	var boards *storedBoards
	if due && r.boards.changed {
		r.boards.changed = false
		snapshot := r.boards.snapshot()
		boards = &snapshot
	}
	r.mu.Unlock()
	if !due || r.store.removed {
		return
	}
	if boards != nil {
		r.store.boards = boards.encode()
	}
	kept.Boards = r.store.boards
	ctx, cancel := r.srv.storing()
	defer cancel()
	if err := r.srv.cfg.Store.SaveRoom(ctx, kept); err != nil {
		r.log.Error("cannot store a room", "err", err)
	}
}

// unstore takes the room out of the store.
func (r *room) unstore() error {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	ctx, cancel := r.srv.storing()
	defer cancel()
	if err := r.srv.cfg.Store.DeleteRoom(ctx, r.id); err != nil {
		return err
	}
	r.store.removed = true
	return nil
}
