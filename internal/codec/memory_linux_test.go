//go:build cgo && (amd64 || arm64 || arm)

package codec

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// TestMemoryDoesNotGrow watches the whole process, since what C allocates is invisible to Go.
func TestMemoryDoesNotGrow(t *testing.T) {
	e, d := encoder(t, VideoParams{Width: 160, Height: 96, FPS: 30, Bitrate: 200_000}), decoder(t)
	ae, ad := opusPair(t, 48000, 1, 0)
	img, tone := picture(160, 96), testpattern.NewTone(440, 48000)
	pcm, packet := make([]int16, 960), make([]byte, MaxAudioPacket)
	run := func(frames int) {
		for i := range frames {
			testpattern.Draw(img, 1, uint32(i))
			if i%50 == 0 { // restarts of the decoder must not leak either
				require.NoError(t, e.ForceKeyFrame())
				_, err := d.Decode([]byte("damage"))
				require.Error(t, err)
			}
			data, _, err := e.Encode(img)
			require.NoError(t, err)
			if len(data) > 0 {
				_, err = d.Decode(data)
				require.NoError(t, err)
			}
			tone.Fill(pcm)
			n, err := ae.Encode(pcm, packet)
			require.NoError(t, err)
			_, err = ad.Decode(packet[:n], pcm)
			require.NoError(t, err)
		}
	}
	// What is lost grows in each part. The heaps of Go and C grow in steps of 4 MB, one or two in 10,000 frames, none after
	// 60,000 of 120,000: so the part that grew least counts.
	const parts, frames = 4, 3000
	run(1000)
	before, least := resident(t), math.MaxInt
	for range parts {
		run(frames)
		now := resident(t)
		t.Logf("resident memory grew by %d kB in %d frames", (now-before)>>10, frames)
		before, least = now, min(least, now-before)
	}
	assert.Less(t, least, 256<<10, "85 bytes a frame")
}

// resident returns the process's memory in bytes after a garbage collection.
func resident(t *testing.T) int {
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	var size, pages int
	_, err = fmt.Sscan(string(b), &size, &pages)
	require.NoError(t, err)
	return pages * os.Getpagesize()
}
