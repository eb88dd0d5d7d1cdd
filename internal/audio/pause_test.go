package audio

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// Bursts of a tone, of half a second in each two.
const (
	burstEvery  = 100 // packets
	burstLength = 25
	bursts      = 6
)

// burst encodes the bursts as a sender does that leaves out pauses: of each pause its first packet is sent, and none after that.
func burst(t testing.TB, rate int) (sent []packet) {
	t.Helper()
	encoder, err := codec.NewAudioEncoder(codec.Opus, rate, 1, 0)
	require.NoError(t, err)
	defer func() { assert.NoError(t, encoder.Close()) }()
	require.NoError(t, encoder.SetDTX(true))
	tone := testpattern.NewTone(toneHz, rate)
	pcm, out := make([]int16, rate/50), make([]byte, codec.MaxAudioPacket)
	paused := false
	for i := range bursts * burstEvery {
		if clear(pcm); i%burstEvery < burstLength {
			tone.Fill(pcm)
		}
		size, err := encoder.Encode(pcm, out)
		require.NoError(t, err)
		was := paused
		if paused = codec.IsPause(out[:size]); !paused || !was {
			sent = append(sent, packet{
				seq: uint16(65500 + len(sent)), ts: uint32(1<<32 - 48000 + i*960), data: slices.Clone(out[:size]), at: time.Duration(i) * frame,
			})
		}
	}
	require.Less(t, len(sent), bursts*burstEvery*6/10)
	return sent
}

// requireBursts looks for the tone where it must be, and nowhere else: at most so much of each burst, at its beginning and at its
// end, may be missing, and so much later than the first one it may be.
func requireBursts(t *testing.T, heard []int16, rate int, mayMiss, late time.Duration) {
	t.Helper()
	const step = 10 * time.Millisecond
	n := int(step) * rate / int(time.Second)
	var on []time.Duration // when the tone is heard
	for i := 0; i+n <= len(heard); i += n {
		if Power(heard[i:i+n]) > 1e-3 {
			on = append(on, time.Duration(i/n)*step)
		}
	}
	require.NotEmpty(t, on)
	begin := on[0]
	for b := range time.Duration(bursts) {
		from := begin + b*burstEvery*frame
		in := 0
		for _, at := range on {
			if at >= from-2*step && at < from+burstLength*frame+2*step+late {
				in++
			}
		}
		assert.InDelta(t, (burstLength * frame).Seconds(), (time.Duration(in) * step).Seconds(), (mayMiss + 2*step).Seconds(), "burst %d", b)
	}
	for _, at := range on {
		require.Less(t, (at-begin+2*step)%(burstEvery*frame), burstLength*frame+4*step+late, "the tone is heard at %v", at)
	}
}

func TestPausesCostNothingAndNothingIsClipped(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		heard, j := playback(t, mono48, burst(t, rate))
		requireBursts(t, heard, mono48.Rate, 0, 0)
		c := j.count.Read()
		t.Logf("%d Hz: %+v", rate, c)
		assert.Zero(t, c.Concealed, "a pause is not loss")
		assert.Zero(t, c.Late)
		assert.Zero(t, c.Shortened)
		assert.Equal(t, 20*time.Millisecond, c.Delay)
	}
}

func TestPausesAtLoss(t *testing.T) {
	sent, lost := lossy(burst(t, 48000), 0.2)
	heard, j := playback(t, mono48, sent)
	requireBursts(t, heard, mono48.Rate, 4*frame, 2*frame)
	c := j.count.Read()
	t.Logf("of %v lost %+v", lost, c)
	assert.Less(t, c.Concealed, 1500*time.Millisecond)
	assert.Zero(t, c.Late)
}

// Read at once as packets come, pauses are as long as they were, with nothing given for them while they last, or everything,
// or too much.
func TestOrderedKeepsTimeOverPauses(t *testing.T) {
	sent := burst(t, 16000)
	for name, early := range map[string]func(whole time.Duration) time.Duration{
		"nothing": func(time.Duration) time.Duration { return 0 },
		"half":    func(whole time.Duration) time.Duration { return (whole / 2).Truncate(frame) },
		"all":     func(whole time.Duration) time.Duration { return whole },
		"too much": func(whole time.Duration) time.Duration {
			if whole > 0 {
				return whole + 2*frame
			}
			return 0
		},
	} {
		var count Counters
		o, err := NewOrdered(mono48, &count)
		require.NoError(t, err)
		var heard []int16
		for i, p := range sent {
			if i > 0 {
				for left := early(p.at - sent[i-1].at - frame); left > 0; left -= frame {
					require.True(t, o.Paused())
					heard = append(heard, o.Comfort(frame)...)
				}
			}
			heard = append(heard, o.Decode(p.data, p.ts, frame, 0)...)
		}
		whole := sent[len(sent)-1].at + frame
		assert.InDelta(t, whole.Seconds(), mono48.Duration(len(heard)).Seconds(), 0.05, name)
		requireBursts(t, heard, mono48.Rate, 0, 2*frame)
		assert.Zero(t, count.Read().Concealed, name)
		require.NoError(t, o.Close())
	}
}
