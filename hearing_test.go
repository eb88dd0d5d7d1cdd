package crvideo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

func TestAudioSubscribeModes(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	room := bob.GetMeetInfo().ID
	carol := entered(t, srv, "carol", room)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	mix := mixOf(t, carol)
	a, b := toneOf(t, carol, "alice"), toneOf(t, carol, "bob")
	both, onlyA, onlyB := []float64{a, b}, []float64{a}, []float64{b}
	hearsTones(t, mix, crvideo.PCMRate, both)
	require.NoError(t, carol.SetAudioSubscribeList([]string{"bob", "nobody", "bob"}))
	require.NoError(t, carol.SetAudioSubscribeMode(crvideo.AudioSubscribeListed))
	assert.Equal(t, crvideo.AudioSubscribeListed, carol.GetAudioSubscribeMode())
	hearsTones(t, mix, crvideo.PCMRate, onlyB, a)
	require.NoError(t, carol.SetAudioSubscribeMode(crvideo.AudioSubscribeOthers))
	hearsTones(t, mix, crvideo.PCMRate, onlyA, b)
	require.NoError(t, carol.ExitMeeting(testContext(t))) // it outlives the room
	require.NoError(t, carol.EnterMeeting(testContext(t), room))
	hearsTones(t, mix, crvideo.PCMRate, onlyA, b)
	require.NoError(t, carol.SetAudioSubscribeList(nil))
	hearsTones(t, mix, crvideo.PCMRate, both)
	require.NoError(t, carol.SetAudioSubscribeMode(crvideo.AudioSubscribeAll))
	hearsTones(t, mix, crvideo.PCMRate, both)
}

func TestAudioSubscribeRefusals(t *testing.T) {
	c := newClient(t, newServer(t))
	for _, mode := range []crvideo.AudioSubscribeMode{-1, 3} {
		assert.ErrorIs(t, c.SetAudioSubscribeMode(mode), crvideo.CodeBadParameter)
	}
	assert.ErrorIs(t, c.SetAudioSubscribeList([]string{""}), crvideo.CodeBadParameter)
	assert.Equal(t, crvideo.AudioSubscribeAll, c.GetAudioSubscribeMode())
	require.NoError(t, c.Close())
	assert.ErrorIs(t, c.SetAudioSubscribeMode(0), crvideo.CodeNotInit)
}
