package soak

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go"
)

const (
	serverTimeout = 20 * time.Second
	doneTime      = 20 * time.Second // from Close to the last event
)

// life is one client from its start to its end, with what its events told.
type life struct {
	s     *soak
	d     *diary
	c     *crvideo.Client
	model model

	loginFresh atomic.Int64    // s.fresh when the login began
	superseded atomic.Bool     // somebody logged in as the same user
	rooms      [2]atomic.Int64 // that it entered last and before, or wants to
	deaf       atomic.Bool     // in its room without the others' sound

	mu      sync.Mutex
	readers []closer // watching and listening

	reading sync.WaitGroup
	read    digest // as Events told; after reading
	cancel  context.CancelFunc
}

type closer interface{ Close() error }

func (s *soak) params(d *diary) crvideo.SDKParams {
	return crvideo.SDKParams{
		ServerAddr: s.net.URL(), Timeout: serverTimeout,
		Logger: slog.New(slog.NewTextHandler(d, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: withoutTime})),
	}
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// newLife makes the life of a client that has its handlers set by on.
func (s *soak) newLife(d *diary, c *crvideo.Client) *life {
	l := &life{s: s, d: d, c: c}
	l.model.fail = func(format string, args ...any) { s.fail(d, format, args...) }
	l.model.note = d.add
	l.model.ends = l.ended
	l.model.login("")
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	seq := c.Events(ctx)
	l.reading.Go(func() {
		for e := range seq {
			if handled(e) {
				l.read.add(e)
			}
		}
	})
	return l
}

// event is the handler of everything.
func (l *life) event(e crvideo.Event) {
	select {
	case <-l.c.Done():
		l.s.fail(l.d, "%T%+v after Done", e, e)
	default:
	}
	l.model.event(e)
}

// ended judges an event that ends a stay or a login: was there a reason?
func (l *life) ended(e crvideo.Event) {
	forgotten := l.s.fresh.Load() > l.loginFresh.Load()
	uid := l.model.self
	good := false
	switch e := e.(type) {
	case crvideo.LineOff:
		good = e.Code == crvideo.CodeKicked && l.superseded.Load()
	case crvideo.MeetingDropped: // a room may have ended while we were coming back to it
		good = e.Code == crvideo.CodeNoRoom && forgotten && (l.s.destroyed(l.rooms[0].Load()) || l.s.destroyed(l.rooms[1].Load()))
	case crvideo.NotifyMeetEnded:
		good = l.s.destroyed(e.MeetID)
	case crvideo.UserLeftMeeting:
		_, kicked := l.s.kicks.Load(uid)
		good = kicked && e.Reason == "kick"
	}
	l.s.count(fmt.Sprintf("%T", e))
	if !good {
		l.s.fail(l.d, "%T%+v without a reason", e, e)
	}
}

// enters takes note of the room. What ends the one before may still be on its way to the handler.
func (l *life) enters(id int64) { l.rooms[1].Store(l.rooms[0].Swap(id)) }

// destroyed tells whether somebody destroyed a room, or tried to.
func (s *soak) destroyed(id int64) bool {
	_, ok := s.ended.Load(id)
	return ok
}

// close ends the client and holds that it ends.
func (l *life) close() {
	l.mu.Lock()
	readers := l.readers
	l.readers = nil
	l.mu.Unlock()
	for _, r := range readers {
		_ = r.Close()
	}
	end := l.s.calls.begin(l.d, "Close", doneTime)
	start := time.Now()
	err := l.c.Close()
	end()
	if err != nil {
		l.s.fail(l.d, "Close: %v", err)
	}
	l.d.add("Close (%v)", time.Since(start).Round(time.Millisecond))
	l.finish()
}

// finish waits for the end of a client that was closed.
func (l *life) finish() {
	select {
	case <-l.c.Done():
	case <-time.After(doneTime):
		l.s.fail(l.d, "not done %v after Close", doneTime)
		l.cancel()
		return
	}
	l.reading.Wait()
	l.cancel()
	l.model.mu.Lock()
	defer l.model.mu.Unlock()
	if handled := l.model.digest; handled != l.read {
		l.s.fail(l.d, "handlers saw %d events, Events %d, or others, or in another order", handled.count, l.read.count)
	}
}
