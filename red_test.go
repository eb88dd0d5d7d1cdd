package crvideo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// Of one packet of five that is lost on both ways most are in the next ones, and the tone is there.
func TestRedundancyAtLoss(t *testing.T) {
	n, alice, bob := hurtPair(t)
	cfg := alice.GetAudioCfg()
	assert.Zero(t, cfg.Redundancy)
	for _, wrong := range []int{-1, 3} {
		cfg.Redundancy = wrong
		assert.ErrorIs(t, alice.SetAudioCfg(testContext(t), cfg), crvideo.CodeBadParameter)
	}
	cfg.Redundancy = 2
	require.NoError(t, alice.SetAudioCfg(testContext(t), cfg))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	a, m := audioOf(t, bob, "alice"), mixOf(t, bob)
	want := []float64{toneOf(t, bob, "alice")}
	hearsTones(t, a, crvideo.PCMRate, want)
	of := func() crvideo.StreamStats { return bob.GetStats().Receiving[0] }
	assert.Zero(t, of().Redundant, "nothing is lost")

	n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{Loss: 0.2})
	eventually(t, "lost packets that came in later ones", func() bool {
		hearsTones(t, m, crvideo.PCMRate, want)
		return of().Redundant > 50
	})
	s := of()
	t.Logf("%d packets came, %d of them in later ones, %d were repeated, %d are lost; guessed %v", s.Packets, s.Redundant, s.Repaired, s.Lost, s.Concealed)
	n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{})
	cfg.Redundancy = 0
	require.NoError(t, alice.SetAudioCfg(testContext(t), cfg))
	hearsTones(t, a, crvideo.PCMRate, want)
}
