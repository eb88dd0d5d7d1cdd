//go:build pulse

package pulsetest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// babble writes noise of the loudness of speech, with the syllables of speech, until ctx ends.
func babble(ctx context.Context, q *crvideo.PCMQueue) {
	random := rand.New(rand.NewPCG(1, 2))
	last := 0.0
	for n := 0; ; n++ {
		pcm := make([]int16, rate/50)
		loud := 2500 * (1 + math.Sin(2*math.Pi*4*float64(n)/50)) / 2 // four syllables a second
		for i := range pcm {
			last = 0.7*last + random.NormFloat64() // more low than high, as a voice
			pcm[i] = int16(max(-20000, min(20000, loud*last)))
		}
		if q.Write(ctx, pcm) != nil {
			return
		}
	}
}

// levels reads a member's sound for a time, and gives how loud it is in each stretch of 200 ms, in dB.
func levels(t *testing.T, a *crvideo.AudioReader, stretches int) (db []float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for pcm := make([]int16, rate/5); len(db) < stretches; {
		sum := 0.0
		for filled := 0; filled < len(pcm); {
			n, err := a.ReadPCM(ctx, pcm[filled:])
			require.NoError(t, err)
			filled += n
		}
		for _, v := range pcm {
			sum += float64(v) * float64(v)
		}
		db = append(db, 10*math.Log10(sum/float64(len(pcm))+1))
	}
	return db
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// What a speaker plays comes back into the microphone beside it, through the whole way of both, and is taken out there:
// who speaks does not hear itself.
func TestRealEchoIsCancelled(t *testing.T) {
	require.NoError(t, crvideo.GetAudioFeatures().EchoCancellation)
	srv := crvideotest.NewServer(t)
	far, room := member(t, srv, "far", 0)
	near, _ := member(t, srv, "near", room)
	speech, err := crvideo.NewPCMQueue()
	require.NoError(t, err)
	id, err := far.AddMic(t.Context(), "speech", speech.Open)
	require.NoError(t, err)
	cfg := far.GetAudioCfg()
	cfg.MicID = id
	require.NoError(t, far.SetAudioCfg(t.Context(), cfg))
	require.NoError(t, far.OpenMic(t.Context(), ""))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); babble(ctx, speech) }()
	defer func() { cancel(); <-ended }()

	cfg = near.GetAudioCfg()
	cfg.MicID = micNamed(near, microphone).MicID
	cfg.AutoGainControl, cfg.NoiseSuppression, cfg.EchoCancellation = false, false, false
	require.NoError(t, near.SetAudioCfg(t.Context(), cfg))
	require.NoError(t, near.PlaySpeaker(t.Context()))
	require.NoError(t, near.OpenMic(t.Context(), ""))
	back, err := far.Audio("near")
	require.NoError(t, err)
	defer back.Close()
	levels(t, back, 10)
	echo := median(levels(t, back, 15))
	require.Greater(t, echo, 45.0, "there is an echo to take out")

	cfg.EchoCancellation = true
	require.NoError(t, near.SetAudioCfg(t.Context(), cfg))
	levels(t, back, 20) // it learns
	// On a busy machine speaker and microphone do not keep step all the time, and it begins to learn anew: the best of some
	// stretches of three seconds is what it can do here.
	best := 0.0
	for range 10 {
		left := median(levels(t, back, 15))
		t.Logf("echo %.1f dB, left of it %.1f dB: %.1f dB softer", echo, left, echo-left)
		if best = max(best, echo-left); best > 20 {
			break
		}
	}
	assert.Greater(t, best, 6.0, "dB")
}
