package crvideo_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// pcmReader is an AudioReader or a Mix.
type pcmReader interface {
	ReadPCM(ctx context.Context, pcm []int16) (int, error)
	io.Closer
}

// listen reads so much mono sound.
func listen(t testing.TB, r pcmReader, rate int, d time.Duration) []int16 {
	t.Helper()
	ctx := testContext(t)
	heard := make([]int16, int(d)*rate/int(time.Second))
	for filled := 0; filled < len(heard); {
		n, err := r.ReadPCM(ctx, heard[filled:])
		require.NoError(t, err)
		require.Positive(t, n)
		filled += n
	}
	return heard
}

// hearsTones waits until all these tones, and none of the others, are in what r gives.
func hearsTones(t testing.TB, r pcmReader, rate int, want []float64, others ...float64) {
	t.Helper()
	const much, little = 0.2, 0.01
	var shares []float64
	for range 50 {
		heard := listen(t, r, rate, 200*time.Millisecond)
		shares = shares[:0]
		ok := true
		for i, hz := range append(slices.Clone(want), others...) {
			share := crvideotest.ToneShare(heard, rate, hz)
			shares = append(shares, share)
			ok = ok && (i < len(want) && share > much || i >= len(want) && share < little)
		}
		if ok {
			return
		}
	}
	require.Fail(t, "wrong tones", "%v are wanted and %v not, but the shares were %.3f", want, others, shares)
}

// toneOf is the frequency of a member's synthetic microphone.
func toneOf(t testing.TB, c *crvideo.Client, uid string) float64 {
	t.Helper()
	info, ok := c.GetMemberInfo(uid)
	require.True(t, ok)
	return crvideotest.ToneFrequency(info.Num)
}

