package crvideo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// speaks opens a PCM microphone.
func speaks(t testing.TB, c *crvideo.Client, options ...crvideo.PCMOption) *crvideo.PCMQueue {
	t.Helper()
	q, err := crvideo.NewPCMQueue(options...)
	require.NoError(t, err)
	id, err := c.AddMic(testContext(t), "voice", q.Open)
	require.NoError(t, err)
	cfg := c.GetAudioCfg()
	cfg.MicID = id
	require.NoError(t, c.SetAudioCfg(testContext(t), cfg))
	require.NoError(t, c.OpenMic(testContext(t), ""))
	return q
}

// sentSound counts what a client's microphone sends, over so much time by the clock of who listens.
func sentSound(t testing.TB, from *crvideo.Client, m *crvideo.Mix, d time.Duration) (packets, bytes uint64) {
	t.Helper()
	count := func() (packets, bytes uint64) {
		for _, s := range from.GetStats().Sending {
			if s.Kind == crvideo.KindAudio {
				packets, bytes = packets+s.Packets, bytes+s.Bytes
			}
		}
		return packets, bytes
	}
	packets, bytes = count()
	listen(t, m, crvideo.PCMRate, d)
	p, b := count()
	return p - packets, b - bytes
}

// A microphone that is open and silent sends a few packets a second, and 50 if that is asked for.
func TestASilentMicrophoneSendsNextToNothing(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	atBob := record(t, bob)
	q := speaks(t, alice)
	m := mixOf(t, bob)
	tone := crvideotest.ToneFrequency(3)
	require.NoError(t, q.Write(testContext(t), toneFor(tone, time.Second/2)))
	atBob.waitFor(t, crvideo.MicEnergyUpdate{UID: "alice", OldLevel: 0, NewLevel: 2})
	waitEvent(t, atBob, "silence", func(e crvideo.MicEnergyUpdate) bool { return e.UID == "alice" && e.NewLevel == 0 })

	const seconds = 4
	few, bytesOfFew := sentSound(t, alice, m, seconds*time.Second)
	for _, s := range bob.GetStats().Receiving {
		t.Logf("guessed %v, lost %d", s.Concealed, s.Lost)
		assert.Less(t, s.Concealed, 700*time.Millisecond, "the ten pauses were no loss")
		assert.Zero(t, s.Lost)
	}
	cfg := alice.GetAudioCfg()
	assert.False(t, cfg.SendSilence)
	cfg.SendSilence = true
	require.NoError(t, alice.SetAudioCfg(testContext(t), cfg))
	all, bytesOfAll := sentSound(t, alice, m, seconds*time.Second)
	t.Logf("silence is %d packets and %d bytes a second, %d and %d without DTX", few/seconds, bytesOfFew/seconds, all/seconds, bytesOfAll/seconds)
	assert.Less(t, few, uint64(8*seconds))
	assert.Greater(t, few, uint64(2*seconds), "who comes later, or has lost one, learns of the pause")
	assert.Greater(t, all, uint64(40*seconds))
	assert.Zero(t, bob.GetMicEnergy("alice"))
}

// toneFor is so much of a tone, mono.
func toneFor(hz float64, d time.Duration) []int16 {
	pcm := make([]int16, int(d)*crvideo.PCMRate/int(time.Second))
	testpattern.NewTone(hz, crvideo.PCMRate).Fill(pcm)
	return pcm
}

// A burst of a tone each two seconds, three times, and silence in between and after.
const (
	burstHz     = 700.0
	burstLength = 400 * time.Millisecond
	burstEvery  = 2 * time.Second
	burstCount  = 3
)

// burst says the bursts, in the background.
func burst(t testing.TB, q *crvideo.PCMQueue) (end func()) {
	said := make(chan error, 1)
	go func() {
		var err error
		for range burstCount {
			err = errors.Join(err, q.Write(testContext(t), toneFor(burstHz, burstLength)),
				q.Write(testContext(t), make([]int16, int(burstEvery-burstLength)*crvideo.PCMRate/int(time.Second))))
		}
		said <- err
	}()
	return func() { require.NoError(t, <-said) }
}

