package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func withStore(s Store) func(*Config) { return func(cfg *Config) { cfg.Store = s } }

// TestRegularRoomsSurviveARestart, with their passwords; other rooms do not, and destroyed ones stay destroyed.
func TestRegularRoomsSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rooms.json")
	open := func() Store {
		store, err := OpenFileStore(path)
		require.NoError(t, err)
		return store
	}
	var regular, destroyed, passing wire.MeetInfo
	t.Run("before", func(t *testing.T) {
		s := start(t, withStore(open()))
		c := login(t, s, "ann")
		regular = c.create(wire.CreateMeetingParams{Subject: "日本語", NeedPassword: true, Regular: true})
		destroyed = c.create(wire.CreateMeetingParams{Regular: true})
		passing = c.create(wire.CreateMeetingParams{})
		c.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: destroyed.ID}, nil)
	})
	s := start(t, withStore(open()))
	c := login(t, s, "bob")
	c.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(destroyed.ID))
	c.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(passing.ID))
	c.fails(wire.CodeRoomPassword, wire.MethodEnterMeeting, enterParams(regular.ID))
	p := enterParams(regular.ID)
	p.Password = regular.Password
	var result wire.EnterMeetingResult
	c.must(wire.MethodEnterMeeting, p, &result)
	assert.Equal(t, wire.MeetInfo{ID: regular.ID, Subject: "日本語", Regular: true}, result.Meeting)
}

func TestFileStore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rooms.json")
	store, err := OpenFileStore(path)
	require.NoError(t, err)
	room := StoredRoom{ID: 12345678, AppID: "app", Password: "p", Created: time.Now().UTC().Truncate(time.Second)}
	require.NoError(t, store.SaveRoom(t.Context(), room))
	require.NoError(t, store.DeleteRoom(t.Context(), 87654321))
	again, err := OpenFileStore(path)
	require.NoError(t, err)
	rooms, err := again.Rooms(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []StoredRoom{room}, rooms)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 1, "nothing is left over")
	if info, err := os.Stat(path); assert.NoError(t, err) && runtime.GOOS != "windows" {
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds passwords")
	}
}

func TestFileStoreFails(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]any{"garbage": "x", "future": fileFormat{Version: 2}} {
		data, err := json.Marshal(content)
		require.NoError(t, err)
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		_, err = OpenFileStore(path)
		assert.ErrorContains(t, err, path)
	}
	_, err := OpenFileStore(dir)
	require.Error(t, err)

	gone := filepath.Join(dir, "none")
	_, err = OpenFileStore(filepath.Join(gone, "rooms.json"))
	require.ErrorContains(t, err, gone, "told at the start, not by the first room")
	require.NoError(t, os.Mkdir(gone, 0o700))
	store, err := OpenFileStore(filepath.Join(gone, "rooms.json"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(gone), "nothing was left in it")
	require.Error(t, store.SaveRoom(t.Context(), StoredRoom{ID: 12345678}))
	rooms, err := store.Rooms(t.Context())
	require.NoError(t, err)
	assert.Empty(t, rooms, "what is not safe is not there")

	s := start(t, withStore(store))
	c := login(t, s, "ann")
	c.fails(wire.CodeNoRoomLeft, wire.MethodCreateMeeting, wire.CreateMeetingParams{Regular: true})
	c.create(wire.CreateMeetingParams{})
	assert.Equal(t, 1, s.count().rooms)
}

// TestFileStoreAtTheSameTime: changes that come together are all in the file.
func TestFileStoreAtTheSameTime(t *testing.T) {
	const n = 20
	path := filepath.Join(t.TempDir(), "rooms.json")
	store, err := OpenFileStore(path)
	require.NoError(t, err)
	done := make(chan error, n)
	for i := range int64(n) {
		go func() { done <- store.SaveRoom(t.Context(), StoredRoom{ID: wire.MinMeetID + i, AppID: "app"}) }()
	}
	for range n {
		require.NoError(t, <-done)
	}
	again, err := OpenFileStore(path)
	require.NoError(t, err)
	rooms, err := again.Rooms(t.Context())
	require.NoError(t, err)
	require.Len(t, rooms, n)
}
