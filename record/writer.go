package record

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/mux"
)

const (
	// gatherTime is how long the first samples are kept until it is clear what there is.
	gatherTime = time.Second
	// latest is how long after its capture a sample may come. Silence is written, and pictures are given up, after it.
	latest = 2 * time.Second
	// lastPicture is how long the last picture of a recording lasts, at least.
	lastPicture = 100 * time.Millisecond
	// blackWidth and blackHeight are the size of the picture that stands for a camera which is not open yet.
	blackWidth, blackHeight = 640, 360
)

// writer writes the files of a recording, one after the other. One goroutine uses it.
type writer struct {
	name            string
	format          mux.Format
	sound, pictures bool // wanted
	open            func(name string) (storage, error)

	out     storage // made, not begun
	started time.Time
	early   []sample // before the first file has begun
	file    *file
	stats   Stats
	closed  Stats // of the files before this one: Length and Bytes
}

func newWriter(name string, format mux.Format, sound, pictures bool) *writer {
	return &writer{name: name, format: format, sound: sound, pictures: pictures, open: createFile}
}

// create makes the first file, so that a folder that is not there is known at once.
func (w *writer) create() (err error) {
	w.out, err = w.open(w.name)
	return err
}

// add takes the next sample of a stream.
func (w *writer) add(s sample, now time.Time) error {
	if s.at.IsZero() {
		s.at = now
	}
	if s.isSound() && s.dur <= 0 {
		return nil // not Opus, whatever it is said to be
	}
	if !s.isSound() && !w.format.Holds(s.codec) {
		return &crvideo.Error{Op: "record", Code: crvideo.CodeNoPlatform, Err: fmt.Errorf("%s files cannot hold %s, which is sent; %s", w.format, s.codec, holders(s.codec))}
	}
	if w.file != nil {
		return w.place(s)
	}
	if len(w.early) == 0 {
		w.started = now
	}
	w.early = append(w.early, s)
	hasSound, hasPicture := !w.sound, !w.pictures
	for i := range w.early {
		hasSound = hasSound || w.early[i].isSound()
		hasPicture = hasPicture || !w.early[i].isSound()
	}
	if !hasSound || !hasPicture {
		return nil // tick looks at the time
	}
	return w.first()
}

func holders(codec string) string {
	var names []string
	for _, f := range []mux.Format{mux.MP4, mux.Matroska, mux.WebM} {
		if f.Holds(codec) {
			names = append(names, f.String())
		}
	}
	if len(names) == 0 {
		return "no kind of file does"
	}
	return "use " + strings.Join(names, " or ")
}

// first begins the first file with what was gathered.
func (w *writer) first() error {
	zero := w.early[0].at
	var picture *sample
	for i := range w.early {
		if zero.After(w.early[i].at) {
			zero = w.early[i].at
		}
		if picture == nil && !w.early[i].isSound() {
			picture = &w.early[i]
		}
	}
	var err error
	switch {
	case picture != nil:
		err = w.begin(w.out, zero, picture.codec, picture.data, picture.turn)
	case !w.pictures:
		err = w.begin(w.out, zero, "", nil, 0)
	default:
		err = w.beginDark(zero)
	}
	if err != nil {
		return err
	}
	early := w.early
	w.early = nil
	for _, s := range early {
		if err := w.place(s); err != nil {
			return err
		}
	}
	return nil
}

// beginDark begins a file before there is a picture, with a black one. Where there is no encoder for it, the file
// has no pictures, and those that come later begin another one.
func (w *writer) beginDark(zero time.Time) error {
	if composedCodec(w.format) == mux.VP8 {
		return w.begin(w.out, zero, mux.VP8, nil, 0) // needs no picture to begin with
	}
	black, err := blackPicture()
	if err != nil {
		return w.begin(w.out, zero, "", nil, 0)
	}
	if err := w.begin(w.out, zero, mux.H264, black, 0); err != nil {
		return err
	}
	return w.place(sample{codec: mux.H264, data: black, key: true, at: zero})
}

func blackPicture() ([]byte, error) {
	e, err := codec.NewVideoEncoder(codec.H264, codec.VideoParams{Width: blackWidth, Height: blackHeight})
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.Close() }()
	img := image.NewYCbCr(image.Rect(0, 0, blackWidth, blackHeight), image.YCbCrSubsampleRatio420)
	blacken(img)
	data, _, err := e.Encode(img)
	return append([]byte(nil), data...), err
}

