//go:build ffmpeg

package mux

import (
	"encoding/json"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// A player turns what is said to be turned: ffmpeg decodes an upright picture in the other size, whose pattern is read.
func TestFFmpegTurnsPictures(t *testing.T) {
	const width, height = 320, 180
	for degrees, turned := range map[int]func(x, y int) (int, int){
		0:   func(x, y int) (int, int) { return x, y },
		90:  func(x, y int) (int, int) { return y, height - 1 - x },
		180: func(x, y int) (int, int) { return width - 1 - x, height - 1 - y },
		270: func(x, y int) (int, int) { return width - 1 - y, x },
	} {
		t.Run(fmt.Sprint(degrees), func(t *testing.T) {
			size := image.Pt(width, height)
			if degrees%180 != 0 {
				size = image.Pt(height, width)
			}
			upright := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
			testpattern.Draw(upright, 7, 3)
			sent := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420) // as a camera that is held so takes it
			for y := range size.Y {
				for x := range size.X {
					at, down := turned(x, y)
					sent.Y[sent.YOffset(at, down)] = upright.Y[upright.YOffset(x, y)]
				}
			}
			for i := range sent.Cb {
				sent.Cb[i], sent.Cr[i] = 128, 128
			}
			e, err := codec.NewVideoEncoder(codec.H264, codec.VideoParams{Width: width, Height: height, FPS: 10, Bitrate: 2_000_000})
			require.NoError(t, err)
			defer e.Close()
			key, _, err := e.Encode(sent)
			require.NoError(t, err)
			name := filepath.Join(t.TempDir(), "turned.mp4")
			file, err := os.Create(name)
			require.NoError(t, err)
			w, err := New(MP4, file, []Track{{Codec: H264, Key: key, Rotation: degrees}})
			require.NoError(t, err)
			require.NoError(t, w.Write([]Sample{{Data: key, Duration: time.Second, Key: true}}))
			require.NoError(t, w.Finish(time.Second))
			require.NoError(t, file.Close())

			raw, err := exec.Command("ffmpeg", "-v", "error", "-i", name, "-pix_fmt", "gray", "-f", "rawvideo", "-").Output()
			require.NoError(t, err)
			require.Len(t, raw, size.X*size.Y)
			member, counter, ok := testpattern.Read(&image.Gray{Pix: raw, Stride: size.X, Rect: image.Rectangle{Max: size}})
			require.True(t, ok, "upright")
			assert.EqualValues(t, 7, member)
			assert.EqualValues(t, 3, counter)
			var probe struct {
				Streams []struct{ Width, Height int }
			}
			out, err := exec.Command("ffprobe", "-v", "error", "-show_streams", "-of", "json", name).Output()
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(out, &probe))
			assert.Equal(t, width, probe.Streams[0].Width, "nothing was decoded and encoded anew")
		})
	}
}
