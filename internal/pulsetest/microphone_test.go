//go:build pulse

package pulsetest

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	_ "github.com/crvideo/crvideo-go/device/microphone"
	"github.com/crvideo/crvideo-go/internal/capture"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

const rate = 48000

// play plays a tone of 997 Hz into the speaker until the test ends.
func play(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tone.wav")
	out, err := exec.Command("sox", "-n", "-r", "48000", "-c", "1", "-b", "16", file, "synth", "60", "sine", "997", "vol", "0.3").CombinedOutput()
	require.NoError(t, err, "%s", out)
	ctx, cancel := context.WithCancel(context.Background())
	player := exec.CommandContext(ctx, "paplay", "--latency-msec=200", "--device="+speaker, file)
	require.NoError(t, player.Start())
	t.Cleanup(func() {
		cancel()
		_ = player.Wait()
	})
}

func find(t *testing.T) capture.Device {
	t.Helper()
	for _, d := range capture.Microphones() {
		if d.Name == microphone {
			return d
		}
	}
	require.Fail(t, "not listed", "%v", capture.Microphones())
	return capture.Device{}
}

// hear reads packets until the tone is there, and then for two seconds.
func hear(t *testing.T, s source.Source) []int16 {
	t.Helper()
	decoder, err := codec.NewAudioDecoder(s.Codec(), rate, 1)
	require.NoError(t, err)
	defer decoder.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var heard []int16
	pcm := make([]int16, codec.MaxAudioSamples)
	for begun := false; len(heard) < 2*rate; {
		sample, err := s.Next(ctx)
		require.NoError(t, err)
		n, err := decoder.Decode(sample.Data, pcm)
		require.NoError(t, err)
		heard = append(heard, pcm[:n]...)
		if !begun && len(heard) >= rate/10 {
			if _, begun = testpattern.DetectTone(heard, rate); !begun || len(heard) > rate/5 {
				heard = heard[:0]
			}
		}
	}
	return heard
}

func TestRealMicrophoneIsHeard(t *testing.T) {
	play(t)
	s, err := capture.OpenMicrophone(find(t).ID, nil)
	require.NoError(t, err)
	defer s.Close()
	// On a busy machine the player breaks off now and then, which bends the frequency of a stretch of sound. The median of
	// many stretches is that of the device.
	var heard []float64
	for stretch := range slices.Chunk(hear(t, s), rate/10) {
		if hz, ok := testpattern.DetectTone(stretch, rate); ok {
			heard = append(heard, hz)
		}
	}
	require.Greater(t, len(heard), 10, "of 20")
	slices.Sort(heard)
	t.Logf("heard %.2f Hz", heard)
	assert.InDelta(t, 997, heard[len(heard)/2], 1)
}

func TestRealMicrophoneKeepsThePaceOfTime(t *testing.T) {
	s, err := capture.OpenMicrophone(find(t).ID, nil)
	require.NoError(t, err)
	defer s.Close()
	next := func() time.Duration {
		sample, err := s.Next(t.Context())
		require.NoError(t, err)
		return sample.Duration
	}
	for range 25 {
		next() // what has gathered while it started
	}
	start, length := time.Now(), time.Duration(0)
	for length < 3*time.Second {
		length += next()
	}
	t.Logf("%v of sound in %v", length, time.Since(start))
	assert.InDelta(t, length.Seconds(), time.Since(start).Seconds(), 0.15)
}

func TestRealMicrophoneClosesAndOpensAgain(t *testing.T) {
	for range 3 {
		s, err := capture.OpenMicrophone("", nil)
		require.NoError(t, err)
		_, err = s.Next(t.Context())
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, s.Close())
		assert.Less(t, time.Since(start), 2*time.Second)
		_, err = s.Next(t.Context())
		assert.ErrorIs(t, err, source.ErrClosed)
	}
}
