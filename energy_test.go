package crvideo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// The synthetic tone has an amplitude of 10,000: a root mean square of 0.216, which is 2 of 10.
func TestEnergyFollowsTheSound(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	atAlice, atBob := record(t, alice), record(t, bob)
	assert.Zero(t, bob.GetMicEnergy("alice"))
	assert.Zero(t, bob.GetMicEnergy("nobody"))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	up := crvideo.MicEnergyUpdate{UID: "alice", OldLevel: 0, NewLevel: 2}
	atAlice.waitFor(t, up)
	atBob.waitFor(t, up)
	assert.Equal(t, 2, bob.GetMicEnergy("alice"))
	assert.Equal(t, 2, alice.GetMicEnergy(""))
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	down := crvideo.MicEnergyUpdate{UID: "alice", OldLevel: 2, NewLevel: 0}
	atAlice.waitFor(t, down)
	atBob.waitFor(t, down)
	assert.Zero(t, bob.GetMicEnergy("alice"))
}

// Louder and softer by MicVolume, which only counts without gain control. Twice as loud is 4, muted 0.
func TestMicVolume(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	atBob := record(t, bob)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	set := func(volume int, agc bool) {
		cfg := alice.GetAudioCfg()
		cfg.MicVolume, cfg.AutoGainControl = volume, agc
		require.NoError(t, alice.SetAudioCfg(testContext(t), cfg))
	}
	reaches := func(level int) {
		t.Helper()
		eventually(t, "the level", func() bool { return bob.GetMicEnergy("alice") == level })
		waitEvent(t, atBob, "the level", func(e crvideo.MicEnergyUpdate) bool { return e.NewLevel == level })
	}
	reaches(2)
	set(200, false)
	reaches(4)
	set(1000, false) // far too loud, and still no more than full scale
	reaches(6)
	hearsTones(t, audioOf(t, bob, "alice"), crvideo.PCMRate, []float64{toneOf(t, bob, "alice")})
	set(0, true)
	reaches(0)
	set(200, true)
	reaches(2)
}

// Of sound that comes encoded, as from a file or the application, the level is told too.
func TestEnergyOfEncodedSound(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	carol := entered(t, srv, "carol", bob.GetMeetInfo().ID)
	relay, err := crvideo.NewSampleQueue("audio/opus")
	require.NoError(t, err)
	_, err = bob.AddMic(testContext(t), "relay", relay.Open)
	require.NoError(t, err)
	require.NoError(t, bob.OpenMic(testContext(t), ""))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	ctx, stop := context.WithCancel(testContext(t))
	defer stop()
	source := audioOf(t, bob, "alice")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if s, err := source.ReadSample(ctx); err == nil {
				_ = relay.Write(ctx, s)
			}
		}
	}()
	eventually(t, "the level", func() bool { return carol.GetMicEnergy("bob") == 2 })
	stop()
	<-ended
}

func TestAudioFeaturesSayWhatIsMissing(t *testing.T) {
	f := crvideo.GetAudioFeatures()
	for _, err := range []error{f.AutoGainControl, f.EchoCancellation, f.NoiseSuppression} {
		if err != nil { // a machine without the library
			assert.ErrorIs(t, err, crvideo.CodeNoPlatform)
			assert.ErrorContains(t, err, "unavailable")
		}
	}
}
