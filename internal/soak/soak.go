package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// Options of a run.
type Options struct {
	Bots    int           // at least 3
	For     time.Duration // how long it is to take, about
	Seed    uint64        // where chance begins: which actions and faults come, and in which order for each bot
	Verbose bool          // print every action, fault and event
	Out     io.Writer     // progress
}

const (
	roomSize    = 8 // bots a room, about
	stormTime   = 20 * time.Second
	calmTime    = 8 * time.Second // about, with what is measured in it
	ebbEvery    = 3               // calms
	progressing = 10 * time.Second
)

// soak is one run.
type soak struct {
	opts  Options
	begin time.Time
	srv   *crvideotest.Server
	net   *crvideotest.Network
	tb    *bench
	board *board
	bots  []*bot
	twin  *mirrorBot
	calls ledger
	figures

	out   sync.Mutex   // held while the server is away
	gate  sync.RWMutex // held for reading by who acts; whoever holds it for writing has calm
	idle  usage        // with a server and a network that nobody uses
	fresh atomic.Int64 // how often the server has forgotten everybody so far

	kicks sync.Map // UIDs that somebody put out, or tried to
	ended sync.Map // rooms that somebody destroyed, or tried to

	outMu sync.Mutex
	found violations
}

// Run runs until the time is over or ctx ends, and reports. The error tells why it could not run; what it found is in
// the report.
func Run(ctx context.Context, opts Options) (report *Report, err error) {
	if opts.Bots < 3 {
		return nil, fmt.Errorf("%d bots: at least 3 are needed", opts.Bots)
	}
	media, err := newLibrary(opts.Bots)
	if err != nil {
		return nil, err
	}
	s := &soak{opts: opts, begin: time.Now()}
	s.figures.init()
	before := measure()
	s.tb = &bench{s: s}
	defer func() {
		if stop, ok := recover().(fatal); ok {
			s.tb.end()
			err = errors.New(string(stop))
		}
	}()
	s.srv = crvideotest.NewServer(s.tb, func(c *server.Config) {
		c.Logger = slog.New(slog.NewTextHandler(serverLog{s}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	s.net = s.srv.Network()
	s.board = newBoard(max(1, opts.Bots/roomSize))
	for n := range opts.Bots - 1 {
		s.bots = append(s.bots, newBot(s, n+1, media[n+1]))
	}
	s.twin = newMirrorBot(s, media[0])
	s.run(ctx)
	s.tb.end()
	s.final = s.drained("at the end", before)
	return s.report(), nil
}

// run is the cycles.
func (s *soak) run(ctx context.Context) {
	stop := s.watch()
	defer stop()
	s.idle = measure()
	deadline := s.begin.Add(s.opts.For)
	chance := rand.New(rand.NewPCG(s.opts.Seed, 0)) //nolint:gosec // must repeat
	for cycle := 1; ; cycle++ {
		s.storm(ctx, chance, min(stormTime, max(time.Until(deadline)-calmTime, 2*time.Second)))
		last := time.Until(deadline) < 2*calmTime || ctx.Err() != nil
		s.calm(chance, cycle)
		if last || cycle%ebbEvery == 0 {
			s.ebb()
		}
		if last || s.found.many() {
			return
		}
	}
}

// storm lets bots and faults loose.
func (s *soak) storm(ctx context.Context, chance *rand.Rand, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var acting sync.WaitGroup
	for _, b := range s.bots {
		acting.Go(func() { b.act(ctx) })
	}
	acting.Go(func() { s.twin.act(ctx) })
	s.chaos(ctx, chance)
	acting.Wait()
}

// watch prints progress and looks for calls that do not end.
func (s *soak) watch() (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(progressing)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.calls.overdue(s)
				s.print("%s", s.progress())
			case <-done:
				return
			}
		}
	})
	return func() { close(done); watching.Wait() }
}

// print prints a line with the time since the beginning.
func (s *soak) print(format string, args ...any) {
	s.outMu.Lock()
	defer s.outMu.Unlock()
	_, _ = fmt.Fprintf(s.opts.Out, "%7.1f  %s\n", time.Since(s.begin).Seconds(), fmt.Sprintf(format, args...))
}

// detail prints a line if it is wanted.
func (s *soak) detail(format string, args ...any) {
	if s.opts.Verbose {
		s.print(format, args...)
	}
}
