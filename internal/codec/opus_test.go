package codec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func opusPair(t testing.TB, rate, channels, bitrate int) (AudioEncoder, AudioDecoder) {
	t.Helper()
	e, err := NewAudioEncoder(Opus, rate, channels, bitrate)
	require.NoError(t, err)
	d, err := NewAudioDecoder(Opus, rate, channels)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, e.Close())
		assert.NoError(t, d.Close())
	})
	return e, d
}

func TestToneSurvivesOpus(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		e, d := opusPair(t, rate, 1, 24000)
		tone := testpattern.NewTone(997, rate)
		pcm, packet := make([]int16, rate/50), make([]byte, MaxAudioPacket)
		var heard []int16
		for range 50 {
			tone.Fill(pcm)
			n, err := e.Encode(pcm, packet)
			require.NoError(t, err)
			out := make([]int16, MaxAudioSamples)
			n, err = d.Decode(packet[:n], out)
			require.NoError(t, err)
			require.Equal(t, rate/50, n)
			heard = append(heard, out[:n]...)
		}
		hz, ok := testpattern.DetectTone(heard[len(heard)/2:], rate)
		require.True(t, ok, "%d Hz", rate)
		assert.InDelta(t, 997, hz, 2)
		assert.InEpsilon(t, 10000/math.Sqrt2, rms(heard[len(heard)/2:]), 0.2, "as loud as before")
	}
}

func TestStereoKeepsItsSides(t *testing.T) {
	e, d := opusPair(t, 48000, 2, 128000)
	left, right := testpattern.NewTone(500, 48000), testpattern.NewTone(1500, 48000)
	l, r, both, packet := make([]int16, 960), make([]int16, 960), make([]int16, 1920), make([]byte, MaxAudioPacket)
	var heard [2][]int16
	for range 50 {
		left.Fill(l)
		right.Fill(r)
		for i := range l {
			both[2*i], both[2*i+1] = l[i], r[i]
		}
		n, err := e.Encode(both, packet)
		require.NoError(t, err)
		out := make([]int16, 2*MaxAudioSamples)
		n, err = d.Decode(packet[:n], out)
		require.NoError(t, err)
		for i := range n {
			heard[0], heard[1] = append(heard[0], out[2*i]), append(heard[1], out[2*i+1])
		}
	}
	for side, want := range []float64{500, 1500} {
		hz, ok := testpattern.DetectTone(heard[side], 48000)
		require.True(t, ok)
		assert.InDelta(t, want, hz, 2)
	}
}

func TestConcealmentBridgesALoss(t *testing.T) {
	e, d := opusPair(t, 48000, 1, 32000)
	tone := testpattern.NewTone(600, 48000)
	pcm, packet, out := make([]int16, 960), make([]byte, MaxAudioPacket), make([]int16, 960)
	for i := range 50 {
		tone.Fill(pcm)
		n, err := e.Encode(pcm, packet)
		require.NoError(t, err)
		if i == 40 {
			n, err = d.Conceal(out)
			assert.Greater(t, rms(out), 1000.0, "a loss is not silence")
		} else {
			n, err = d.Decode(packet[:n], out)
		}
		require.NoError(t, err)
		require.Equal(t, 960, n)
	}
}

func TestRecoverWithoutRedundancyConceals(t *testing.T) {
	_, d := opusPair(t, 48000, 1, 32000)
	out := make([]int16, 960)
	for _, next := range [][]byte{nil, {0xf8}, {0xf8, 0xff, 0xfe}, {0x0b, 0xff, 0xff}} { // nothing, music, three frames
		assert.False(t, HasRedundancy(next))
		n, recovered, err := d.Recover(next, out)
		require.NoError(t, err)
		assert.False(t, recovered)
		assert.Equal(t, 960, n)
	}
	for toc := range 256 { // whatever comes, it is an answer
		for second := range 256 {
			_, _, _ = d.Recover([]byte{byte(toc), byte(second), 7}, out)
		}
	}
	_, _, err := d.Recover([]byte{0x48, 0x7f, 0xff}, nil)
	assert.Error(t, err)
	require.NoError(t, d.Close())
	_, _, err = d.Recover([]byte{0x48, 0x7f, 0xff}, out)
	assert.ErrorIs(t, err, ErrClosed)
}

