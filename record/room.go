package record

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/mux"
)

const (
	// roomDelay is how far the composition of a room is behind, so that all that belongs to a moment has come.
	roomDelay = 500 * time.Millisecond
	// catchUp is how many moments are made up for.
	catchUp = 2 * time.Second
	// rosterInterval is how often it is looked at who is in the room.
	rosterInterval = 250 * time.Millisecond
)

// roomProducers compose everybody else in the room into one picture and one sound.
func roomProducers(c *crvideo.Client, format mux.Format, o Options) (all []producer, err error) {
	defer func() {
		if err != nil {
			for _, p := range all {
				p.close()
			}
			all = nil
		}
	}()
	if !o.NoAudio {
		encoder, err := codec.NewAudioEncoder(codec.Opus, mixRate, 1, mixBitrate)
		if err != nil {
			return all, composeError(err)
		}
		all = append(all, &roomSound{c: c, encoder: encoder})
	}
	if !o.NoVideo {
		params := codec.VideoParams{Width: o.Width, Height: o.Height, FPS: o.FPS, Bitrate: o.Bitrate, KeyFrameInterval: keyInterval * o.FPS}
		encoder, err := codec.NewVideoEncoder(composedCodec(format), params)
		if err != nil {
			return all, composeError(err)
		}
		all = append(all, &roomPicture{c: c, codec: composedCodec(format), encoder: encoder, wall: newWall(o.Width&^1, o.Height&^1), fps: o.FPS})
	}
	return all, nil
}

// composedCodec is what a composed picture is encoded in.
func composedCodec(format mux.Format) string {
	for _, c := range []string{codec.DefaultVideo, codec.VP8} {
		if format.Holds(c) {
			return c
		}
	}
	return codec.H264 // whose encoder says what it lacks
}

func composeError(err error) error {
	code := crvideo.CodeBadParameter
	var missing *codec.UnavailableError
	if errors.As(err, &missing) {
		code = crvideo.CodeNoPlatform
	}
	return &crvideo.Error{Op: "record.Start", Code: code, Err: err}
}

// roster runs a function for each of the others while they are in the room.
type roster struct {
	c       *crvideo.Client
	follow  func(ctx context.Context, uid string)
	members map[string]context.CancelFunc
	wg      sync.WaitGroup
}

// update starts and ends functions as members come and go.
func (r *roster) update(ctx context.Context) {
	if r.members == nil {
		r.members = map[string]context.CancelFunc{}
	}
	here := map[string]bool{}
	for _, m := range r.c.GetAllMembers() {
		if m.UID == r.c.UID() {
			continue
		}
		here[m.UID] = true
		if r.members[m.UID] == nil {
			ctx, cancel := context.WithCancel(ctx)
			r.members[m.UID] = cancel
			r.wg.Go(func() { r.follow(ctx, m.UID) })
		}
	}
	for uid, cancel := range r.members {
		if !here[uid] {
			cancel()
			delete(r.members, uid)
		}
	}
}

// close ends all functions and waits for them.
func (r *roster) close() {
	for _, cancel := range r.members {
		cancel()
	}
	r.wg.Wait()
}

// steps calls step for each moment of a clock, roomDelay after it, and update now and then.
func steps(ctx context.Context, c *crvideo.Client, every time.Duration, update func(), step func(at time.Time) error) error {
	next := time.Now()
	roster := next
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-c.Done():
			return io.EOF
		case <-ctx.Done():
			return ctx.Err()
		}
		now := time.Now()
		if !now.Before(roster) {
			update()
			roster = now.Add(rosterInterval)
		}
		if now.Sub(next) > catchUp {
			next = now // the machine slept
		}
		for ; !next.After(now); next = next.Add(every) {
			if err := step(next.Add(-roomDelay)); err != nil {
				return err
			}
		}
		timer.Reset(time.Until(next))
	}
}