func blacken(img *image.YCbCr) {
	for i := range img.Y {
		img.Y[i] = 16
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
}

func (w *writer) begin(out storage, zero time.Time, codec string, key []byte, turn int) error {
	w.out = out // to be closed if what follows fails
	f, err := begin(out, w.format, zero, w.sound, codec, key, turn)
	if err != nil {
		return err
	}
	w.out, w.file = nil, f
	w.stats.Files = append(w.stats.Files, w.nameOf(len(w.stats.Files)+1))
	return nil
}

// nameOf is the name of the n-th file.
func (w *writer) nameOf(n int) string {
	if n == 1 {
		return w.name
	}
	ext := filepath.Ext(w.name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(w.name, ext), n, ext)
}

// place puts a sample into the file, or begins the next one if its codec is another one, or at a key frame if pictures are
// turned in another way now.
func (w *writer) place(s sample) error {
	pts := s.at.Sub(w.file.zero)
	if s.isSound() {
		if codec.IsPause(s.data) {
			return w.flush() // players do not agree on what to make of it: it becomes silence like the rest of the pause
		}
		if w.file.sound.index >= 0 && !w.file.sound.add(pts, s.dur, w.emitter(s.data)) {
			w.stats.Late++
		}
		return w.flush()
	}
	turned := s.key && w.file.pictures.turn != s.turn
	if w.file.pictures.index < 0 || turned || !strings.EqualFold(w.file.pictures.codec, s.codec) {
		if !s.key {
			w.stats.Late++
			return nil
		}
		if err := w.roll(s); err != nil {
			return err
		}
		pts = 0
	}
	if done := w.file.pictures.add(mux.Sample{Track: w.file.pictures.index, Data: s.data, PTS: max(pts, 0), Key: s.key}); done != nil {
		w.emitPicture(done)
	}
	return w.flush()
}

func (w *writer) emitPicture(s *mux.Sample) {
	w.stats.Pictures++
	w.file.emit(*s)
}

// emitter writes packets of sound, and silence.
func (w *writer) emitter(data []byte) func(pts, dur time.Duration, silence []byte) {
	return func(pts, dur time.Duration, silence []byte) {
		s := mux.Sample{Track: w.file.sound.index, Data: data, PTS: pts, Duration: dur, Key: true}
		if silence != nil {
			s.Data = silence
			w.stats.Silence += dur
		} else {
			w.stats.Packets++
		}
		w.file.emit(s)
	}
}

// roll completes the file and begins the next one with a picture that cannot go on in it.
func (w *writer) roll(s sample) error {
	if err := w.complete(s.at); err != nil {
		return err
	}
	out, err := w.open(w.nameOf(len(w.stats.Files) + 1))
	if err != nil {
		return err
	}
	return w.begin(out, s.at, s.codec, s.data, s.turn)
}

func (w *writer) flush() error {
	err := w.file.flush(false)
	w.count()
	return err
}

func (w *writer) count() {
	w.stats.Length = w.closed.Length + w.file.length
	w.stats.Bytes = w.closed.Bytes + w.file.out.size
}

// tick does what is due by the clock.
func (w *writer) tick(now time.Time) error {
	if w.file == nil {
		if len(w.early) > 0 && now.Sub(w.started) >= gatherTime {
			return w.first()
		}
		return nil
	}
	at := now.Add(-latest).Sub(w.file.zero)
	if w.file.sound.index >= 0 {
		w.file.sound.fill(at, w.emitter(nil))
	}
	if done := w.file.pictures.freeze(at); done != nil {
		w.emitPicture(done)
	}
	return w.flush()
}

// complete completes the file.
func (w *writer) complete(end time.Time) error {
	f := w.file
	if f.pictures.held != nil {
		w.stats.Pictures++
		end = maxTime(end, f.zero.Add(f.pictures.held.PTS))
	}
	if f.sound.index >= 0 {
		f.sound.fill(end.Sub(f.zero), w.emitter(nil))
	}
	err := f.close(end)
	w.count()
	w.closed.Length, w.closed.Bytes = w.stats.Length, w.stats.Bytes
	w.file = nil
	return err
}

// finish ends the recording.
func (w *writer) finish(now time.Time) error {
	var err error
	if w.file == nil && w.out != nil && len(w.early) > 0 {
		err = w.first()
	}
	if w.file != nil {
		return errors.Join(err, w.complete(w.end(now)))
	}
	if w.out != nil { // nothing came: no file is better than one that nothing can play
		err = errors.Join(err, w.out.Close(), os.Remove(w.nameOf(len(w.stats.Files)+1)))
		w.out = nil
	}
	return err
}

// end is when a file ends that is completed now: with the sound or with the last picture, of which nobody knows how
// long it would have lasted.
func (w *writer) end(now time.Time) time.Time {
	f := w.file
	end := f.zero.Add(f.sound.next)
	if held := f.pictures.held; held != nil {
		return maxTime(end, minTime(now, f.zero.Add(held.PTS+lastPicture)))
	}
	return end
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
