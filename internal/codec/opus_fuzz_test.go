package codec

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tonePackets are Opus packets of a 440 Hz tone, mono, 20 ms, made by another encoder than the one of a build without cgo.
func tonePackets(t testing.TB) [][]byte { return unhex(t, goldenTone) }

func unhex(t testing.TB, packets []string) [][]byte {
	t.Helper()
	var out [][]byte
	for _, s := range packets {
		b, err := hex.DecodeString(s)
		require.NoError(t, err)
		out = append(out, b)
	}
	return out
}

func TestOpusDecoderRefusesGarbage(t *testing.T) {
	d, err := NewAudioDecoder(Opus, 48000, 1)
	require.NoError(t, err)
	defer d.Close()
	pcm := make([]int16, MaxAudioSamples)
	for name, packet := range map[string][]byte{"empty": {}, "code 3 without count": {0xff}, "no frames": {0xff, 0}, "odd halves": {0xf9, 1, 2, 3}} {
		n, err := d.Decode(packet, pcm)
		assert.Error(t, err, name)
		assert.Zero(t, n, name)
	}
	n, err := d.Decode(tonePackets(t)[0], pcm)
	require.NoError(t, err)
	assert.Equal(t, 960, n)
}

func TestAudioParameters(t *testing.T) {
	for _, p := range [][2]int{{44100, 1}, {0, 1}, {48000, 0}, {48000, 3}} {
		_, err := NewAudioDecoder(Opus, p[0], p[1])
		assert.Error(t, err)
		_, err = NewAudioEncoder(Opus, p[0], p[1], 0)
		assert.Error(t, err)
	}
	var missing *UnavailableError
	_, err := NewAudioDecoder("audio/PCMU", 8000, 1)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "PCMU decoder", missing.Feature)
}

func FuzzOpusDecoder(f *testing.F) {
	packets := tonePackets(f)
	f.Add(packets[0], packets[1])
	f.Add(packets[5], packets[5][:5])
	f.Add([]byte{0xfc, 1, 2, 3}, []byte{0x0b, 0x83, 4, 5, 6})
	f.Add(unhex(f, goldenVoice)[0], unhex(f, goldenVoice)[2])
	f.Fuzz(func(t *testing.T, first, second []byte) {
		for channels := 1; channels <= 2; channels++ {
			d, err := NewAudioDecoder(Opus, 48000, channels)
			require.NoError(t, err)
			pcm := make([]int16, MaxAudioSamples*channels)
			for _, packet := range [][]byte{first, second, packets[0]} {
				n, err := d.Decode(packet, pcm)
				if n < 0 || n > MaxAudioSamples || (err != nil && n != 0) {
					t.Fatalf("%d samples, error %v", n, err)
				}
			}
			_, _ = d.Conceal(pcm[:960*channels])
			_, _, _ = d.Recover(second, pcm[:960*channels])
			require.NoError(t, d.Close())
		}
	})
}
