package crvideo_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// isTone reads until the sound is a tone.
func isTone(ctx context.Context, t *testing.T, r crvideo.PCMReader, rate int, hz float64) {
	t.Helper()
	for pcm := make([]int16, rate/5); crvideotest.ToneShare(pcm, rate, hz) < 0.9; {
		for filled := 0; filled < len(pcm); {
			n, err := r.ReadPCM(ctx, pcm[filled:])
			require.NoError(t, err, "the tone was never there")
			filled += n
		}
	}
}

// Streams are told of when they begin, once, and give what is sent.
func TestStreams(t *testing.T) {
	srv := newServer(t)
	alice, bob := loggedIn(t, srv, "alice"), loggedIn(t, srv, "bob")
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	openBoth(t, alice)
	sounds, pictures := make(chan crvideo.NotifyAudioStream, 10), make(chan crvideo.NotifyVideoStream, 10)
	bob.OnNotifyAudioStream(func(e crvideo.NotifyAudioStream) { sounds <- e })
	bob.OnNotifyVideoStream(func(e crvideo.NotifyVideoStream) { pictures <- e })
	require.NoError(t, bob.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, bob.OpenMic(testContext(t), ""))

	there := receive(t, sounds)
	require.Equal(t, crvideo.AudioSideSpeaker, there.Side)
	own := receive(t, sounds)
	require.Equal(t, crvideo.AudioSideMic, own.Side)
	for _, s := range []struct {
		stream crvideo.AudioStream
		hz     float64
	}{{there.Stream, toneOf(t, bob, "alice")}, {own.Stream, toneOf(t, bob, "bob")}} {
		r, err := s.stream.Open(crvideo.WithRate(16000))
		require.NoError(t, err)
		isTone(testContext(t), t, r, 16000, s.hz)
		require.NoError(t, r.Close())
		_, err = r.ReadPCM(testContext(t), make([]int16, 1))
		assert.ErrorIs(t, err, io.EOF)
	}
	_, err := own.Stream.Open(crvideo.WithRate(12345))
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)

	for range 2 {
		e := receive(t, pictures)
		assert.Equal(t, "alice", e.UID)
		assert.Equal(t, alice.GetDefaultVideo(""), e.VideoID)
		v, err := e.Stream.Open()
		require.NoError(t, err)
		f, err := v.ReadFrame(testContext(t))
		require.NoError(t, err)
		member, _, _ := crvideotest.ReadPattern(f.Image)
		assert.EqualValues(t, 1, member)
		require.NoError(t, v.Close())
		require.NoError(t, alice.CloseVideo(testContext(t), ""))
		require.NoError(t, alice.OpenVideo(testContext(t), ""))
	}
	receive(t, pictures)
	require.NoError(t, alice.SetNickName(testContext(t), "alice", "Ann"))
	eventually(t, "the name", func() bool { return bob.GetMemberNickName("alice") == "Ann" })
	assert.Empty(t, pictures, "told once")
	assert.Empty(t, sounds)
	_, err = crvideo.AudioStream{}.Open()
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	_, err = crvideo.VideoStream{}.Open()
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
}
