package crvideo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crvideo/crvideo-go"
)

// eventWatch sees every event of a client, whatever handlers and loops the test has.
type eventWatch struct {
	c     *crvideo.Client
	queue sync.WaitGroup

	mu     sync.Mutex
	order  order
	events int
	wrong  []string
}

// watchEvents reads a client's events to their end, and has a handler for each kind until the test sets one of its own.
func watchEvents(c *crvideo.Client) *eventWatch {
	w := &eventWatch{c: c}
	w.order.forget()
	seq := c.Events(context.Background())
	w.queue.Go(func() {
		for e := range seq {
			w.event(e)
		}
	})
	for event, register := range registrations(c) {
		register(func() { w.handled(event) })
	}
	return w
}

func (w *eventWatch) event(e crvideo.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events++
	if wrong := w.order.event(e); wrong != "" {
		w.wrong = append(w.wrong, fmt.Sprintf("event %d, %T%+v: %s", w.events, e, e, wrong))
	}
}

func (w *eventWatch) handled(event string) {
	select {
	case <-w.c.Done():
		w.mu.Lock()
		defer w.mu.Unlock()
		w.wrong = append(w.wrong, event+" came after Done")
	default:
	}
}

func (w *eventWatch) requireEnded(t testing.TB) {
	t.Helper()
	w.queue.Wait() // the loop ends with the client
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, wrong := range w.wrong {
		t.Error(wrong)
	}
}

// cookieMark is in every cookie of callWatch, to be found where it must not be.
const cookieMark = "cookie-of-a-watched-call"

// callWatch makes calls as the mirror does, all the time, whatever happens to the client meanwhile: each must end once,
// with its cookie, and before Done.
type callWatch struct {
	c       *crvideo.Client
	end     chan struct{}
	ended   sync.Once
	asking  sync.WaitGroup
	pending atomic.Int32

	mu    sync.Mutex
	asked int
	back  map[string]int
	wrong []string
}

// callPace is how often a call begins, unless two are under way.
const callPace = 100 * time.Millisecond

func watchCalls(c *crvideo.Client, every time.Duration) *callWatch {
	w := &callWatch{c: c, end: make(chan struct{}), back: map[string]int{}}
	w.asking.Go(func() {
		pace := time.NewTicker(every)
		defer pace.Stop()
		for {
			select {
			case <-w.end:
				return
			case <-c.Done():
				return
			case <-pace.C:
				if w.pending.Load() < 2 {
					w.ask()
				}
			}
		}
	})
	return w
}

func (w *callWatch) ask() {
	w.mu.Lock()
	w.asked++
	cookie := fmt.Sprint(cookieMark, "-", w.asked)
	w.mu.Unlock()
	w.pending.Add(1)
	crvideo.AskWithCookie(w.c, cookie, func(cookie any, err error) { w.pending.Add(-1); w.answered(cookie, err) })
}

func (w *callWatch) answered(cookie any, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.back[cookie.(string)]++
	select {
	case <-w.c.Done():
		if !errors.Is(err, crvideo.CodeNotInit) { // begun after the end
			w.wrong = append(w.wrong, fmt.Sprintf("the end of %v came after Done: %v", cookie, err))
		}
	default:
	}
}

// stop begins no more calls. Those that are under way go on.
func (w *callWatch) stop() {
	w.ended.Do(func() { close(w.end) })
	w.asking.Wait()
}

// requireEnded is called after Done.
func (w *callWatch) requireEnded(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range w.asked {
		cookie := fmt.Sprint(cookieMark, "-", n+1)
		if times := w.back[cookie]; times != 1 {
			w.wrong = append(w.wrong, fmt.Sprintf("%s came back %d times", cookie, times))
		}
	}
	if len(w.back) > w.asked {
		w.wrong = append(w.wrong, fmt.Sprintf("%d cookies came back of %d", len(w.back), w.asked))
	}
	for _, wrong := range w.wrong {
		t.Error(wrong)
	}
}
