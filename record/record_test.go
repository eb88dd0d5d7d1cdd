package record_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/testcodec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
	"github.com/crvideo/crvideo-go/record"
)

// Which kinds of files hold the pictures that this build encodes, and which do not.
var fits, refuses, advice = func() (string, string, string) {
	if testcodec.H264 {
		return ".mp4", ".webm", "MP4 or Matroska"
	}
	return ".webm", ".mp4", "Matroska or WebM"
}()

// lasts waits until the recording is that long.
func lasts(t *testing.T, r *record.Recording, length time.Duration) {
	t.Helper()
	require.Eventually(t, func() bool { return r.Stats().Length >= length }, bound, 20*time.Millisecond)
}

func TestRecordMember(t *testing.T) {
	srv := crvideotest.NewServer(t)
	var s stage
	alice, room := onStage(t, srv.URL(), "alice", 0, &s)
	bob, _ := member(t, srv.URL(), "bob", room)
	dir := t.TempDir()
	var all []*record.Recording
	for _, name := range []string{"a" + fits, "a.mkv"} { // before anything is open
		r, err := record.Start(t.Context(), bob, filepath.Join(dir, name), record.Options{UID: "alice"})
		require.NoError(t, err)
		all = append(all, r)
	}
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	lasts(t, all[0], 2*time.Second)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: fps})) // another size in the middle
	lasts(t, all[0], 4*time.Second)
	for _, r := range all {
		require.NoError(t, r.Stop())
		require.NoError(t, r.Stop())
		stats := r.Stats()
		require.Len(t, stats.Files, 1)
		info, err := os.Stat(stats.Files[0])
		require.NoError(t, err)
		assert.Equal(t, info.Size(), stats.Bytes)
		assert.Greater(t, stats.Pictures, 40)
		assert.Greater(t, stats.Packets, 60, "a tenth of each second, and what is sent before a pause counts as one")
		assert.InDelta(t, stats.Length.Seconds(), (time.Duration(stats.Packets)*20*time.Millisecond + stats.Silence).Seconds(), 0.5)
		assert.Zero(t, stats.Late)
	}
}

// A recording of the room asks for everybody's sound, not only that of the loudest; one of a member changes nothing.
func TestARoomIsHeardWhole(t *testing.T) {
	srv := crvideotest.NewServer(t)
	bob, _ := member(t, srv.URL(), "bob", 0)
	for _, o := range []record.Options{{UID: "alice"}, {NoAudio: true}, {NoVideo: true}} {
		assert.Equal(t, crvideo.AudioSubscribeAll, bob.GetAudioSubscribeMode())
		r, err := record.Start(t.Context(), bob, filepath.Join(t.TempDir(), "room.mkv"), o)
		require.NoError(t, err)
		require.NoError(t, r.Stop())
	}
	assert.Equal(t, crvideo.AudioSubscribeOthers, bob.GetAudioSubscribeMode())
}

func TestRecordEnds(t *testing.T) {
	srv := crvideotest.NewServer(t)
	bob, room := member(t, srv.URL(), "bob", 0)
	dir := t.TempDir()
	nothing, err := record.Start(t.Context(), bob, filepath.Join(dir, "nothing.mkv"), record.Options{UID: "nobody"})
	require.NoError(t, err)
	require.NoError(t, nothing.Stop())
	assert.NoFileExists(t, filepath.Join(dir, "nothing.mkv"))
	assert.Empty(t, nothing.Stats().Files)

	ctx, cancel := context.WithCancel(t.Context())
	byContext, err := record.Start(ctx, bob, filepath.Join(dir, "context.mp4"), record.Options{UID: "alice", NoVideo: true})
	require.NoError(t, err)
	cancel()
	<-byContext.Done()
	require.NoError(t, byContext.Err())

	var s stage
	alice, _ := onStage(t, srv.URL(), "alice", room, &s)
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	refused, err := record.Start(t.Context(), bob, filepath.Join(dir, "refused"+refuses), record.Options{UID: "alice"})
	require.NoError(t, err)
	byClient, err := record.Start(t.Context(), bob, filepath.Join(dir, "client"+fits), record.Options{UID: "alice", NoAudio: true})
	require.NoError(t, err)
	<-refused.Done()
	require.ErrorIs(t, refused.Err(), crvideo.CodeNoPlatform)
	assert.ErrorContains(t, refused.Stop(), "use "+advice)
	lasts(t, byClient, time.Second)
	require.NoError(t, bob.Close())
	<-byClient.Done()
	require.NoError(t, byClient.Err())
	assert.FileExists(t, filepath.Join(dir, "client"+fits))

	for name, o := range map[string]record.Options{
		"a.avi": {UID: "alice"}, "b.mp4": {UID: "alice", NoAudio: true, NoVideo: true}, "c.mp4": {UID: "alice", CamID: -2},
		"d.mp4": {Width: 10, Height: 10}, "e.mp4": {FPS: 100},
	} {
		_, err := record.Start(t.Context(), alice, filepath.Join(dir, name), o)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter, name)
	}
	_, err = record.Start(t.Context(), bob, filepath.Join(dir, "closed.mp4"), record.Options{UID: "alice"})
	assert.ErrorIs(t, err, crvideo.CodeNotInit)
	_, err = record.Start(t.Context(), alice, filepath.Join(dir, "no", "folder.mp4"), record.Options{UID: "bob"})
	assert.ErrorIs(t, err, crvideo.CodeFile)
}

// A disk that is full ends the recording, and nothing else.
func TestRecordToAFullDisk(t *testing.T) {
	const device = "/dev/full"
	if _, err := os.Stat(device); err != nil {
		t.Skip("no " + device)
	}
	srv := crvideotest.NewServer(t)
	var s stage
	alice, room := onStage(t, srv.URL(), "alice", 0, &s)
	bob, _ := member(t, srv.URL(), "bob", room)
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	link := filepath.Join(t.TempDir(), "full"+fits)
	require.NoError(t, os.Symlink(device, link))
	r, err := record.Start(t.Context(), bob, link, record.Options{UID: "alice"})
	require.NoError(t, err)
	<-r.Done()
	require.ErrorIs(t, r.Err(), crvideo.CodeDiskFull)
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	f, err := v.ReadFrame(testContext(t))
	require.NoError(t, err)
	_, _, ok := testpattern.Read(f.Image)
	assert.True(t, ok, "the call goes on")
}
