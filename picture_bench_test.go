package crvideo

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// BenchmarkCaptureToEncoded is from WriteImage to the encoded frame, 640x360, without the pacing in between.
func BenchmarkCaptureToEncoded(b *testing.B) {
	yuv := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	for name, img := range map[string]image.Image{"YCbCr": yuv, "RGBA": image.NewRGBA(yuv.Rect)} {
		b.Run(name, func(b *testing.B) {
			s, err := newPictureSource(&PictureQueue{}, SourceFormat{Width: 640, Height: 360, FPS: 30, Bitrate: 4_000_000})
			require.NoError(b, err)
			defer func() { require.NoError(b, s.Close()) }()
			b.ReportAllocs()
			n := uint32(0)
			for b.Loop() {
				b.StopTimer()
				if n++; img == yuv {
					testpattern.Draw(yuv, 1, n)
				}
				b.StartTimer()
				require.NoError(b, s.put(b.Context(), img))
				_, err := s.Next(b.Context())
				require.NoError(b, err)
			}
		})
	}
}
