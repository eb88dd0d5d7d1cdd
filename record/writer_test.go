package record

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/mux"
	"github.com/crvideo/crvideo-go/internal/testcodec"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// after is a moment of the tests' time.
func after(d time.Duration) time.Time { return start.Add(d) }

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

var keyFrame = []byte("\x00\x00\x00\x01\x67\x42\xc0\x1e\x8c\x8d\x40\x50\x17\xfc\xb0\x0f\x08\x84\x6a\x00\x00\x00\x01\x68\xce\x3c\x80\x00\x00\x00\x01\x65\x88\x84")

func pictureAt(d time.Duration) sample {
	return sample{codec: mux.H264, data: keyFrame, key: true, at: after(d)}
}

func soundAt(d time.Duration) sample {
	return sample{codec: mux.Opus, data: []byte{0xf8, 1, 2}, at: after(d), dur: ms(20)}
}

func newTestWriter(t *testing.T, name string) *writer {
	t.Helper()
	format, ok := mux.FormatOf(name)
	require.True(t, ok)
	w := newWriter(filepath.Join(t.TempDir(), name), format, true, true)
	require.NoError(t, w.create())
	return w
}

// placed is a sample as it is in a file.
type placed struct {
	pts, dur time.Duration
	silent   bool
	data     []byte
}

// read returns the samples of an MP4 file by its tracks' kind.
func read(t *testing.T, name string) (pictures, sound []placed) {
	t.Helper()
	f, err := mp4.ReadMP4File(name)
	require.NoError(t, err)
	for _, s := range f.Segments {
		for _, frag := range s.Fragments {
			for _, traf := range frag.Moof.Trafs {
				one := *frag
				one.Moof = &mp4.MoofBox{Mfhd: frag.Moof.Mfhd, Traf: traf, Trafs: []*mp4.TrafBox{traf}, StartPos: frag.Moof.StartPos}
				samples, err := one.GetFullSamples(nil)
				require.NoError(t, err)
				rate, list := 48000.0, &sound
				if trak := f.Init.Moov.Traks[traf.Tfhd.TrackID-1]; trak.Mdia.Hdlr.HandlerType == "vide" {
					rate, list = 90000, &pictures
				}
				for _, s := range samples {
					at := func(units uint64) time.Duration { return time.Duration(math.Round(float64(units) / rate * 1e9)) }
					*list = append(*list, placed{at(s.DecodeTime), at(uint64(s.Dur)), slices.ContainsFunc(silences, func(q silentPacket) bool { return bytes.Equal(s.Data, q.packet) }), s.Data})
				}
			}
		}
	}
	return pictures, sound
}

// An hour of sound whose clock is 100 ppm fast and of pictures whose clock is as much slow: whatever happened at the
// same time is at the same place in the file, to its end.
func TestAnHourStaysTogether(t *testing.T) {
	const ppm = 100e-6
	w := newTestWriter(t, "hour.mp4")
	drifted := func(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * (1 + by)) }
	var nextSound, nextPicture int
	for now := time.Duration(0); now < time.Hour; now += ms(10) {
		for ; drifted(ms(20*nextSound), -ppm) <= now; nextSound++ {
			require.NoError(t, w.add(soundAt(drifted(ms(20*nextSound), -ppm)), after(now)))
		}
		for ; drifted(ms(100*nextPicture), ppm) <= now; nextPicture++ {
			require.NoError(t, w.add(pictureAt(drifted(ms(100*nextPicture), ppm)), after(now)))
		}
		if now%ms(500) == 0 {
			require.NoError(t, w.tick(after(now)))
		}
	}
	require.NoError(t, w.finish(after(time.Hour)))
	assert.Zero(t, w.stats.Silence)
	assert.Zero(t, w.stats.Late)
	pictures, sound := read(t, w.name)
	require.Len(t, pictures, nextPicture)
	require.GreaterOrEqual(t, len(sound), nextSound)
	for i, s := range sound[:nextSound] {
		require.InDelta(t, 0, s.pts-drifted(ms(20*i), -ppm), float64(ms(1)), "packet %d", i)
	}
	for i, p := range pictures {
		require.InDelta(t, 0, p.pts-drifted(ms(100*i), ppm), float64(ms(1)), "picture %d", i)
	}
	assert.InDelta(t, time.Hour, w.stats.Length, float64(ms(150)))
}

