package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
)

// FileStore is a Store in one JSON file, readable by its owner only since it holds room passwords, and one for each room
// with whiteboards beside it. Every change
// writes a new file beside it, syncs it and renames it over the old one: a crash leaves the old or the new state.
// One server at a time may use a file.
type FileStore struct {
	path string

	mu     sync.Mutex
	rooms  map[int64]StoredRoom // without boards
	boards map[int64][]byte
	queues map[queueKey]Queue
}

// fileFormat is what the file holds.
type fileFormat struct {
	Version int          `json:"version"`
	Rooms   []StoredRoom `json:"rooms"`
	Queues  []Queue      `json:"queues,omitempty"`
}

const fileVersion = 1

// OpenFileStore reads the file if it exists; it is created by the first change. A folder in which nothing can be written
// is an error already here.
func OpenFileStore(path string) (*FileStore, error) {
	s := &FileStore{path: path, rooms: make(map[int64]StoredRoom), boards: make(map[int64][]byte), queues: make(map[queueKey]Queue)}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.probed()
	}
	if err != nil {
		return nil, fmt.Errorf("read room store: %w", err)
	}
	var content fileFormat
	if err := json.Unmarshal(data, &content); err != nil {
		return nil, fmt.Errorf("read room store %s: %w", path, err)
	}
	if content.Version != fileVersion {
		return nil, fmt.Errorf("read room store %s: version %d, this program knows %d", path, content.Version, fileVersion)
	}
	for _, r := range content.Rooms {
		s.rooms[r.ID] = r
		if err := s.loadBoards(r.ID); err != nil {
			return nil, fmt.Errorf("read room store: %w", err)
		}
	}
	for _, q := range content.Queues {
		s.queues[queueKey{q.AppID, q.ID}] = q
	}
	return s.probed()
}

// probed is the store if files can be made in its folder. Nothing is written: a full disk is no reason not to serve the
// rooms that there are.
func (s *FileStore) probed() (*FileStore, error) {
	tmp, err := s.temporary()
	if err == nil {
		_ = tmp.Close()
		err = os.Remove(tmp.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("write room store: %w", err)
	}
	return s, nil
}

// temporary makes an empty file beside the store's, with mode 0600.
func (s *FileStore) temporary() (*os.File, error) {
	return os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*")
}

// Rooms implements Store.
func (s *FileStore) Rooms(context.Context) ([]StoredRoom, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rooms := s.sorted(s.rooms)
	for i := range rooms {
		rooms[i].Boards = s.boards[rooms[i].ID]
	}
	return rooms, nil
}

// SaveRoom implements Store.
func (s *FileStore) SaveRoom(_ context.Context, room StoredRoom) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.saveBoards(&room); err != nil {
		return fmt.Errorf("write room store: %w", err)
	}
	return s.change(func(rooms map[int64]StoredRoom) { rooms[room.ID] = room })
}

// DeleteRoom implements Store.
func (s *FileStore) DeleteRoom(_ context.Context, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.change(func(rooms map[int64]StoredRoom) { delete(rooms, id) }); err != nil {
		return err
	}
	return s.saveBoards(&StoredRoom{ID: id})
}

// boardsPath is the file of a room's boards: they are much longer than all the rest and change often, so that they are not
// in the file of all rooms.
func (s *FileStore) boardsPath(id int64) string { return fmt.Sprintf("%s.boards.%d.json", s.path, id) }

// saveBoards writes the boards of a room if they are other ones than before. The store must be locked.
func (s *FileStore) saveBoards(room *StoredRoom) error {
	if bytes.Equal(room.Boards, s.boards[room.ID]) {
		return nil
	}
	var err error
	if len(room.Boards) == 0 {
		err = os.Remove(s.boardsPath(room.ID))
		delete(s.boards, room.ID)
	} else if err = s.replace(s.boardsPath(room.ID), room.Boards); err == nil {
		s.boards[room.ID] = room.Boards
	}
	return err
}

// loadBoards reads the boards of a room, if it has some.
func (s *FileStore) loadBoards(id int64) error {
	text, err := os.ReadFile(s.boardsPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s.boards[id] = text
	return err
}

// change writes the changed rooms, and takes them over only when they are safe. The store must be locked.
func (s *FileStore) change(edit func(map[int64]StoredRoom)) error {
	next := maps.Clone(s.rooms)
	edit(next)
	for id, room := range next {
		if room.Boards != nil {
			room.Boards = nil
			next[id] = room
		}
	}
	if reflect.DeepEqual(next, s.rooms) {
		return nil
	}
	if err := s.write(fileFormat{Version: fileVersion, Rooms: s.sorted(next), Queues: sortedQueues(s.queues)}); err != nil {
		return fmt.Errorf("write room store: %w", err)
	}
	s.rooms = next
	return nil
}

func (s *FileStore) sorted(rooms map[int64]StoredRoom) []StoredRoom {
	return slices.SortedFunc(maps.Values(rooms), func(a, b StoredRoom) int { return cmp.Compare(a.ID, b.ID) })
}

func (s *FileStore) write(content fileFormat) error {
	data, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	return s.replace(s.path, data)
}

// replace writes a new file and renames it over the old one.
func (s *FileStore) replace(path string, data []byte) (err error) {
	tmp, err := s.temporary()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(append(data, '\n')); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(s.path))
	return nil
}

// syncDir makes a rename last through a power cut, where the system can do that for folders.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
