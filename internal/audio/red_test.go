package audio

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// arrive sends packets as RED with so many earlier ones over a network that loses one of five and repeats none, and gives what
// there is of them then.
func arrive(t testing.TB, sent []packet, earlier int) (got []packet) {
	t.Helper()
	var w rtpkit.REDWriter
	rnd := rand.New(rand.NewPCG(11, 12))
	have := map[uint16]bool{}
	for _, p := range sent {
		red, ok := rtpkit.ParseRED(w.Write(p.data, p.ts, 111, earlier, 1160))
		require.True(t, ok)
		if rnd.IntN(5) == 0 {
			continue
		}
		for i := range red.Len() {
			offset, data := red.Earlier(i)
			if seq := p.seq - uint16(red.Len()-i); !have[seq] {
				have[seq] = true
				got = append(got, packet{seq: seq, ts: p.ts - offset, data: slices.Clone(data), at: p.at})
			}
		}
		have[p.seq] = true
		got = append(got, packet{seq: p.seq, ts: p.ts, data: slices.Clone(red.Primary()), at: p.at})
	}
	return got
}

// The tone of which one packet of five is lost, and none is repeated, has fewer gaps the more each packet says of those before it.
func TestREDFillsGaps(t *testing.T) {
	sent := packets(t, 1500, 48000)
	var gaps [rtpkit.MostRedundancy + 1]float64
	var guessed [len(gaps)]time.Duration
	for earlier := range gaps {
		heard, j := playback(t, mono48, arrive(t, sent, earlier))
		heard = heard[mono48.Rate : len(heard)-2*mono48.Rate]
		windows, missing := 0, 0
		for window := range slices.Chunk(heard, mono48.FrameSamples()) {
			if windows++; testpattern.ToneShare(window, mono48.Rate, toneHz) < 0.9 {
				missing++
			}
		}
		gaps[earlier] = float64(missing) / float64(windows)
		c := j.count.Read()
		guessed[earlier] = c.Concealed
		t.Logf("%d earlier packets in each: %.1f %% of the windows have not the tone, %v guessed, delay %v", earlier, 100*gaps[earlier], c.Concealed, c.Delay)
	}
	assert.Greater(t, guessed[0], 5*time.Second)
	assert.Less(t, guessed[1], guessed[0]/3)
	assert.Less(t, guessed[2], guessed[1]/2)
	assert.LessOrEqual(t, gaps[1], gaps[0]/2) // a decoder in Go guesses a tone so well that there are none
	assert.LessOrEqual(t, gaps[2], gaps[1]/2)
}
