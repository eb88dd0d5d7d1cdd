package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/mux"
)

// Options of a recording. The zero value records the whole room with its sound and pictures.
type Options struct {
	UID     string // the member to record; empty: the whole room, composed
	CamID   int    // that member's camera; 0: the default one
	NoAudio bool
	NoVideo bool

	// Of the composed picture of a room.
	Width, Height int // default 1280 x 720; 64 to 4096, 64 to 2304
	FPS           int // default 15; 1 to 30
	Bitrate       int // in bit/s; default 1,200,000
}

func (o *Options) check() error {
	switch {
	case o.NoAudio && o.NoVideo:
		return errors.New("neither sound nor pictures")
	case o.UID != "" && o.CamID < crvideo.DefaultCamera:
		return fmt.Errorf("camera %d", o.CamID)
	}
	o.CamID = orDefault(o.CamID, crvideo.DefaultCamera)
	if o.Width == 0 && o.Height == 0 {
		o.Width, o.Height = 1280, 720
	}
	o.FPS, o.Bitrate = orDefault(o.FPS, 15), orDefault(o.Bitrate, 1_200_000)
	if o.Width < 64 || o.Width > 4096 || o.Height < 64 || o.Height > 2304 || o.FPS < 1 || o.FPS > 30 || o.Bitrate < 0 {
		return fmt.Errorf("%dx%d at %d pictures and %d bit/s", o.Width, o.Height, o.FPS, o.Bitrate)
	}
	return nil
}

func orDefault(v, fallback int) int {
	if v == 0 {
		return fallback
	}
	return v
}

// Stats are the counts of a recording.
type Stats struct {
	Files    []string      // that were written, oldest first
	Length   time.Duration // of all files
	Bytes    int64         // of all files
	Pictures int           // written
	Packets  int           // of sound, written
	Silence  time.Duration // written where there was no sound
	Late     int           // samples left out since they came when later ones had been written
}

// Recording is a recording that goes on until Stop, the end of its context or its client, or an error.
type Recording struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	err   error
	stats Stats
}

// queued is how many samples may wait for the disk before readers wait, and then drop the oldest.
const queued = 256

// Start begins to record into a file, which it replaces; the name's ending tells the format: .mp4, .m4v, .mkv, .mka or
// .webm. The member need not be there yet, nor need anything be open: the file begins with what comes first, and goes on
// while members close and open devices, change sizes and cameras, leave and enter. When the codec of a member's pictures
// changes, or how they are to be turned (a phone), the recording goes on in another file, "name-2.mp4": players turn the
// pictures of a file by what is said at its beginning. A room's pictures are upright. ctx ends the recording.
//
// A room with many open microphones is heard whole, not only its loudest members: a client that receives everybody's sound
// as usual (AudioSubscribeAll) gets AudioSubscribeOthers with an empty list, and keeps it.
//
// Errors: 5 unknown ending or options, 11 the client is closed, 905 the file cannot be made, 8005 this build cannot
// compose a room. While it goes on, a recording ends with 902 when the disk is full, 905 when the file cannot be
// written, 8005 when the format cannot hold what a member sends; the call is not affected.
func Start(ctx context.Context, c *crvideo.Client, file string, o Options) (*Recording, error) {
	const op = "record.Start"
	format, ok := mux.FormatOf(file)
	if !ok {
		return nil, &crvideo.Error{Op: op, Code: crvideo.CodeBadParameter, Err: fmt.Errorf("unknown kind of file %q", file)}
	}
	if err := o.check(); err != nil {
		return nil, &crvideo.Error{Op: op, Code: crvideo.CodeBadParameter, Err: err}
	}
	produce, err := producers(c, format, o)
	if err != nil {
		return nil, err
	}
	w := newWriter(file, format, !o.NoAudio, !o.NoVideo)
	if err := w.create(); err != nil {
		for _, p := range produce {
			p.close()
		}
		return nil, &crvideo.Error{Op: op, Code: crvideo.CodeFile, Err: err}
	}
	if o.UID == "" && !o.NoAudio && c.GetAudioSubscribeMode() == crvideo.AudioSubscribeAll {
		_ = c.SetAudioSubscribeList(nil) // both fail for a closed client only, which the recording notices
		_ = c.SetAudioSubscribeMode(crvideo.AudioSubscribeOthers)
	}
	r := &Recording{done: make(chan struct{})}
	ctx, r.cancel = context.WithCancel(ctx)
	go r.run(ctx, w, produce)
	return r, nil
}

func producers(c *crvideo.Client, format mux.Format, o Options) ([]producer, error) {
	if o.UID == "" {
		return roomProducers(c, format, o)
	}
	return memberProducers(c, o)
}

// producer yields samples until its context ends, io.EOF, or an error that ends the recording.
type producer interface {
	run(ctx context.Context, emit func(sample)) error
	close()
}

// sample is a picture or a packet of sound.
type sample struct {
	codec string
	data  []byte
	key   bool
	at    time.Time // when it was captured
	dur   time.Duration
	turn  int // degrees clockwise by which a picture is to be turned
}

func (s *sample) isSound() bool { return s.codec == mux.Opus }

// run owns the file and the producers.
func (r *Recording) run(ctx context.Context, w *writer, produce []producer) {
	defer close(r.done)
	defer r.cancel()
	samples := make(chan sample, queued)
	ended := make(chan error, len(produce))
	var wg sync.WaitGroup
	for _, p := range produce {
		wg.Go(func() {
			defer p.close()
			ended <- p.run(ctx, func(s sample) {
				select {
				case samples <- s:
				case <-ctx.Done():
				}
			})
		})
	}
	err := r.write(ctx, w, samples, ended, len(produce))
	r.cancel()
	wg.Wait()
	for err == nil && len(samples) > 0 {
		err = w.add(<-samples, time.Now())
	}
	err = asRecordError(errors.Join(err, w.finish(time.Now())))
	r.mu.Lock()
	r.err, r.stats = err, w.stats
	r.mu.Unlock()
}

// write writes samples until the recording is to end.
func (r *Recording) write(ctx context.Context, w *writer, samples <-chan sample, ended <-chan error, producers int) error {
	tick := time.NewTicker(pieceLength / 4)
	defer tick.Stop()
	for {
		var err error
		select {
		case s := <-samples:
			err = w.add(s, time.Now())
		case now := <-tick.C:
			err = w.tick(now)
			r.mu.Lock()
			r.stats = w.stats
			r.mu.Unlock()
		case err = <-ended:
			if errors.Is(err, io.EOF) || ctx.Err() != nil {
				err = nil
			}
			if producers--; producers == 0 && err == nil {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// asRecordError gives an error of the file system its code.
func asRecordError(err error) error {
	var own *crvideo.Error
	switch {
	case err == nil || errors.As(err, &own):
		return err
	case errors.Is(err, syscall.ENOSPC):
		return &crvideo.Error{Op: "record", Code: crvideo.CodeDiskFull, Err: err}
	}
	return &crvideo.Error{Op: "record", Code: crvideo.CodeFile, Err: err}
}

// Stop ends the recording, completes the file and returns Err. It may be called any number of times.
func (r *Recording) Stop() error {
	r.cancel()
	<-r.done
	return r.Err()
}

// Done is closed when the recording has ended and its file is complete.
func (r *Recording) Done() <-chan struct{} { return r.done }

// Err tells why the recording has ended by itself; nil while it goes on and after a regular end.
func (r *Recording) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Stats returns the counts so far, as of the last half second.
func (r *Recording) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Files = slices.Clone(s.Files)
	return s
}
