package server

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// StoredRoom is what is kept of a regular room.
type StoredRoom struct {
	ID       int64     `json:"id"`
	AppID    string    `json:"appID"`
	Subject  string    `json:"subject,omitempty"`
	Password string    `json:"password,omitempty"`
	Created  time.Time `json:"created"`

	Attrs        map[string]Attr `json:"attrs,omitempty"` // never changed: a change is another map
	AttrsVersion uint64          `json:"attrsVersion,omitempty"`

	Boards json.RawMessage `json:"boards,omitempty"` // whiteboards and what is on them, up to 8 MiB; to be given back as it is
}

// Attr is an attribute of a room: its value, who changed it last, and when.
type Attr = wire.Attr

// Store keeps regular rooms beyond the life of a server. Its methods may be called at the same time. Their context ends
// after 10 seconds, or when a Shutdown has waited long enough; they must return then, since Shutdown waits for them.
type Store interface {
	// Rooms gives all rooms. It is called once, by New.
	Rooms(ctx context.Context) ([]StoredRoom, error)
	// SaveRoom adds or replaces a room. When it returns, the room is safe. Changed attributes and boards are saved half a second
	// later, and at the latest by Shutdown.
	SaveRoom(ctx context.Context, room StoredRoom) error
	// DeleteRoom removes a room; one that is not there is no error.
	DeleteRoom(ctx context.Context, id int64) error
}

// storeTime is how long a store may take for one room.
const storeTime = 10 * time.Second

// storing is the context for a change of the store. It does not end with the session that asked for the change, which
// would leave it open whether it was made.
func (s *Server) storing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, storeTime)
}

// MemoryStore is a Store that forgets with the process. Two servers, one after the other, may share it.
type MemoryStore struct {
	mu     sync.Mutex
	rooms  map[int64]StoredRoom
	queues map[queueKey]Queue
}

// NewMemoryStore makes an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{rooms: make(map[int64]StoredRoom), queues: make(map[queueKey]Queue)}
}

// Rooms implements Store.
func (s *MemoryStore) Rooms(context.Context) ([]StoredRoom, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rooms := make([]StoredRoom, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r)
	}
	return rooms, nil
}

// SaveRoom implements Store.
func (s *MemoryStore) SaveRoom(_ context.Context, room StoredRoom) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[room.ID] = room
	return nil
}

// DeleteRoom implements Store.
func (s *MemoryStore) DeleteRoom(_ context.Context, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rooms, id)
	return nil
}