func TestOpusBitrate(t *testing.T) {
	e, _ := opusPair(t, 48000, 1, 16000)
	rnd, pcm, packet := rand.New(rand.NewPCG(5, 6)), make([]int16, 960), make([]byte, MaxAudioPacket)
	for _, bps := range []int{16000, 64000, 24000} {
		require.NoError(t, e.SetBitrate(bps))
		bits := 0
		for range 100 {
			for i := range pcm {
				pcm[i] = int16(rnd.IntN(8000) - 4000)
			}
			n, err := e.Encode(pcm, packet)
			require.NoError(t, err)
			bits += 8 * n
		}
		assert.InEpsilon(t, bps, bits/2, 0.3)
	}
	assert.Error(t, e.SetBitrate(10))
}

// A change of the bitrate is not to be heard: no sample is farther from the one before it than the tone goes in that time.
func TestOpusBitrateChangesWithoutAClick(t *testing.T) {
	e, d := opusPair(t, 48000, 1, 64000)
	tone, pcm, packet := testpattern.NewTone(997, 48000), make([]int16, 960), make([]byte, MaxAudioPacket)
	var heard []int16
	for i := range 100 {
		if bps := map[int]int{30: 24000, 45: 128000, 60: 16000, 80: 64000}[i]; bps != 0 {
			require.NoError(t, e.SetBitrate(bps))
		}
		tone.Fill(pcm)
		n, err := e.Encode(pcm, packet)
		require.NoError(t, err)
		out := make([]int16, 960)
		_, err = d.Decode(packet[:n], out)
		require.NoError(t, err)
		heard = append(heard, out...)
	}
	steepest := 0
	for i := 10 * 960; i < len(heard); i++ {
		steepest = max(steepest, int(math.Abs(float64(heard[i])-float64(heard[i-1]))))
	}
	assert.InEpsilon(t, 10000*2*math.Pi*997/48000, steepest, 0.4, "a break would be several times as steep")
}

// What the C library made is understood in every build.
func TestOpusOfTheCLibraryIsDecoded(t *testing.T) {
	d, err := NewAudioDecoder(Opus, 48000, 1)
	require.NoError(t, err)
	var heard []int16
	pcm := make([]int16, 960)
	for _, packet := range tonePackets(t) {
		n, err := d.Decode(packet, pcm)
		require.NoError(t, err)
		heard = append(heard, pcm[:n]...)
	}
	hz, ok := testpattern.DetectTone(heard[len(heard)/2:], 48000)
	require.True(t, ok)
	assert.InDelta(t, 440, hz, 2)
	require.NoError(t, d.Close())
}

func TestOpusEncoderRefusesOddFrames(t *testing.T) {
	e, d := opusPair(t, 48000, 2, 0)
	packet := make([]byte, MaxAudioPacket)
	for _, n := range []int{0, 1, 959, 1000} {
		_, err := e.Encode(make([]int16, n), packet)
		assert.Error(t, err, "%d samples", n)
	}
	_, err := e.Encode(make([]int16, 1920), nil)
	assert.Error(t, err)
	n, err := e.Encode(make([]int16, 1920), packet)
	require.NoError(t, err)
	_, err = d.Decode(packet[:n], make([]int16, 100))
	assert.Error(t, err, "no room")
	_, err = d.Decode(packet[:n], nil)
	assert.Error(t, err, "no room at all")
	_, err = d.Conceal(nil)
	assert.Error(t, err)
}

func TestOpusAfterClose(t *testing.T) {
	e, err := NewAudioEncoder("AUDIO/OPUS", 48000, 1, 0)
	require.NoError(t, err)
	d, err := NewAudioDecoder(Opus, 48000, 1)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, e.Close())
		require.NoError(t, d.Close())
	}
	pcm := make([]int16, 960)
	_, err = e.Encode(pcm, make([]byte, MaxAudioPacket))
	assert.ErrorIs(t, err, ErrClosed)
	assert.ErrorIs(t, e.SetBitrate(20000), ErrClosed)
	_, err = d.Decode([]byte{0xf8, 0xff, 0xfe}, pcm)
	assert.ErrorIs(t, err, ErrClosed)
	_, err = d.Conceal(pcm)
	assert.ErrorIs(t, err, ErrClosed)
}

func rms(pcm []int16) float64 {
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}