// hearBursts reads until the last burst is over. It tells when each began, in time that was read, how long it was, and how
// often something was read.
func hearBursts(t testing.TB, r pcmReader) (begin, length []time.Duration, reads int) {
	t.Helper()
	const step = crvideo.PCMRate / 100 // 10 ms
	pcm := make([]int16, crvideo.PCMRate)
	var heard []int16
	var at time.Duration
	quiet := 0
	for ctx := testContext(t); len(begin) < burstCount || quiet < 30; {
		n, err := r.ReadPCM(ctx, pcm)
		require.NoError(t, err)
		reads++
		for heard = append(heard, pcm[:n]...); len(heard) >= step; heard = heard[step:] {
			if at += 10 * time.Millisecond; audio.Power(heard[:step]) < 1e-3 {
				quiet++
				continue
			}
			if quiet >= 30 || len(begin) == 0 { // another one
				begin, length = append(begin, at), append(length, 0)
			}
			quiet = 0
			length[len(length)-1] = at - begin[len(begin)-1] + 10*time.Millisecond
		}
	}
	return begin, length, reads
}

// Who reads a member's sound hears pauses at their pace and as long as they were, and bursts whole.
func TestPausesAreRead(t *testing.T) {
	for name, open := range map[string]func(*testing.T, *crvideo.Client) pcmReader{
		"reader": func(t *testing.T, c *crvideo.Client) pcmReader { return audioOf(t, c, "alice") },
		"mix":    func(t *testing.T, c *crvideo.Client) pcmReader { return mixOf(t, c) },
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob := pair(t, newServer(t))
			r := open(t, bob)
			q := speaks(t, alice)
			eventually(t, "sound", func() bool { return len(bob.GetStats().Receiving) > 0 && bob.GetStats().Receiving[0].Packets > 0 })
			end := burst(t, q)
			begin, length, reads := hearBursts(t, r)
			end()
			t.Logf("bursts at %v, for %v, in %d reads", begin, length, reads)
			for i := range begin {
				assert.InDelta(t, burstLength.Seconds(), length[i].Seconds(), 0.03, "burst %d", i)
				if i > 0 {
					assert.InDelta(t, burstEvery.Seconds(), (begin[i] - begin[i-1]).Seconds(), 0.07, "from burst %d to the next", i-1)
				}
			}
			assert.Greater(t, reads, int(2*burstEvery/(20*time.Millisecond))/2, "a pause comes in pieces, while it lasts")
			for _, s := range bob.GetStats().Receiving {
				assert.Less(t, s.Concealed, 200*time.Millisecond)
			}
		})
	}
}

// The same while one of five packets is lost, both ways.
func TestPausesAreReadAtLoss(t *testing.T) {
	n, alice, bob := hurtPair(t)
	n.Media(crvideotest.ToServer|crvideotest.ToClient, crvideotest.MediaFaults{Loss: 0.2})
	r := mixOf(t, bob)
	q := speaks(t, alice)
	eventually(t, "sound", func() bool { return len(bob.GetStats().Receiving) > 0 && bob.GetStats().Receiving[0].Packets > 0 })
	end := burst(t, q)
	begin, length, _ := hearBursts(t, r)
	end()
	s := bob.GetStats().Receiving[0]
	t.Logf("bursts at %v, for %v; guessed %v, rebuilt %v, repaired %d, lost %d", begin, length, s.Concealed, s.Recovered, s.Repaired, s.Lost)
	for i := range begin {
		assert.InDelta(t, burstLength.Seconds(), length[i].Seconds(), 0.2, "burst %d: what follows it may be lost, and guessed to go on", i)
	}
	assert.Less(t, s.Concealed, 2*time.Second)
}