func mixOf(t testing.TB, c *crvideo.Client, options ...crvideo.PCMOption) *crvideo.Mix {
	t.Helper()
	m, err := c.Mix(options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

func audioOf(t testing.TB, c *crvideo.Client, uid string, options ...crvideo.PCMOption) *crvideo.AudioReader {
	t.Helper()
	a, err := c.Audio(uid, options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

var rates = []int{8000, 16000, 24000, 48000}

func TestSoundInEveryForm(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	want := []float64{toneOf(t, bob, "alice")}
	for _, rate := range rates {
		hearsTones(t, audioOf(t, bob, "alice", crvideo.WithRate(rate)), rate, want)
		hearsTones(t, mixOf(t, bob, crvideo.WithRate(rate), crvideo.WithFrame(10*time.Millisecond)), rate, want)
	}
	for _, r := range []pcmReader{
		audioOf(t, bob, "alice", crvideo.WithChannels(2), crvideo.WithRate(16000)),
		mixOf(t, bob, crvideo.WithChannels(2), crvideo.WithRate(16000)),
	} {
		heard := listen(t, r, 2*16000, time.Second)
		left := make([]int16, len(heard)/2)
		for i := range left {
			left[i] = heard[2*i]
			require.Equal(t, heard[2*i], heard[2*i+1])
		}
		hz, ok := crvideotest.DetectTone(left[8000:], 16000)
		require.True(t, ok)
		assert.InDelta(t, want[0], hz, 2)
	}
}

func TestFramesAreWhole(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	const rate = 16000
	for _, length := range []time.Duration{10 * time.Millisecond, 20 * time.Millisecond} {
		frame := int(length) * rate / int(time.Second)
		a := audioOf(t, bob, "alice", crvideo.WithRate(rate), crvideo.WithFrame(length))
		m := mixOf(t, bob, crvideo.WithRate(rate), crvideo.WithFrame(length))
		for range 5 {
			n, err := a.ReadPCM(testContext(t), make([]int16, frame+frame/2))
			require.NoError(t, err)
			assert.Equal(t, frame, n)
			n, err = m.ReadPCM(testContext(t), make([]int16, frame+frame/2))
			require.NoError(t, err)
			assert.Equal(t, frame, n)
		}
		n, err := m.ReadPCM(testContext(t), make([]int16, 7))
		require.NoError(t, err)
		assert.Equal(t, 7, n)
		n, err = m.ReadPCM(testContext(t), make([]int16, frame))
		require.NoError(t, err)
		assert.Equal(t, frame-7, n, "the rest of it")
	}
}

func TestImpossibleForms(t *testing.T) {
	c := newClient(t, newServer(t))
	for _, o := range []crvideo.PCMOption{
		crvideo.WithRate(44100), crvideo.WithRate(0), crvideo.WithChannels(0), crvideo.WithChannels(3), crvideo.WithFrame(15 * time.Millisecond),
	} {
		_, err := c.Audio("ann", o)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter)
		_, err = c.Mix(o)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter)
		_, err = crvideo.NewPCMQueue(o)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	}
	_, err := c.Audio("ann", crvideo.WithMembers("ann"))
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	require.NoError(t, c.Close())
	_, err = c.Mix()
	assert.ErrorIs(t, err, crvideo.CodeNotInit)
}

func TestMixHasEverybody(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	carol := entered(t, srv, "carol", bob.GetMeetInfo().ID)
	mix := mixOf(t, carol)
	assert.Zero(t, slices.Max(listen(t, mix, crvideo.PCMRate, 100*time.Millisecond)), "silence is sound too")
	onlyBob := mixOf(t, carol, crvideo.WithMembers("bob", "nobody"))
	for _, c := range []*crvideo.Client{alice, bob, carol} { // one's own is not in it
		require.NoError(t, c.OpenMic(testContext(t), ""))
	}
	a, b, own := toneOf(t, carol, "alice"), toneOf(t, carol, "bob"), toneOf(t, carol, "carol")
	hearsTones(t, mix, crvideo.PCMRate, []float64{a, b}, own)
	hearsTones(t, onlyBob, crvideo.PCMRate, []float64{b}, a, own)
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	hearsTones(t, mix, crvideo.PCMRate, []float64{b}, a, own)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	hearsTones(t, mix, crvideo.PCMRate, []float64{a, b}, own)
	require.NoError(t, bob.ExitMeeting(testContext(t)))
	hearsTones(t, mix, crvideo.PCMRate, []float64{a}, b, own)
	require.NoError(t, carol.ExitMeeting(testContext(t)))
	hearsTones(t, mix, crvideo.PCMRate, nil, a, b, own)
}

func TestMixKeepsThePaceOfTime(t *testing.T) {
	_, bob := pair(t, newServer(t))
	mix := mixOf(t, bob)
	listen(t, mix, crvideo.PCMRate, 20*time.Millisecond)
	start := time.Now()
	listen(t, mix, crvideo.PCMRate, time.Second)
	assert.GreaterOrEqual(t, time.Since(start), 970*time.Millisecond)
}

func TestMixEnds(t *testing.T) {
	_, bob := pair(t, newServer(t))
	ended := func(m *crvideo.Mix) chan error {
		ch := make(chan error, 1)
		go func() {
			pcm := make([]int16, 960)
			for {
				if _, err := m.ReadPCM(context.Background(), pcm); err != nil {
					ch <- err
					return
				}
			}
		}()
		return ch
	}
	closed, left := mixOf(t, bob), mixOf(t, bob)
	a, b := ended(closed), ended(left)
	require.NoError(t, closed.Close())
	assert.ErrorIs(t, <-a, io.EOF)
	require.NoError(t, bob.Close())
	assert.ErrorIs(t, <-b, io.EOF)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := closed.ReadPCM(cancelled, nil)
	assert.Error(t, err)
}

// A fifth of the datagrams is lost in each direction. What is not repeated in time is made up.
func TestSoundOverLossIsConcealed(t *testing.T) {
	n, alice, bob := hurtPair(t)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	want := []float64{toneOf(t, bob, "alice")}
	mix, reader := mixOf(t, bob), audioOf(t, bob, "alice")
	hearsTones(t, mix, crvideo.PCMRate, want)
	n.Media(bothWays, crvideotest.MediaFaults{Loss: 0.2, Delay: 60 * time.Millisecond})
	eventually(t, "concealment", func() bool {
		listen(t, mix, crvideo.PCMRate, 100*time.Millisecond)
		listen(t, reader, crvideo.PCMRate, 100*time.Millisecond)
		s := bob.GetStats().Receiving[0]
		return s.Concealed+s.Recovered > 100*time.Millisecond
	})
	hearsTones(t, mix, crvideo.PCMRate, want)
	s := bob.GetStats().Receiving[0]
	t.Logf("lost %d, repaired %d, guessed %v, recovered %v, held back %v", s.Lost, s.Repaired, s.Concealed, s.Recovered, s.Delay)
	assert.Positive(t, s.Delay)
}
