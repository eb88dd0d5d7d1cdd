package crvideo_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// heardPCM keeps what NotifyAudioPCMDat brings.
type heardPCM struct {
	mu    sync.Mutex
	sides map[crvideo.AudioSide][]int16
	sizes map[crvideo.AudioSide]int
}

func (h *heardPCM) on(e crvideo.NotifyAudioPCMDat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sides[e.Side] = append(h.sides[e.Side], e.PCM...)
	h.sizes[e.Side] = len(e.PCM)
}

// share is how much of the last 200 ms is in a tone.
func (h *heardPCM) share(side crvideo.AudioSide, rate int, hz float64) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	pcm := h.sides[side]
	if len(pcm) < rate/5 {
		return 0
	}
	return crvideotest.ToneShare(pcm[len(pcm)-rate/5:], rate, hz)
}

func TestMirrorDeliversPCM(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice")
	room := newRoom(t, alice)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, alice.OpenMic(testContext(t), ""))

	require.NoError(t, initialise(t, crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true}))
	t.Cleanup(func() { crvideo.OnNotifyAudioPCMDat(nil) })
	ended := crvideo.Default().Done()
	t.Cleanup(func() { crvideo.Uninit(); <-ended })
	h := &heardPCM{sides: map[crvideo.AudioSide][]int16{}, sizes: map[crvideo.AudioSide]int{}}
	crvideo.OnNotifyAudioPCMDat(h.on)
	c := crvideo.Default()
	seen := record(t, c)
	require.NoError(t, crvideo.StartGetAudioPCM(crvideo.AudioSideMic, crvideo.AudioPCMEvents, crvideo.AudioPCMParams{}))
	require.NoError(t, crvideo.StartGetAudioPCM(crvideo.AudioSideSpeaker, 0, crvideo.AudioPCMParams{Rate: 24000, FrameMS: 10}))
	require.NoError(t, c.Login(testContext(t), loginParams("bob")))
	require.NoError(t, c.EnterMeeting(testContext(t), room.ID))
	require.NoError(t, c.OpenMic(testContext(t), ""))
	own, other := toneOf(t, c, "bob"), toneOf(t, c, "alice")
	eventually(t, "one's own tone", func() bool { return h.share(crvideo.AudioSideMic, 16000, own) > 0.9 })
	eventually(t, "the other's tone", func() bool { return h.share(crvideo.AudioSideSpeaker, 24000, other) > 0.9 })
	h.mu.Lock()
	assert.Equal(t, map[crvideo.AudioSide]int{0: 320, 1: 240}, h.sizes)
	h.mu.Unlock()

	assert.ErrorIs(t, crvideo.StartGetAudioPCM(0, 0, crvideo.AudioPCMParams{}), crvideo.CodeLoginState)
	crvideo.StopGetAudioPCM(crvideo.AudioSideMic)
	crvideo.StopGetAudioPCM(crvideo.AudioSideMic)
	crvideo.StopGetAudioPCM(7)
	require.NoError(t, crvideo.StartGetAudioPCM(0, 0, crvideo.AudioPCMParams{Rate: 8000, Channels: 2}), "and again")
	crvideo.StopGetAudioPCM(crvideo.AudioSideMic)
	for _, e := range seen.all() {
		_, pcm := e.(crvideo.NotifyAudioPCMDat)
		assert.False(t, pcm)
	}

	// a handler that hangs loses sound, and nothing else
	hang := make(chan struct{})
	crvideo.OnNotifyAudioPCMDat(func(crvideo.NotifyAudioPCMDat) { <-hang })
	busy := time.NewTimer(2 * time.Second)
	<-busy.C
	crvideo.OnNotifyAudioPCMDat(nil)
	close(hang)
	require.NoError(t, c.CloseMic(testContext(t), ""))
	seen.waitFor(t, crvideo.AudioStatusChanged{UID: "bob", OldStatus: crvideo.StatusOpen, NewStatus: crvideo.StatusClosed})
}

func TestMirrorPCMRefusals(t *testing.T) {
	assert.ErrorIs(t, crvideo.StartGetAudioPCM(2, 1, crvideo.AudioPCMParams{Rate: 1}), crvideo.CodeNotInit)
	crvideo.StopGetAudioPCM(0)
	assert.ErrorIs(t, crvideo.PlaySpeaker(), crvideo.CodeNotInit)
	mirrored(t, newServer(t))
	for _, bad := range []crvideo.AudioPCMParams{{Rate: 1}, {Channels: 5}, {FrameMS: 30}} {
		assert.ErrorIs(t, crvideo.StartGetAudioPCM(1, 0, bad), crvideo.CodeBadParameter)
	}
	assert.ErrorIs(t, crvideo.StartGetAudioPCM(2, 0, crvideo.AudioPCMParams{}), crvideo.CodeBadParameter)
	assert.ErrorIs(t, crvideo.StartGetAudioPCM(0, 1, crvideo.AudioPCMParams{}), crvideo.CodeBadParameter)
	crvideo.StopGetAudioPCM(0)
	assert.ErrorIs(t, crvideo.PlaySpeaker(), crvideo.CodeNoPlatform)
	crvideo.PauseSpeaker()
	assert.Empty(t, crvideo.GetAudioSpkNames())
	assert.Zero(t, crvideo.GetMicEnergy(""))
}

func TestSetAllAudioClose(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	carol := entered(t, srv, "carol", bob.GetMeetInfo().ID)
	all := []*crvideo.Client{alice, bob, carol}
	for _, c := range all {
		require.NoError(t, c.OpenMic(testContext(t), ""))
	}
	for _, uid := range []string{"alice", "bob", "carol"} {
		eventually(t, "open", func() bool { return alice.GetAudioStatus(uid) == crvideo.StatusOpen })
	}
	require.NoError(t, alice.SetAllAudioClose(testContext(t)))
	for _, c := range all {
		for _, uid := range []string{"alice", "bob", "carol"} {
			eventually(t, "closed", func() bool { return c.GetAudioStatus(uid) == crvideo.StatusClosed })
		}
	}
	require.NoError(t, alice.SetAllAudioClose(testContext(t)), "all are closed already")
	require.NoError(t, alice.ExitMeeting(testContext(t)))
	assert.ErrorIs(t, alice.SetAllAudioClose(testContext(t)), crvideo.CodeNoRoom)
}
