package crvideo_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/testcodec"
)

// Samples that the application writes arrive byte for byte.
func TestEncodedSamplesInAndOut(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ctx := testContext(t)
	asked := atomic.Int32{}
	q, err := crvideo.NewSampleQueue("video/VP8")
	require.NoError(t, err)
	q.OnKeyFrameRequest = func() { asked.Add(1) }
	require.NoError(t, q.Write(ctx, crvideo.Sample{Data: []byte("discarded")}), "the device is closed")
	seen := record(t, bob)
	id, err := alice.AddCamera(ctx, "my encoder", q.Open)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, id, 50)
	require.NoError(t, alice.SetDefaultVideo(ctx, "", id))
	seen.waitFor(t, crvideo.DefVideoChanged{UID: "alice", VideoID: id})
	require.NoError(t, alice.OpenVideo(ctx, ""))

	v, err := bob.Video("alice", id)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	sent := map[uint32][]byte{}
	stop := make(chan struct{})
	written := make(chan error, 1)
	go func() {
		for n := uint32(0); ; n++ {
			select {
			case <-stop:
				written <- nil
				return
			case <-time.After(20 * time.Millisecond): // the pace of the application
			}
			if err := q.Write(ctx, crvideo.Sample{Data: vp8KeyFrame(n), Duration: 20 * time.Millisecond, Key: true}); err != nil {
				written <- err
				return
			}
		}
	}()
	for n := range uint32(1000) {
		sent[n] = vp8KeyFrame(n)
	}
	for range 10 {
		s, err := v.ReadSample(ctx)
		require.NoError(t, err)
		require.Greater(t, len(s.Data), 14)
		n := binary.BigEndian.Uint32(s.Data[10:])
		assert.Equal(t, sent[n], s.Data)
		assert.True(t, s.Key)
	}
	close(stop)
	require.NoError(t, <-written)
	assert.Positive(t, asked.Load(), "a new watcher needs a key frame")
}

// vp8KeyFrame has the head of a key frame of 320x240 and a body that tells n; larger than a packet.
func vp8KeyFrame(n uint32) []byte {
	head := []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00}
	head = binary.BigEndian.AppendUint32(head, n)
	return append(head, bytes.Repeat([]byte{byte(n), byte(n >> 8)}, 1500)...)
}

// A stream that was captured from a call plays from files, again and again.
func TestFilesAsCameraAndMicrophone(t *testing.T) {
	testcodec.NeedH264(t)
	alice, bob := pair(t, newServer(t))
	ctx := testContext(t)
	openBoth(t, alice)
	dir := t.TempDir()
	h264, ogg := filepath.Join(dir, "a.h264"), filepath.Join(dir, "a.ogg")
	captureH264(ctx, t, bob, "alice", h264)
	captureOgg(ctx, t, bob, "alice", ogg)
	require.NoError(t, alice.CloseVideo(ctx, ""))
	require.NoError(t, alice.CloseMic(ctx, ""))

	cam, err := bob.AddCamera(ctx, "file", crvideo.H264File(h264, 15, true))
	require.NoError(t, err)
	mic, err := bob.AddMic(ctx, "file", crvideo.OggOpusFile(ogg, true))
	require.NoError(t, err)
	require.NoError(t, bob.SetDefaultVideo(ctx, "", cam))
	cfg := bob.GetAudioCfg()
	cfg.MicID = mic
	require.NoError(t, bob.SetAudioCfg(testContext(t), cfg))
	openBoth(t, bob)

	// The files carry alice's picture and tone, so that is what bob sends now.
	v, err := alice.Video("bob", cam)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	counters := map[uint32]bool{}
	for len(counters) < wantPictures {
		f, err := v.ReadFrame(ctx)
		require.NoError(t, err)
		member, counter, ok := crvideotest.ReadPattern(f.Image)
		require.True(t, ok)
		require.EqualValues(t, 1, member)
		counters[counter] = true
	}
	a, err := alice.Audio("bob")
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	pcm := make([]int16, crvideo.PCMRate/5)
	for filled := 0; filled < len(pcm); {
		n, err := a.ReadPCM(ctx, pcm[filled:])
		require.NoError(t, err)
		filled += n
	}
	hz, ok := crvideotest.DetectTone(pcm, crvideo.PCMRate)
	require.True(t, ok)
	assert.InDelta(t, crvideotest.ToneFrequency(1), hz, 2)
}

