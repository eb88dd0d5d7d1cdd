package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Params say what a driver does.
type Params struct {
	Scenario string  // a key of scenarios
	Count    int     // joins, subscribers, listeners, or idle members
	Seconds  float64 // how long a stream is measured
}

// Results are figures by name; main.go of the benchmark knows their units.
type Results map[string]float64

var scenarios = map[string]func(context.Context, *bench) error{
	"join": join, "forward": forward, "crowd": crowd, "listen": listen,
}

// How long anything that must happen may take, and how long media may take to come before it counts as failed.
const (
	patience = 60 * time.Second
	missing  = 5 * time.Second
)

// errFailed is an attempt that is counted; then another one is made.
var errFailed = errors.New("failed")

// attempts are made to let a member in who is only needed for what is measured.
const attempts = 3

type bench struct {
	Params
	server  Server
	results Results
	failed  atomic.Int64 // attempts to enter, or to get media
}

// publisher is a member that shows and speaks.
type publisher struct {
	Member
	ask atomic.Pointer[func()]
}

func (b *bench) publisher(ctx context.Context, room string, cfg MemberConfig) (*publisher, error) {
	p := &publisher{}
	cfg.OnKeyFrame = func() {
		if ask := p.ask.Load(); ask != nil {
			(*ask)()
		}
	}
	var err error
	p.Member, err = b.enter(ctx, room, cfg)
	return p, err
}

// start publishes a stream.
func (p *publisher) start(ctx context.Context, s Stream) (*sender, error) {
	t, err := p.Publish(ctx, s.Kind)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	if s.Kind == Video {
		return send(ctx, t, s, &p.ask), nil
	}
	return send(ctx, t, s, nil), nil
}

// enter lets a member in that is needed for what is measured.
func (b *bench) enter(ctx context.Context, room string, cfg MemberConfig) (m Member, err error) {
	if cfg.Arrivals == nil {
		cfg.Arrivals = NewArrivals()
	}
	for range attempts {
		if m, err = b.tryEnter(ctx, room, cfg, func() {}); !errors.Is(err, errFailed) {
			return m, err
		}
		b.failed.Add(1)
	}
	return nil, err
}

// tryEnter prepares a member and lets it in after ready has returned.
func (b *bench) tryEnter(ctx context.Context, room string, cfg MemberConfig, ready func()) (Member, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := b.server.Prepare(ctx, room, cfg)
	ready()
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", cfg.Name, err)
	}
	if err := m.Enter(ctx); err != nil {
		m.Close()
		return nil, fmt.Errorf("enter %s: %w: %w", cfg.Name, errFailed, err)
	}
	return m, nil
}

// enterAll lets n members in, some at a time. make gives their configurations.
func (b *bench) enterAll(ctx context.Context, room string, n int, config func(i int) MemberConfig) ([]Member, error) {
	const atOnce = 4
	all := make([]Member, n)
	failed := make(chan error, n)
	var wg sync.WaitGroup
	next := atomic.Int64{}
	for range atOnce {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				var err error
				if all[i], err = b.enter(ctx, room, config(i)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return nil, err
	default:
		return all, nil
	}
}

// usage is what the two processes have used, and what came at the members.
type usage struct {
	server, client time.Duration
	packets        uint64
	at             time.Time
}

func (b *bench) usage(members []Member) (u usage, err error) {
	if u.server, err = cpu(b.server.PID()); err != nil {
		return u, err
	}
	if u.client, err = cpu(os.Getpid()); err != nil {
		return u, err
	}
	for _, m := range members {
		u.packets += m.Packets()
	}
	u.at = time.Now()
	return u, nil
}

// own is the memory of this process after a collection, and its goroutines.
func own() (bytes float64, goroutines int, err error) {
	debug.FreeOSMemory()
	bytes, err = memory(os.Getpid())
	return bytes, runtime.NumGoroutine(), err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
