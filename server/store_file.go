package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// FileStore is a Store in one JSON file, readable by its owner only since it holds room passwords. Every change
// writes a new file beside it, syncs it and renames it over the old one: a crash leaves the old or the new state.
// One server at a time may use a file.
type FileStore struct {
	path string

	mu    sync.Mutex
	rooms map[int64]StoredRoom
}

// fileFormat is what the file holds.
type fileFormat struct {
	Version int          `json:"version"`
	Rooms   []StoredRoom `json:"rooms"`
}

const fileVersion = 1

// OpenFileStore reads the file if it exists; it is created by the first change. A folder in which nothing can be written
// is an error already here.
func OpenFileStore(path string) (*FileStore, error) {
	s := &FileStore{path: path, rooms: make(map[int64]StoredRoom)}
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
	return s.sorted(s.rooms), nil
}

// SaveRoom implements Store.
func (s *FileStore) SaveRoom(_ context.Context, room StoredRoom) error {
	return s.change(func(rooms map[int64]StoredRoom) { rooms[room.ID] = room })
}

// DeleteRoom implements Store.
func (s *FileStore) DeleteRoom(_ context.Context, id int64) error {
	return s.change(func(rooms map[int64]StoredRoom) { delete(rooms, id) })
}

// change writes the changed rooms, and takes them over only when they are safe.
func (s *FileStore) change(edit func(map[int64]StoredRoom)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.rooms)
	edit(next)
	if err := s.write(fileFormat{Version: fileVersion, Rooms: s.sorted(next)}); err != nil {
		return fmt.Errorf("write room store: %w", err)
	}
	s.rooms = next
	return nil
}

func (s *FileStore) sorted(rooms map[int64]StoredRoom) []StoredRoom {
	return slices.SortedFunc(maps.Values(rooms), func(a, b StoredRoom) int { return cmp.Compare(a.ID, b.ID) })
}

func (s *FileStore) write(content fileFormat) (err error) {
	data, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
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
	if err = os.Rename(tmp.Name(), s.path); err != nil {
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
