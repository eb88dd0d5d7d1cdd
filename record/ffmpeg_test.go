//go:build ffmpeg

package record_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/testpattern"
	"github.com/crvideo/crvideo-go/record"
)

// most is how far sound and picture may be apart.
const most = 0.040 // s

// run runs a program, which must not complain, and returns its output.
func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(testContext(t), program, append([]string{"-v", "error"}, args...)...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, "%s %v: %s", program, args, &complaints)
	require.Empty(t, complaints.String(), "%s %v", program, args)
	return out
}

// shown is a picture of a file as ffmpeg decodes it.
type shown struct {
	pts             float64 // s
	member, counter uint32
	readable        bool
}

// pictures decodes the pictures of a file, in a part of 640x360 points.
func pictures(t *testing.T, file string, part image.Rectangle) []shown {
	t.Helper()
	var probe struct {
		Frames []struct {
			PTS string `json:"best_effort_timestamp_time"`
		}
	}
	require.NoError(t, json.Unmarshal(run(t, "ffprobe", "-select_streams", "v", "-show_entries", "frame=best_effort_timestamp_time", "-of", "json", file), &probe))
	const w, h = 640, 360
	raw := run(t, "ffmpeg", "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-s", "640x360", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	require.Len(t, raw, len(probe.Frames)*w*h*3/2, "every picture is decoded")
	var out []shown
	for i, f := range probe.Frames {
		frame := raw[i*w*h*3/2:][:w*h*3/2]
		img := &image.YCbCr{
			Y: frame[:w*h], Cb: frame[w*h:][:w*h/4], Cr: frame[w*h*5/4:], YStride: w, CStride: w / 2,
			SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, w, h),
		}
		s := shown{}
		var err error
		s.pts, err = strconv.ParseFloat(f.PTS, 64)
		require.NoError(t, err)
		s.member, s.counter, s.readable = testpattern.Read(img.SubImage(part))
		out = append(out, s)
	}
	return out
}

var whole = image.Rect(0, 0, 640, 360)

// sound decodes the sound of a file, each sample at its place from 0 on.
func sound(t *testing.T, file string) []int16 {
	t.Helper()
	raw := run(t, "ffmpeg", "-copyts", "-i", file, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-")
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return pcm
}

// bursts finds when tones begin, in s.
func bursts(pcm []int16) (begin []float64) {
	const window = 48 // 1 ms
	quiet := 0
	for i := 0; i+window <= len(pcm); i += window {
		sum := 0.0
		for _, s := range pcm[i : i+window] {
			sum += float64(s) * float64(s)
		}
		if math.Sqrt(sum/window) < 500 {
			quiet++
			continue
		}
		if quiet > 300 {
			begin = append(begin, float64(i)/48000)
		}
		quiet = 0
	}
	return begin
}

// requireTogether checks that each tone begins with the picture that was taken then, and returns how many there were.
// A single picture may be off by late: one that is shown again in place of another is.
func requireTogether(t *testing.T, file string, all []shown, late float64) int {
	t.Helper()
	var origin []float64 // where in the file the stage's zero is
	for _, p := range all {
		if p.readable {
			origin = append(origin, p.pts-float64(p.counter)/fps)
		}
	}
	require.NotEmpty(t, origin)
	slices.Sort(origin)
	zero := origin[len(origin)/2]
	for _, o := range origin {
		assert.InDelta(t, zero, o, late, "a picture that is not at its place")
	}
	tones := bursts(sound(t, file))
	worst := 0.0
	for _, at := range tones {
		off := at - zero - math.Round(at-zero)
		assert.InDelta(t, 0, off, most, "the tone at %.3f s", at)
		if math.Abs(off) > math.Abs(worst) {
			worst = off
		}
	}
	t.Logf("%s: %d pictures, %d tones, sound off by %.1f ms at most", filepath.Base(file), len(all), len(tones), worst*1000)
	return len(tones)
}

// length is what players take for the length of a file, in s.
func length(t *testing.T, file string) float64 {
	t.Helper()
	var probe struct{ Format struct{ Duration string } }
	require.NoError(t, json.Unmarshal(run(t, "ffprobe", "-show_entries", "format=duration", "-of", "json", file), &probe))
	s, err := strconv.ParseFloat(probe.Format.Duration, 64)
	require.NoError(t, err, probe.Format.Duration)
	return s
}

func TestFFmpegPlaysAMember(t *testing.T) {
	srv := crvideotest.NewServer(t)
	var s stage
	alice, room := onStage(t, srv.URL(), "alice", 0, &s)
	bob, _ := member(t, srv.URL(), "bob", room)
	var all []*record.Recording
	for _, name := range []string{"member.mp4", "member.mkv"} {
		r, err := record.Start(t.Context(), bob, filepath.Join(t.TempDir(), name), record.Options{UID: "alice"})
		require.NoError(t, err)
		all = append(all, r)
	}
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	lasts(t, all[0], 4*time.Second)
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: fps}))
	lasts(t, all[0], 6*time.Second)
	require.NoError(t, alice.CloseVideo(testContext(t), ""))
	require.NoError(t, alice.CloseMic(testContext(t), ""))
	lasts(t, all[0], 9*time.Second)
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	lasts(t, all[0], 13*time.Second)
	for _, r := range all {
		require.NoError(t, r.Stop())
		stats := r.Stats()
		require.Len(t, stats.Files, 1)
		assert.Greater(t, stats.Silence, time.Second)
		file := stats.Files[0]
		assert.InDelta(t, stats.Length.Seconds(), length(t, file), 0.1)
		frames := pictures(t, file, whole)
		require.Len(t, frames, stats.Pictures)
		for _, f := range frames {
			assert.True(t, f.readable || f.pts == 0, "at %.3f s", f.pts)
		}
		assert.GreaterOrEqual(t, requireTogether(t, file, frames, most), 8)
	}
}

