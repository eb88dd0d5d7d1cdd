//go:build ffmpeg

package vp8

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What libvpx is made to encode: sources and settings, so that every part of the format is there.
var (
	sources = [][2]string{
		{"pattern", "testsrc2=s=SIZE:r=30"},
		{"zoom", "mandelbrot=s=SIZE:r=30:start_scale=0.5:end_scale=0.05:end_pts=60"},
		{"rotation", "testsrc2=s=SIZE:r=30,rotate=a=t*0.7"},
		{"life", "life=s=SIZE:r=30:mold=10:ratio=0.4:death_color=#404060:life_color=#ffe0a0"},
		{"noise", "testsrc2=s=SIZE:r=30,noise=alls=30:allf=t"},
		{"slow", "testsrc2=s=SIZE:r=30,zoompan=z=1+on*0.003:d=1:s=SIZE,noise=alls=8:allf=t"},
		{"still", "smptebars=s=SIZE:r=30,noise=alls=4:allf=t"},
	}
	settings = [][2]string{
		{"plain", "-b:v 500k"},
		{"realtime", "-b:v 300k -deadline realtime -cpu-used 8 -lag-in-frames 0"},
		{"browser", "-b:v 400k -deadline realtime -cpu-used 6 -lag-in-frames 0 -error-resilient default -static-thresh 1 -noise-sensitivity 1"},
		{"altref", "-b:v 200k -auto-alt-ref 1 -lag-in-frames 25 -arnr-maxframes 7 -arnr-strength 5 -deadline good -cpu-used 1 -g 999 TWICE"},
		{"partitions", "-b:v 400k -slices 8 -error-resilient partitions"},
		{"sharp", "-b:v 150k -sharpness 7 -slices 4"},
		{"soft", "-b:v 40k -sharpness 3 -qmax 63"},
		{"rich", "-b:v 20M -qmin 0 -qmax 4"},
		{"lossy", "-b:v 10k -qmin 60 -qmax 63"},
		{"keys", "-b:v 400k -g 3"},
		{"profile1", "-b:v 200k -profile:v 1"},
		{"profile2", "-b:v 200k -profile:v 2 -auto-alt-ref 1 -lag-in-frames 10"},
		{"profile3", "-b:v 200k -profile:v 3"},
		{"static", "-b:v 200k -deadline realtime -lag-in-frames 0 -static-thresh 1000"},
	}
	sizes = []string{"176x144", "175x143", "322x182", "64x210", "17x33", "16x16"}
)

func ffmpeg(t *testing.T, args string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, strings.Fields(args)...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%s: %s", args, errs.String())
	return out.Bytes()
}

// TestSameAsLibvpx compares every pixel of every picture with what libvpx decodes.
func TestSameAsLibvpx(t *testing.T) {
	n := 0
	for _, source := range sources {
		for _, setting := range settings {
			size := sizes[n%len(sizes)]
			n++
			t.Run(source[0]+"/"+setting[0]+"/"+size, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "a.ivf")
				args, twice := strings.CutSuffix(setting[1], " TWICE") // hidden frames are only made where the encoder knows what comes
				args = "-f lavfi -i " + strings.ReplaceAll(source[1], "SIZE", size) + " -frames:v 40 -pix_fmt yuv420p -c:v libvpx " + args
				if twice {
					args += " -passlogfile " + file + ".log"
					ffmpeg(t, args+" -pass 1 -f null -")
					args += " -pass 2"
				}
				ffmpeg(t, args+" "+file)
				compareWithLibvpx(t, file, 40)
			})
		}
	}
}

// TestRandomStreamsAsLibvpx does the same with streams that no encoder would make.
func TestRandomStreamsAsLibvpx(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		width, height := 1+r.IntN(100), 1+r.IntN(100)
		frames, shown := randomStream(r, width, height, 12), 0
		for _, f := range frames {
			shown += int(f[0] >> 4 & 1)
		}
		t.Run(fmt.Sprintf("%d/%dx%d", seed, width, height), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.ivf")
			require.NoError(t, os.WriteFile(file, ivf(frames, width, height), 0o600))
			compareWithLibvpx(t, file, shown)
		})
	}
}

func compareWithLibvpx(t *testing.T, file string, shown int) {
	want := ffmpeg(t, "-c:v libvpx -i "+file+" -vsync passthrough -f rawvideo -pix_fmt yuv420p -")
	d, n, hidden := New(), 0, 0
	var got []byte
	for i, frame := range readIVF(t, file) {
		img, err := d.Decode(frame)
		require.NoError(t, err, "frame %d", i)
		if img == nil {
			hidden++
			continue
		}
		got = raw(got[:0], img)
		require.GreaterOrEqual(t, len(want), len(got), "frame %d", i)
		if !bytes.Equal(want[:len(got)], got) {
			at := 0
			for want[at] == got[at] {
				at++
			}
			require.Fail(t, "another picture", "frame %d, version %d, key %v: byte %d of %d (width %d)", i, frame[0]>>1&7, frame[0]&1 == 0, at, len(got), img.Rect.Dx())
		}
		want = want[len(got):]
		n++
	}
	assert.Empty(t, want)
	assert.Equal(t, shown, n)
	t.Logf("%d pictures, %d hidden", n, hidden)
}
