package audio

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testcodec"
)

// spoken encodes a vowel, for a network of which this part of the packets is lost.
func spoken(t testing.TB, n, rate int, loss float64) (all []packet) {
	t.Helper()
	encoder, err := codec.NewAudioEncoder(codec.Opus, rate, 1, 0)
	require.NoError(t, err)
	defer func() { assert.NoError(t, encoder.Close()) }()
	require.NoError(t, encoder.SetLoss(loss))
	fill, pcm, out := vowel(rate), make([]int16, rate/50), make([]byte, codec.MaxAudioPacket)
	for i := range n {
		fill(pcm)
		size, err := encoder.Encode(pcm, out)
		require.NoError(t, err)
		all = append(all, packet{seq: uint16(i), ts: uint32(i * 960), data: slices.Clone(out[:size])})
	}
	return all
}

// What a reader gives for a lost packet of a voice, from the packet after it, is the sound that was lost, and not a guess; the
// better, the more is reported as lost.
func TestLostSpeechIsHeard(t *testing.T) {
	testcodec.NeedFEC(t)
	little, much := rebuilds(t, 0.1), rebuilds(t, 0.3)
	assert.Greater(t, much, little+0.3)
}

// rebuilds tells how far what is rebuilt is above its error, in decibels, while so much is reported as lost.
func rebuilds(t *testing.T, loss float64) float64 {
	const rate, packets = 16000, 300
	f := Format{Rate: rate, Channels: 1, Frame: frame}
	sent := spoken(t, packets, rate, loss)
	redundant := 0
	for _, p := range sent {
		if codec.HasRedundancy(p.data) {
			redundant++
		}
	}
	require.NotZero(t, redundant)
	lost := func(i int) bool { return i%5 == 3 && i+1 < packets && codec.HasRedundancy(sent[i+1].data) }
	var count Counters
	listen := func(drop func(i int) bool, guess bool) (heard []int16) {
		o, err := NewOrdered(f, &count)
		require.NoError(t, err)
		defer func() { require.NoError(t, o.Close()) }()
		missing := 0
		for i, p := range sent {
			switch {
			case !drop(i):
				heard = append(heard, o.Decode(p.data, p.ts, frame, missing)...)
				missing = 0
			case guess:
				pcm := make([]int16, f.FrameSamples())
				o.decoder.Conceal(Clock/50, pcm)
				heard, missing = append(heard, pcm...), 0
				o.next += Clock / 50
			default:
				missing++
			}
		}
		return heard
	}
	whole := listen(func(int) bool { return false }, false)
	rebuilt := listen(lost, false)
	told := count.Read()
	guessed := listen(lost, true)
	require.Len(t, rebuilt, len(whole))
	require.Len(t, guessed, len(whole))
	n, gone := f.FrameSamples(), 0
	var signal, offRebuilt, offGuessed float64
	for i := range sent {
		if !lost(i) {
			continue
		}
		gone++
		for k := i * n; k < (i+1)*n; k++ {
			signal += math.Pow(float64(whole[k]), 2)
			offRebuilt += math.Pow(float64(whole[k]-rebuilt[k]), 2)
			offGuessed += math.Pow(float64(whole[k]-guessed[k]), 2)
		}
	}
	above := func(off float64) float64 { return 10 * math.Log10(signal/off) }
	t.Logf("%.0f %% reported, %d of %d packets lost: what was rebuilt is %.1f dB above its error, a guess %.1f dB; %+v",
		100*loss, gone, packets, above(offRebuilt), above(offGuessed), told)
	require.Greater(t, gone, packets/10)
	assert.Equal(t, frame*time.Duration(gone), told.Recovered)
	assert.Zero(t, told.Concealed)
	assert.Less(t, 2*offRebuilt, offGuessed)
	return above(offRebuilt)
}