func TestGapsStayGaps(t *testing.T) {
	w := newTestWriter(t, "gaps.mp4")
	feed := func(from, to int, sound, pictures bool) {
		for at := from; at < to; at += 20 {
			if sound {
				require.NoError(t, w.add(soundAt(ms(at)), after(ms(at+30))))
			}
			if pictures && at%40 == 0 {
				require.NoError(t, w.add(pictureAt(ms(at)), after(ms(at+30))))
			}
			if at%250 == 0 {
				require.NoError(t, w.tick(after(ms(at+30))))
			}
		}
	}
	feed(0, 4000, true, true)
	feed(4000, 14000, false, true) // the microphone is closed
	feed(14000, 16000, true, true)
	feed(16000, 26000, true, false) // the camera is
	feed(26000, 36000, false, false)
	feed(36000, 38000, true, true)
	require.NoError(t, w.finish(after(ms(38030))))
	pictures, sound := read(t, w.name)
	at := time.Duration(0)
	for i, s := range sound {
		require.InDelta(t, at, s.pts, float64(ms(1)), "packet %d", i)
		if s.pts >= ms(37990) {
			break // up to the end of the last picture
		}
		silent := s.pts > ms(3990) && s.pts < ms(13990) || s.pts > ms(25990) && s.pts < ms(35990)
		require.Equal(t, silent, s.silent, "packet %d at %v", i, s.pts)
		at += ms(20)
	}
	assert.InDelta(t, ms(38000), at, float64(ms(30)))
	var gap time.Duration
	for i, p := range pictures {
		require.Zero(t, p.pts%ms(40))
		if i > 0 && p.pts-pictures[i-1].pts > ms(40) {
			gap = p.pts - pictures[i-1].pts
			assert.Equal(t, ms(36000), p.pts)
			assert.GreaterOrEqual(t, pictures[i-1].dur, freezeAfter, "the last picture stands")
		}
	}
	assert.Equal(t, ms(36000-15960), gap)
	assert.InDelta(t, ms(20000), w.stats.Silence, float64(ms(120)))
}

func TestCameraThatIsOpenedLater(t *testing.T) {
	testcodec.NeedH264(t) // for a black picture in the same file
	w := newTestWriter(t, "later.mp4")
	for at := 0; at < 5000; at += 20 {
		require.NoError(t, w.add(soundAt(ms(at)), after(ms(at))))
		if at >= 3000 {
			require.NoError(t, w.add(pictureAt(ms(at)), after(ms(at))))
		}
		require.NoError(t, w.tick(after(ms(at))))
	}
	require.NoError(t, w.finish(after(ms(5000))))
	require.Equal(t, []string{w.name}, w.stats.Files, "all in one file")
	pictures, sound := read(t, w.name)
	assert.Zero(t, pictures[0].pts, "a black one at first")
	assert.Equal(t, ms(3000), pictures[1].pts)
	assert.Len(t, pictures, 101)
	assert.GreaterOrEqual(t, len(sound), 250)
}

func TestAnotherCodecBeginsAnotherFile(t *testing.T) {
	w := newTestWriter(t, "codecs.mkv")
	vp8 := func(at time.Duration, key bool) sample {
		return sample{codec: mux.VP8, data: []byte("\x10\x02\x00\x9d\x01\x2a\x40\x01\xb4\x40"), key: key, at: after(at)}
	}
	require.NoError(t, w.add(soundAt(0), after(0)))
	require.NoError(t, w.add(pictureAt(0), after(0)))
	require.NoError(t, w.add(pictureAt(ms(40)), after(ms(40))))
	require.NoError(t, w.add(vp8(ms(1000), false), after(ms(1000)))) // nothing can begin with it
	require.NoError(t, w.add(vp8(ms(1040), true), after(ms(1040))))
	require.NoError(t, w.add(soundAt(ms(1040)), after(ms(1040))))
	require.NoError(t, w.finish(after(ms(1080))))
	second := filepath.Join(filepath.Dir(w.name), "codecs-2.mkv")
	assert.Equal(t, []string{w.name, second}, w.stats.Files)
	assert.Equal(t, 1, w.stats.Late)
	assert.InDelta(t, ms(1080), w.stats.Length, float64(ms(30)))
	size := int64(0)
	for name, id := range map[string]string{w.name: "V_MPEG4/ISO/AVC", second: "V_VP8"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Contains(t, string(data), id)
		size += int64(len(data))
	}
	assert.Equal(t, size, w.stats.Bytes)
}

