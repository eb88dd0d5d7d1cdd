package codec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func BenchmarkOpusEncode(b *testing.B) {
	e, _ := opusPair(b, 48000, 1, 0)
	pcm, packet := make([]int16, 960), make([]byte, MaxAudioPacket)
	testpattern.NewTone(440, 48000).Fill(pcm)
	b.ReportAllocs()
	for range b.N {
		if _, err := e.Encode(pcm, packet); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpusDecode(b *testing.B) {
	e, d := opusPair(b, 48000, 1, 0)
	pcm, packet := make([]int16, 960), make([]byte, MaxAudioPacket)
	testpattern.NewTone(440, 48000).Fill(pcm)
	n, err := e.Encode(pcm, packet)
	require.NoError(b, err)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := d.Decode(packet[:n], pcm); err != nil {
			b.Fatal(err)
		}
	}
}
