package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
)

// printer writes one line for each thing that happens, with the time since the start.
type printer struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
}

func newPrinter(out io.Writer) *printer { return &printer{out: out, start: time.Now()} }

func (p *printer) line(who, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "%8.3fs  %-6s %s\n", time.Since(p.start).Seconds(), who, fmt.Sprintf(format, args...))
}

func (p *printer) step(who string, n int, text string, args ...any) {
	p.line(who, "step %d: %s", n, fmt.Sprintf(text, args...))
}

// events prints every event of a client as it happens, until ctx or the client ends.
func (p *printer) events(ctx context.Context, wg *sync.WaitGroup, who string, c *crvideo.Client) {
	seq := c.Events(ctx)
	wg.Go(func() {
		for e := range seq {
			p.line(who, "event %s%+v", strings.TrimPrefix(fmt.Sprintf("%T", e), "crvideo."), e)
		}
	})
}

func logger(verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
