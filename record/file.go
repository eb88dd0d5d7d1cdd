package record

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/crvideo/crvideo-go/internal/mux"
)

const (
	pieceLength = time.Second // from one write to the next
	pieceBytes  = 4 << 20     // or as soon as there is so much
)

// storage is what a recording is written to: a file, or in tests something that fails.
type storage interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
}

// file is one file of a recording. Times are since its beginning.
type file struct {
	out      *counted
	w        mux.Writer
	zero     time.Time // capture time of its beginning
	pictures pictureTrack
	sound    soundTrack
	pending  []mux.Sample
	waiting  int // bytes of pending
	length   time.Duration
}

// counted writes at the end, which it knows, so that a piece that was written in part can be cut off.
type counted struct {
	storage
	size int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.WriteAt(p, c.size)
	if err != nil {
		return n, errors.Join(err, c.Truncate(c.size))
	}
	c.size += int64(n)
	return n, nil
}

// begin writes the beginning of a file with a track of sound, if it is wanted, and one of pictures if key is not nil.
func begin(out storage, f mux.Format, zero time.Time, sound bool, codec string, key []byte, turn int) (*file, error) {
	t := &file{out: &counted{storage: out}, zero: zero, pictures: pictureTrack{index: -1}, sound: soundTrack{index: -1}}
	var tracks []mux.Track
	if codec != "" {
		t.pictures = pictureTrack{index: len(tracks), codec: codec, turn: turn}
		tracks = append(tracks, mux.Track{Codec: codec, Key: key, Rotation: turn})
	}
	if sound {
		t.sound = soundTrack{index: len(tracks)}
		tracks = append(tracks, mux.Track{Codec: mux.Opus})
	}
	var err error
	t.w, err = mux.New(f, t.out, tracks)
	return t, err
}

func (f *file) emit(s mux.Sample) {
	f.pending = append(f.pending, s)
	f.waiting += len(s.Data)
	f.length = max(f.length, s.PTS+s.Duration)
}

// flush writes what is there. Sound after a picture that waits for its end waits, too, so that a player finds together
// what is to be played together.
func (f *file) flush(all bool) error {
	if len(f.pending) == 0 || !all && f.waiting < pieceBytes && f.length-f.pending[0].PTS < pieceLength {
		return nil
	}
	ready, later := f.pending, []mux.Sample(nil)
	if held := f.pictures.held; held != nil && !all {
		ready = nil
		for _, s := range f.pending {
			if s.PTS > held.PTS {
				later = append(later, s)
			} else {
				ready = append(ready, s)
			}
		}
	}
	f.pending, f.waiting = later, 0
	for i := range later {
		f.waiting += len(later[i].Data)
	}
	return f.w.Write(ready)
}

// close completes the file, which ends at that time.
func (f *file) close(end time.Time) error {
	if held := f.pictures.release(end.Sub(f.zero)); held != nil {
		f.emit(*held)
	}
	err := f.flush(true)
	if err == nil {
		err = f.w.Finish(f.length)
	}
	return errors.Join(err, f.out.Close())
}

func createFile(name string) (storage, error) { return os.Create(name) }
