package audio

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testcodec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

const (
	toneHz = 600.0
	frame  = 20 * time.Millisecond
)

var mono48 = Format{Rate: 48000, Channels: 1, Frame: frame}

// packet is one that is on its way.
type packet struct {
	seq  uint16
	ts   uint32
	data []byte
	at   time.Duration // when it comes
}

// packets encodes a tone; at is the moment when each is sent.
func packets(t testing.TB, n, rate int) []packet {
	return encoded(t, n, rate, testpattern.NewTone(toneHz, rate).Fill)
}

// vowel is like a vowel that comes and goes: pulses at 120 a second through a resonance at 700 Hz.
func vowel(rate int) func(pcm []int16) {
	const width = 0.97
	var n, before, last float64
	turn := 2 * width * math.Cos(2*math.Pi*700/float64(rate))
	return func(pcm []int16) {
		for i := range pcm {
			at, pulse := n/float64(rate), 0.0
			if math.Mod(at*120, 1) < 120/float64(rate) {
				pulse = 1
			}
			before, last = last, pulse+turn*last-width*width*before
			pcm[i] = int16(3000 * (1 + math.Sin(2*math.Pi*4*at)) * last)
			n++
		}
	}
}

func encoded(t testing.TB, n, rate int, fill func([]int16)) []packet {
	t.Helper()
	encoder, err := codec.NewAudioEncoder(codec.Opus, rate, 1, 0)
	require.NoError(t, err)
	defer func() { assert.NoError(t, encoder.Close()) }()
	pcm, out := make([]int16, rate/50), make([]byte, codec.MaxAudioPacket)
	all := make([]packet, n)
	for i := range all {
		fill(pcm)
		size, err := encoder.Encode(pcm, out)
		require.NoError(t, err)
		all[i] = packet{
			seq: uint16(65000 + i), ts: uint32(1<<32 - 48000 + i*960), // both wrap
			data: slices.Clone(out[:size]), at: time.Duration(i) * frame,
		}
	}
	return all
}

