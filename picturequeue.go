package crvideo

import (
	"context"
	"image"
	"slices"
	"sync"
	"time"
)

// pictureFPS paces a PictureQueue on which no camera is open.
const pictureFPS = 15

// PictureQueue is a camera that is written to: pictures in, one after the other, encoded as H.264. The zero value is
// ready; give its Open to AddCamera or AddStreamCam, or itself to AddCanvasVCam. Several cameras, of several clients
// too, may be open on one queue: each gets every picture.
type PictureQueue struct {
	writing sync.Mutex // one picture at a time
	due     time.Time  // not before; with writing held

	mu   sync.Mutex
	open []*pictureSource
}

// Open is the SourceFunc of the queue. A build that cannot encode is code 8005, which says what is missing.
func (q *PictureQueue) Open(_ context.Context, format SourceFormat) (Source, error) {
	s, err := newPictureSource(q, format)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	q.open = append(q.open, s)
	q.mu.Unlock()
	return s, nil
}

func (q *PictureQueue) closed(s *pictureSource) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = slices.DeleteFunc(q.open, func(o *pictureSource) bool { return o == s })
}

// WriteImage hands over one picture. It waits until the picture is due at the rate of VideoCfg.FPS (15 a second while
// no camera is open), so a loop around it is paced; afterwards the picture may be changed. A picture that is larger
// than VideoCfg says is made smaller, its shape stays; one that is smaller is sent as it is, with sides rounded down to
// even numbers. The last picture is repeated once a second while no other one is written, and when somebody begins to
// watch. While no camera is open, pictures are discarded.
//
// *image.YCbCr are taken to have video levels (BT.601, 16 to 235), as those of VideoReader; all others are converted,
// *image.RGBA fastest. Errors: 5 the picture is empty or larger than 8192 points a side, or the context's.
func (q *PictureQueue) WriteImage(ctx context.Context, img image.Image) error {
	const op, maxSide = "PictureQueue.WriteImage", 8192
	if size := img.Bounds().Size(); size.X < 1 || size.Y < 1 || size.X > maxSide || size.Y > maxSide {
		return failf(op, CodeBadParameter, "picture of %v", size)
	}
	q.writing.Lock()
	defer q.writing.Unlock()
	if err := q.pace(ctx); err != nil {
		return err
	}
	for _, s := range q.sources() {
		if err := s.put(ctx, img); err != nil {
			return err
		}
	}
	return nil
}

func (q *PictureQueue) sources() []*pictureSource {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.open)
}

// pace waits until a picture is due. What is late by more than a picture is not caught up.
func (q *PictureQueue) pace(ctx context.Context) error {
	fps := pictureFPS
	for i, s := range q.sources() {
		if i == 0 || s.format.FPS > fps {
			fps = s.format.FPS
		}
	}
	interval := time.Second / time.Duration(fps)
	now := time.Now()
	if q.due.Before(now.Add(-interval)) {
		q.due = now
	}
	if wait := q.due.Sub(now); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	q.due = q.due.Add(interval)
	return ctx.Err()
}
