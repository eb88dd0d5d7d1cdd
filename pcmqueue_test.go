package crvideo_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// sine is so much of a tone.
func sine(hz float64, rate, channels int, d time.Duration) []int16 {
	pcm := make([]int16, int(d)*rate/int(time.Second)*channels)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i/channels)/float64(rate)))
	}
	return pcm
}

// speaking is alice with an open microphone that is written to, and bob.
func speaking(t *testing.T, options ...crvideo.PCMOption) (alice, bob *crvideo.Client, q *crvideo.PCMQueue) {
	t.Helper()
	q, err := crvideo.NewPCMQueue(options...)
	require.NoError(t, err)
	alice, bob = pair(t, newServer(t))
	require.NoError(t, q.Write(testContext(t), sine(300, 8000, 2, time.Second)), "discarded")
	_, err = alice.AddMic(testContext(t), "agent", q.Open)
	require.NoError(t, err)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	return alice, bob, q
}

func TestPCMQueueSpeaksInEveryForm(t *testing.T) {
	for _, rate := range rates {
		for _, channels := range []int{1, 2} {
			_, bob, q := speaking(t, crvideo.WithRate(rate), crvideo.WithChannels(channels), crvideo.WithFrame(10*time.Millisecond))
			ctx, stop := context.WithCancel(testContext(t))
			written := make(chan struct{})
			go func() {
				pcm := sine(800, rate, channels, time.Second)
				for ctx.Err() == nil {
					_ = q.Write(ctx, pcm)
				}
				close(written)
			}()
			hearsTones(t, audioOf(t, bob, "alice", crvideo.WithRate(16000)), 16000, []float64{800}, 1600, 400)
			stop()
			<-written
		}
	}
}

func TestPCMQueueIsPaced(t *testing.T) {
	_, _, q := speaking(t, crvideo.WithRate(16000))
	before, start := q.Played(), time.Now()
	require.NoError(t, q.Write(testContext(t), sine(500, 16000, 1, 2500*time.Millisecond)))
	assert.GreaterOrEqual(t, time.Since(start), 1400*time.Millisecond, "one second may wait")
	assert.InDelta(t, 1, q.Queued().Seconds(), 0.1)
	require.NoError(t, q.Wait(testContext(t)))
	assert.GreaterOrEqual(t, time.Since(start), 2400*time.Millisecond)
	assert.Equal(t, 2500*time.Millisecond, q.Played()-before, "nothing is dropped")
	assert.Zero(t, q.Queued())

	odd := sine(500, 16000, 1, 5*time.Millisecond) // less than a frame is sent all the same
	require.NoError(t, q.Write(testContext(t), odd))
	require.NoError(t, q.Wait(testContext(t)))
	assert.Equal(t, 2505*time.Millisecond, q.Played()-before)
}

// Whoever interrupts an agent does not hear the rest of its sentence.
func TestPCMQueueIsInterrupted(t *testing.T) {
	_, bob, q := speaking(t, crvideo.WithRate(24000))
	reader := audioOf(t, bob, "alice")
	sentence := make(chan error, 1)
	go func() { sentence <- q.Write(testContext(t), sine(700, 24000, 1, 10*time.Second)) }()
	hearsTones(t, reader, crvideo.PCMRate, []float64{700})

	start := time.Now()
	dropped := q.Flush()
	require.ErrorIs(t, <-sentence, crvideo.ErrFlushed)
	assert.Less(t, time.Since(start), time.Second)
	assert.InDelta(t, 1, dropped.Seconds(), 0.1)
	said := q.Played()
	assert.Less(t, said, 8*time.Second)
	assert.Zero(t, q.Queued())
	for silent := false; !silent; { // what is on its way comes, and not the second that was in the queue
		heard := listen(t, reader, crvideo.PCMRate, 20*time.Millisecond)
		silent = crvideotest.ToneShare(heard, crvideo.PCMRate, 700) < 0.1
	}
	t.Logf("silent after %v", time.Since(start))
	assert.Less(t, time.Since(start), 700*time.Millisecond)
	assert.Equal(t, said, q.Played())

	go func() { sentence <- q.Write(testContext(t), sine(900, 24000, 1, time.Second)) }()
	hearsTones(t, reader, crvideo.PCMRate, []float64{900}, 700)
	require.NoError(t, <-sentence)
}

func TestPCMQueueRefusals(t *testing.T) {
	alice, _, q := speaking(t, crvideo.WithChannels(2))
	assert.ErrorIs(t, q.Write(testContext(t), make([]int16, 3)), crvideo.CodeBadParameter)
	_, err := q.Open(testContext(t), crvideo.SourceFormat{})
	assert.ErrorIs(t, err, crvideo.CodeDeviceFailed, "open already")
	ctx, cancel := context.WithCancel(testContext(t))
	blocked := make(chan error, 1)
	go func() { blocked <- q.Write(ctx, make([]int16, 1<<20)) }()
	eventually(t, "a full queue", func() bool { return q.Queued() > 900*time.Millisecond })
	cancel()
	require.ErrorIs(t, <-blocked, context.Canceled)
	go func() { blocked <- q.Write(testContext(t), make([]int16, 1<<20)) }()
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	require.NoError(t, <-blocked, "discarded")
	require.NoError(t, q.Write(testContext(t), make([]int16, 1<<20)))
	require.NoError(t, q.Wait(testContext(t)))
	require.NoError(t, alice.OpenMic(testContext(t), ""), "and open again")
}