func captureH264(ctx context.Context, t *testing.T, c *crvideo.Client, uid, file string) {
	v, err := c.Video(uid, crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	var data []byte
	for range 20 {
		s, err := v.ReadSample(ctx)
		require.NoError(t, err)
		data = append(data, s.Data...)
	}
	require.NoError(t, os.WriteFile(file, data, 0o600))
}

func captureOgg(ctx context.Context, t *testing.T, c *crvideo.Client, uid, file string) {
	a, err := c.Audio(uid)
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	w, err := oggwriter.New(file, 48000, 2)
	require.NoError(t, err)
	for n := range uint32(50) {
		s, err := a.ReadSample(ctx)
		require.NoError(t, err)
		packet := rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: n * 960}, Payload: s.Data}
		require.NoError(t, w.WriteRTP(&packet))
	}
	require.NoError(t, w.Close())
}

// failingSource delivers a few samples, then ends with an error.
type failingSource struct {
	crvideo.Source
	left int
	err  error
}

func (s *failingSource) Next(ctx context.Context) (crvideo.Sample, error) {
	if s.left--; s.left < 0 {
		return crvideo.Sample{}, s.err
	}
	return s.Source.Next(ctx)
}

func TestSourceThatEnds(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		failed bool
	}{"at its end": {io.EOF, false}, "unplugged": {io.ErrUnexpectedEOF, true}} {
		t.Run(name, func(t *testing.T) {
			alice, bob := pair(t, newServer(t))
			ctx := testContext(t)
			id, err := alice.AddMic(ctx, "failing", func(ctx context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
				s, err := crvideo.SyntheticMic(ctx, f)
				return &failingSource{Source: s, left: 5, err: c.err}, err
			})
			require.NoError(t, err)
			require.NoError(t, alice.SetAudioCfg(testContext(t), crvideo.AudioCfg{MicID: id, MicVolume: 100}))
			atAlice, atBob := record(t, alice), record(t, bob)
			require.NoError(t, alice.OpenMic(ctx, ""))
			closed := crvideo.AudioStatusChanged{UID: "alice", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed}
			atAlice.waitFor(t, closed)
			atBob.waitFor(t, closed)
			if c.failed {
				e := waitEvent(t, atAlice, "OpenMicFailed", func(crvideo.OpenMicFailed) bool { return true })
				assert.Equal(t, crvideo.CodeDeviceFailed, e.Code)
			}
		})
	}
}

func TestSourceThatCannotBeOpened(t *testing.T) {
	alice, _ := pair(t, newServer(t))
	ctx := testContext(t)
	id, err := alice.AddCamera(ctx, "missing file", crvideo.H264File(filepath.Join(t.TempDir(), "missing"), 15, false))
	require.NoError(t, err)
	require.NoError(t, alice.SetDefaultVideo(ctx, "", id))
	err = alice.OpenVideo(ctx, "")
	assert.ErrorIs(t, err, crvideo.CodeDeviceFailed)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.Equal(t, crvideo.StatusClosed, alice.GetVideoStatus(""))

	garbage := make([]byte, 10000)
	_, _ = rand.Read(garbage)
	file := filepath.Join(t.TempDir(), "garbage.ogg")
	require.NoError(t, os.WriteFile(file, garbage, 0o600))
	mic, err := alice.AddMic(ctx, "garbage", crvideo.OggOpusFile(file, false))
	require.NoError(t, err)
	require.NoError(t, alice.SetAudioCfg(testContext(t), crvideo.AudioCfg{MicID: mic, MicVolume: 100}))
	assert.ErrorIs(t, alice.OpenMic(ctx, ""), crvideo.CodeDeviceFailed)
}

func TestSettingsChangeWhileTheCameraIsOpen(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ctx := testContext(t)
	require.NoError(t, alice.OpenVideo(ctx, ""))
	v, err := bob.Video("alice", crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	for _, cfg := range []crvideo.VideoCfg{{Size: 1}, {Size: 5}, {Size: 8, Ratio: 3}} {
		require.NoError(t, alice.SetVideoCfg(testContext(t), cfg))
		want := map[int][2]int{1: {640, 360}, 5: {168, 96}, 8: {192, 192}}[cfg.Size]
		for {
			f, err := v.ReadFrame(ctx)
			require.NoError(t, err)
			if f.Image.Rect.Dx() == want[0] && f.Image.Rect.Dy() == want[1] {
				requirePatternOf(t, f.Image, bob, "alice")
				break
			}
		}
	}
	assert.Equal(t, crvideo.VideoCfg{Size: 8, FPS: 15, Ratio: 3}, alice.GetVideoCfg())
	assert.Equal(t, crvideo.StatusOpen, alice.GetVideoStatus(""))
}

// A source that is to be opened when Close has just begun is not there, and says so.
func TestSourceOpenedWhileClosing(t *testing.T) {
	src, err := crvideo.OpenWhileClosing(newClient(t, newServer(t)), silent("audio/opus"))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, src)
}