// A program that is killed leaves what can be played.
func TestFFmpegPlaysWhatAKilledProgramLeft(t *testing.T) {
	for _, name := range []string{"killed.mp4", "killed.mkv"} {
		file := filepath.Join(t.TempDir(), name)
		program, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(testContext(t), program, "-test.run", "^TestHelperRecordsUntilItIsKilled$")
		cmd.Env = append(os.Environ(), recordUntilKilled+"="+file)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		line, err := bufio.NewReader(out).ReadString('\n') // 5 s are recorded
		require.NoError(t, err, line)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		frames := pictures(t, file, whole)
		assert.Greater(t, len(frames), 3*fps)
		assert.Greater(t, frames[len(frames)-1].pts, 3.0)
		assert.GreaterOrEqual(t, requireTogether(t, file, frames, most), 3)
	}
}

const recordUntilKilled = "CRVIDEO_TEST_RECORD"

func TestHelperRecordsUntilItIsKilled(t *testing.T) {
	file := os.Getenv(recordUntilKilled)
	if file == "" {
		return // it is the other test's program
	}
	srv := crvideotest.NewServer(t)
	var s stage
	alice, room := onStage(t, srv.URL(), "alice", 0, &s)
	bob, _ := member(t, srv.URL(), "bob", room)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	r, err := record.Start(t.Context(), bob, file, record.Options{UID: "alice"})
	require.NoError(t, err)
	lasts(t, r, 5*time.Second)
	_, _ = os.Stdout.WriteString("recorded\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
	<-t.Context().Done()
}

func TestFFmpegPlaysARoom(t *testing.T) {
	for _, name := range []string{"room.mp4", "room.webm"} { // H.264 and VP8
		t.Run(name, func(t *testing.T) {
			playsARoom(t, name)
		})
	}
}

func playsARoom(t *testing.T, name string) {
	srv := crvideotest.NewServer(t)
	var s stage
	alice, room := onStage(t, srv.URL(), "alice", 0, &s)
	bob, _ := member(t, srv.URL(), "bob", room)
	rec, _ := member(t, srv.URL(), "recorder", room)
	r, err := record.Start(t.Context(), rec, filepath.Join(t.TempDir(), name), record.Options{Width: 640, Height: 360, FPS: fps, Bitrate: 2_000_000})
	require.NoError(t, err)
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	lasts(t, r, 5*time.Second)
	require.NoError(t, bob.OpenVideo(testContext(t), "")) // the synthetic camera
	lasts(t, r, 9*time.Second)
	require.NoError(t, r.Stop())
	file := r.Stats().Files[0]
	assert.InDelta(t, r.Stats().Length.Seconds(), length(t, file), 0.2)
	left := pictures(t, file, image.Rect(0, 90, 320, 270))
	right := pictures(t, file, image.Rect(320, 90, 640, 270))
	alone := pictures(t, file, whole)
	alices := slices.DeleteFunc(append(slices.Clone(alone), left...), func(f shown) bool { return f.member != 1 })
	count := func(all []shown, member uint32) (n int) {
		for _, f := range all {
			if f.readable && f.member == member {
				n++
			}
		}
		return n
	}
	info, _ := rec.GetMemberInfo("bob")
	assert.Greater(t, count(alone, 1), 2*fps, "alice alone")
	assert.Greater(t, count(left, 1), fps, "alice beside bob")
	assert.Greater(t, count(right, info.Num), fps, "bob")
	assert.GreaterOrEqual(t, requireTogether(t, file, alices, 0.15), 6)
}

// vp8 plays the frames of an IVF file over and over again, 25 a second.
type vp8 struct {
	*clocked
	frames [][]byte
}

func (*vp8) Codec() string    { return "video/VP8" }
func (*vp8) RequestKeyFrame() {} // one comes every 15 frames
func (*vp8) SetBitrate(int)   {}
func (v *vp8) Close() error   { v.close(); return nil }

func (v *vp8) Next(ctx context.Context) (crvideo.Sample, error) {
	n, err := v.next(ctx)
	frame := v.frames[n%int64(len(v.frames))]
	return crvideo.Sample{Data: frame, Key: frame[0]&1 == 0, Duration: v.step}, err
}

// What a browser sends by default: decoded in the call, recorded as WebM.
func TestFFmpegPlaysVP8(t *testing.T) {
	ivf, err := os.ReadFile("../internal/codec/testdata/pattern_vp8.ivf")
	require.NoError(t, err)
	var frames [][]byte
	for rest := ivf[32:]; len(rest) > 12; {
		n := binary.LittleEndian.Uint32(rest)
		frames = append(frames, rest[12:12+n])
		rest = rest[12+n:]
	}
	srv := crvideotest.NewServer(t)
	var s stage
	alice, room := onStage(t, srv.URL(), "alice", 0, &s)
	bob, _ := member(t, srv.URL(), "bob", room)
	cam, err := alice.AddCamera(testContext(t), "VP8", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return &vp8{clocked: newClocked(&s, time.Second/fps), frames: frames}, nil
	})
	require.NoError(t, err)
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", cam))
	require.NoError(t, alice.OpenMic(testContext(t), ""))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	v, err := bob.Video("alice", cam)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	f, err := v.ReadFrame(testContext(t))
	require.NoError(t, err)
	number, _, ok := crvideotest.ReadPattern(f.Image)
	require.True(t, ok)
	assert.EqualValues(t, 7, number)

	r, err := record.Start(t.Context(), bob, filepath.Join(t.TempDir(), "vp8.webm"), record.Options{UID: "alice"})
	require.NoError(t, err)
	lasts(t, r, 4*time.Second)
	require.NoError(t, r.Stop())
	file := r.Stats().Files[0]
	all := pictures(t, file, whole)
	assert.Greater(t, len(all), 4*fps-2*15, "a key frame comes every 15 pictures, and the file may begin just after one")
	for _, p := range all {
		assert.True(t, p.readable && p.member == 7, "at %.3f s", p.pts)
	}
	assert.InDelta(t, r.Stats().Length.Seconds(), length(t, file), 0.1)
	assert.GreaterOrEqual(t, len(bursts(sound(t, file))), 3)
}