// Pictures that are to be turned in another way go on in another file, from the next key frame on.
func TestTurnedPicturesBeginAnotherFile(t *testing.T) {
	w := newTestWriter(t, "turned.mp4")
	turned := func(at time.Duration, key bool) sample {
		s := pictureAt(at)
		s.turn, s.key = 90, key
		return s
	}
	require.NoError(t, w.add(soundAt(0), after(0)))
	require.NoError(t, w.add(pictureAt(0), after(0)))
	require.NoError(t, w.add(turned(ms(40), false), after(ms(40))))
	require.NoError(t, w.add(turned(ms(80), true), after(ms(80))))
	require.NoError(t, w.add(soundAt(ms(80)), after(ms(80))))
	require.NoError(t, w.finish(after(ms(120))))
	second := filepath.Join(filepath.Dir(w.name), "turned-2.mp4")
	assert.Equal(t, []string{w.name, second}, w.stats.Files)
	assert.Zero(t, w.stats.Late)
	first, _ := read(t, w.name)
	assert.Len(t, first, 2, "what came before the key frame")
	next, _ := read(t, second)
	assert.Len(t, next, 1)
}

func TestCodecThatTheFormatCannotHold(t *testing.T) {
	for _, name := range []string{"a.mp4", "a.webm"} {
		w := newTestWriter(t, name)
		s := pictureAt(0)
		if w.format == mux.MP4 {
			s.codec = mux.VP8
		}
		err := w.add(s, after(0))
		require.ErrorIs(t, err, crvideo.CodeNoPlatform)
		assert.ErrorContains(t, err, "Matroska")
		require.NoError(t, w.finish(after(0)))
		assert.NoFileExists(t, w.name, "nothing came, nothing is left")
	}
}

func TestSamplesThatComeTooLate(t *testing.T) {
	w := newTestWriter(t, "late.mp4")
	require.NoError(t, w.add(pictureAt(0), after(0)))
	require.NoError(t, w.add(soundAt(0), after(0)))
	require.NoError(t, w.add(soundAt(ms(1000)), after(ms(1000))))
	require.NoError(t, w.add(soundAt(ms(990)), after(ms(1000))), "overlaps a little")
	require.NoError(t, w.add(soundAt(ms(500)), after(ms(1000))))
	require.NoError(t, w.add(pictureAt(ms(-40)), after(ms(1000))))
	require.NoError(t, w.finish(after(ms(1020))))
	assert.Equal(t, 1, w.stats.Late)
	pictures, sound := read(t, w.name)
	last := -time.Second
	for _, s := range append(pictures, sound...) {
		assert.Positive(t, s.dur)
	}
	for _, s := range sound {
		assert.Greater(t, s.pts, last)
		last = s.pts
	}
	assert.Equal(t, ms(1010), last)
}

// full is a disk with room for so many bytes.
type full struct {
	*os.File
	room int
}

func (f *full) WriteAt(p []byte, at int64) (int, error) {
	if room := max(f.room-int(at), 0); len(p) > room {
		n, err := f.File.WriteAt(p[:room], at)
		return n, errors.Join(err, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC})
	}
	return f.File.WriteAt(p, at)
}

func TestAFullDiskLeavesAPlayableFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "full.mp4")
	w := newWriter(name, mux.MP4, true, true)
	w.open = func(name string) (storage, error) {
		f, err := os.Create(name)
		return &full{f, 20000}, err
	}
	require.NoError(t, w.create())
	var err error
	for at := 0; err == nil; at += 20 {
		if err = w.add(soundAt(ms(at)), after(ms(at))); err == nil {
			err = w.add(pictureAt(ms(at)), after(ms(at)))
		}
		require.Less(t, at, 60000)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorIs(t, asRecordError(err), crvideo.CodeDiskFull)
	_ = w.finish(after(time.Minute)) // what is left may fit, or not
	pictures, sound := read(t, name)
	assert.Greater(t, len(pictures), 50)
	assert.Greater(t, len(sound), 50)
	info, err := os.Stat(name)
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(20000))
}

func TestErrorsOfFiles(t *testing.T) {
	w := newWriter(filepath.Join(t.TempDir(), "no", "such", "folder.mp4"), mux.MP4, true, true)
	assert.ErrorIs(t, asRecordError(w.create()), crvideo.CodeFile)
	assert.NoError(t, asRecordError(nil))
	own := &crvideo.Error{Op: "x", Code: crvideo.CodeNoPlatform}
	assert.Equal(t, own, asRecordError(own))
	assert.ErrorIs(t, asRecordError(io.ErrShortWrite), crvideo.CodeFile)
}