// playback lets packets come at their time and pulls in step with the clock, until a second after the last.
func playback(t testing.TB, f Format, all []packet) (heard []int16, j *Jitter) {
	t.Helper()
	j, err := NewJitter(f, &Counters{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return hear(j, f, all, time.Unix(1000, 0)), j
}

func hear(j *Jitter, f Format, all []packet, start time.Time) (heard []int16) {
	waiting := slices.Clone(all)
	slices.SortStableFunc(waiting, func(a, b packet) int { return int(a.at - b.at) })
	pcm := make([]int16, f.FrameSamples())
	for now := time.Duration(0); now < all[len(all)-1].at+time.Second; now += f.Frame {
		for len(waiting) > 0 && waiting[0].at <= now {
			p := waiting[0]
			j.Push(7, p.seq, p.ts, frame, p.data, start.Add(p.at))
			waiting = waiting[1:]
		}
		j.Pull(pcm, start.Add(now))
		heard = append(heard, pcm...)
	}
	return heard
}

// requireTone finds the tone in the middle of what was heard.
func requireTone(t *testing.T, heard []int16, f Format, share float64) {
	t.Helper()
	side := heard
	if f.Channels == 2 {
		side = nil
		for i := 0; i < len(heard); i += 2 {
			require.Equal(t, heard[i], heard[i+1])
			side = append(side, heard[i])
		}
	}
	middle := side[f.Rate/2 : min(len(side)-f.Rate, f.Rate*5/2)]
	hz, ok := testpattern.DetectTone(middle, f.Rate)
	require.True(t, ok)
	assert.InDelta(t, toneHz, hz, 2)
	assert.Greater(t, testpattern.ToneShare(middle[:f.Rate/5], f.Rate, toneHz), share)
}

func TestEveryFormat(t *testing.T) {
	for _, from := range []int{8000, 16000, 24000, 48000} {
		sent := packets(t, 150, from)
		for _, rate := range []int{8000, 16000, 24000, 48000} {
			for _, channels := range []int{1, 2} {
				for _, length := range []time.Duration{10 * time.Millisecond, frame} {
					f := Format{rate, channels, length}
					require.NoError(t, f.Check())
					heard, j := playback(t, f, sent)
					requireTone(t, heard, f, 0.98)
					assert.Equal(t, 100*time.Millisecond, j.count.Read().Concealed, "only the end of the stream")
				}
			}
		}
	}
}

// What a lower rate cannot carry is not folded down into something that can be heard.
func TestNothingIsFoldedDown(t *testing.T) {
	for _, c := range []struct {
		hz   float64
		rate int
		most float64 // dB
	}{{5000, 8000, -45}, {9000, 16000, -30}} {
		sent := encoded(t, 100, 48000, testpattern.NewTone(c.hz, 48000).Fill)
		full, _ := playback(t, mono48, sent)
		before := Power(full[24000:72000])
		require.Greater(t, testpattern.ToneShare(full[24000:72000], 48000, c.hz), 0.5)
		heard, _ := playback(t, Format{c.rate, 1, frame}, sent)
		heard = heard[c.rate/2 : c.rate*3/2]
		folded := Power(heard) / before * testpattern.ToneShare(heard, c.rate, float64(c.rate)-c.hz)
		t.Logf("%.0f Hz at %d: %.0f dB", c.hz, c.rate, 10*math.Log10(folded+1e-12))
		assert.Less(t, 10*math.Log10(folded+1e-12), c.most)
	}
}

func TestFormatChecks(t *testing.T) {
	for _, f := range []Format{{}, {44100, 1, frame}, {48000, 3, frame}, {48000, 1, time.Second}} {
		assert.Error(t, f.Check(), "%+v", f)
	}
}

// lossy drops a share of the packets and tells how much sound that is.
func lossy(all []packet, share float64) (rest []packet, lost time.Duration) {
	rnd := rand.New(rand.NewPCG(1, 2))
	rest = slices.DeleteFunc(all, func(p packet) bool {
		gone := rnd.Float64() < share && p.seq != all[0].seq
		if gone {
			lost += frame
		}
		return gone
	})
	return rest, lost
}

func TestLossIsConcealed(t *testing.T) {
	for _, rate := range []int{16000, 48000} {
		sent, lost := lossy(packets(t, 500, rate), 0.2)
		heard, j := playback(t, mono48, sent)
		requireTone(t, heard, mono48, 0.2)
		for window := range slices.Chunk(heard[24000:8*48000], 4800) { // and not a moment of silence
			require.Greater(t, Power(window), 1e-4)
		}
		c := j.count.Read()
		made := c.Concealed + c.Recovered - 100*time.Millisecond
		t.Logf("%d Hz: of %v lost %v were guessed and %v recovered", rate, lost, c.Concealed, c.Recovered)
		assert.InDelta(t, lost.Seconds(), made.Seconds(), 0.1)
	}
}

func TestSpeechIsRecoveredFromTheNextPacket(t *testing.T) {
	testcodec.NeedFEC(t)
	for _, rate := range []int{8000, 16000, 24000, 48000} {
		all := encoded(t, 500, rate, vowel(rate))
		require.True(t, slices.ContainsFunc(all, func(p packet) bool { return codec.HasRedundancy(p.data) }))
		sent, lost := lossy(all, 0.1)
		_, j := playback(t, mono48, sent)
		c := j.count.Read()
		t.Logf("%d Hz: of %v lost %v were guessed and %v recovered", rate, lost, c.Concealed, c.Recovered)
		assert.Greater(t, c.Recovered, lost*6/10)
	}
}

func TestDelayFollowsTheNetwork(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	sent := packets(t, 1000, 48000)
	for i := range sent {
		sent[i].at += time.Duration(rnd.IntN(80)) * time.Millisecond // many overtake each other
	}
	heard, j := playback(t, mono48, sent)
	requireTone(t, heard[len(heard)/2:], mono48, 0.95)
	c := j.count.Read()
	t.Logf("%+v", c)
	assert.InDelta(t, 0.1, c.Delay.Seconds(), 0.03)
	assert.Less(t, c.Concealed, time.Second, "5 % of 20 s")

	heard, j = playback(t, mono48, packets(t, 200, 48000))
	requireTone(t, heard, mono48, 0.98)
	assert.Equal(t, 20*time.Millisecond, j.count.Read().Delay, "a quiet network needs none")
}

// A stall of the network is bridged, and its delay given back by leaving out sound.
func TestCatchesUpAfterAStall(t *testing.T) {
	sent := packets(t, 1000, 48000)
	for i := 200; i < 220; i++ {
		sent[i].at = sent[220].at
	}
	heard, j := playback(t, mono48, sent)
	c := j.count.Read()
	t.Logf("%+v", c)
	assert.Greater(t, c.Shortened, 150*time.Millisecond)
	requireTone(t, heard[len(heard)/2:], mono48, 0.98)
	end := len(heard) // the last sound must come soon after the last packet
	for heard[end-1] == 0 {
		end--
	}
	late := mono48.Duration(end) - sent[len(sent)-1].at - frame
	assert.Less(t, late, 400*time.Millisecond)
}

func TestClocksThatDiffer(t *testing.T) {
	for name, off := range map[string]float64{"fast": 1 / 1.005, "slow": 1.005} {
		sent := packets(t, 1500, 48000)
		for i := range sent {
			sent[i].at = time.Duration(float64(sent[i].at) * off)
		}
		heard, j := playback(t, mono48, sent)
		c := j.count.Read()
		t.Logf("%s: %+v", name, c)
		requireTone(t, heard[len(heard)/2:], mono48, 0.7)
		assert.Less(t, c.Delay, 150*time.Millisecond)
	}
}

// A pause of the sender is silence, not loss.
func TestPauseIsNotLoss(t *testing.T) {
	sent := packets(t, 200, 48000)
	for i := 100; i < 200; i++ {
		sent[i].ts += 2 * 48000
		sent[i].at += 2 * time.Second
	}
	_, j := playback(t, mono48, sent)
	c := j.count.Read()
	assert.Equal(t, 200*time.Millisecond, c.Concealed, "the two ends")
	assert.Zero(t, c.Late)
}

func TestAnotherStreamTakesOver(t *testing.T) {
	sent := packets(t, 100, 48000)
	_, j := playback(t, mono48, sent)
	for i := range sent {
		sent[i].ts -= 1 << 30
		sent[i].seq += 1 << 14
	}
	heard := hear(j, mono48, sent, time.Unix(2000, 0))
	requireTone(t, heard, mono48, 0.98)
}

func TestBadPackets(t *testing.T) {
	j, err := NewJitter(mono48, &Counters{})
	require.NoError(t, err)
	now := time.Unix(1, 0)
	j.Push(1, 0, 0, 0, []byte{1, 2}, now)
	j.Push(1, 0, 0, frame, nil, now)
	pcm := make([]int16, 960)
	assert.False(t, j.Pull(pcm, now))
	for i := range 200 {
		j.Push(1, uint16(i), uint32(i*960), frame, []byte{0xff, 0xff, 0xff}, now)
		j.Push(1, uint16(i), uint32(i*960), frame, []byte{0xff, 0xff, 0xff}, now)
	}
	for range 200 {
		j.Pull(pcm, now)
	}
	require.NoError(t, j.Close())
	require.NoError(t, j.Close())
	assert.False(t, j.Pull(pcm, now))
}
