//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"fmt"
	"testing"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func BenchmarkH264Encode(b *testing.B) {
	for _, h := range []int{360, 720} {
		w := h * 16 / 9
		b.Run(fmt.Sprintf("%dx%d", w, h), func(b *testing.B) {
			e, img := encoder(b, VideoParams{Width: w, Height: h, FPS: 30}), picture(w, h)
			b.ReportAllocs()
			for i := range b.N {
				b.StopTimer()
				testpattern.Draw(img, 1, uint32(i))
				b.StartTimer()
				if _, _, err := e.Encode(img); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkH264Decode(b *testing.B) {
	for _, h := range []int{360, 720} {
		w := h * 16 / 9
		b.Run(fmt.Sprintf("%dx%d", w, h), func(b *testing.B) {
			aus, d := encode(b, encoder(b, VideoParams{Width: w, Height: h, FPS: 30}), picture(w, h), 0, 60), decoder(b)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if _, err := d.Decode(aus[i%len(aus)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
