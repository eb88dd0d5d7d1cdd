package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// crowdOfJoins is how many enter at the same time.
const crowdOfJoins = 20

// betweenJoins lets every server ask for the next key frame at once: all limit how often they do, LiveKit to one a second.
const betweenJoins = 1100 * time.Millisecond

// joined is how long a member took, in milliseconds: to log in, and from entering on.
type joined struct{ prepare, connected, audio, key float64 }

// join is members who enter a room in which one speaks and shows, one after the other, and many at once.
func join(ctx context.Context, b *bench) error {
	if err := b.joining(ctx); err != nil {
		return err
	}
	return b.publishing(ctx)
}

func (b *bench) joining(ctx context.Context) error {
	room, err := b.server.NewRoom(ctx)
	if err != nil {
		return err
	}
	pub, err := b.publisher(ctx, room, MemberConfig{Name: Publisher, Speak: 1, Show: true})
	if err != nil {
		return err
	}
	defer pub.Close()
	for _, s := range []Stream{Speech, Picture} {
		w, err := pub.start(ctx, s)
		if err != nil {
			return err
		}
		defer w.close()
	}
	for i := range 3 { // everything is warm
		if _, err := b.joinOnce(ctx, room, fmt.Sprintf("warm%d", i)); err != nil {
			return err
		}
	}
	one, err := b.joinOneByOne(ctx, room)
	if err != nil {
		return err
	}
	b.tell("join", one)
	var all []joined
	for i := range max(b.Count/5, 1) {
		if err := pause(ctx, betweenJoins); err != nil {
			return err
		}
		js, err := b.joinAtOnce(ctx, room, i)
		if err != nil {
			return err
		}
		all = append(all, js...)
	}
	b.tell("join20", all)
	return nil
}

func (b *bench) tell(name string, js []joined) {
	if len(js) == 0 {
		return
	}
	column := func(value func(j joined) float64) []float64 {
		var v []float64
		for _, j := range js {
			v = append(v, value(j))
		}
		return v
	}
	b.results[name+" connected"] = median(column(func(j joined) float64 { return j.connected }))
	b.results[name+" login"] = median(column(func(j joined) float64 { return j.prepare + j.connected }))
	b.results[name+" audio"] = median(column(func(j joined) float64 { return j.audio }))
	b.results[name+" key"] = median(column(func(j joined) float64 { return j.key }))
	b.results[name+" slowest"] = slices.Max(column(func(j joined) float64 { return max(j.audio, j.key) }))
}

// joinOneByOne also notes the processor time of a join: what both processes used, less what they use while nobody joins.
func (b *bench) joinOneByOne(ctx context.Context, room string) (js []joined, err error) {
	rest, err := b.spend(func() error { return pause(ctx, 2*betweenJoins) })
	if err != nil {
		return nil, err
	}
	used, idle := 0.0, 0.0
	for i := range b.Count {
		if err := pause(ctx, betweenJoins); err != nil {
			return nil, err
		}
		begin := time.Now()
		ms, err := b.spend(func() error {
			j, err := b.joinOnce(ctx, room, fmt.Sprintf("one%d", i))
			if js, err = b.counted(js, j, err); err != nil {
				return err
			}
			return pause(ctx, 100*time.Millisecond) // the end of a member is a part of it
		})
		if err != nil {
			return nil, err
		}
		used += ms
		idle += rest * time.Since(begin).Seconds() / (2 * betweenJoins).Seconds()
	}
	b.results["join cpu"] = (used - idle) / float64(b.Count)
	return js, nil
}

// spend is the processor time in milliseconds that both processes use while fn runs.
func (b *bench) spend(fn func() error) (float64, error) {
	before, err := b.usage(nil)
	if err != nil {
		return 0, err
	}
	if err := fn(); err != nil {
		return 0, err
	}
	after, err := b.usage(nil)
	return float64((after.server + after.client - before.server - before.client).Microseconds()) / 1e3, err
}

// counted adds a join to those that were measured, or to the failures.
func (b *bench) counted(js []joined, j joined, err error) ([]joined, error) {
	switch {
	case errors.Is(err, errFailed):
		b.failed.Add(1)
		return js, nil
	case err != nil:
		return js, err
	}
	return append(js, j), nil
}

func (b *bench) joinOnce(ctx context.Context, room, name string) (j joined, err error) {
	return b.joinFrom(ctx, room, name, func() {})
}

// joinFrom lets a member in, waits until it hears and sees, and lets it leave. It enters when ready returns.
func (b *bench) joinFrom(ctx context.Context, room, name string, ready func()) (j joined, err error) {
	arrivals := NewArrivals()
	begin := time.Now()
	cfg := MemberConfig{Name: name, Hear: []string{Publisher}, See: true, Arrivals: arrivals}
	m, err := b.tryEnter(ctx, room, cfg, func() {
		j.prepare = float64(time.Since(begin).Microseconds()) / 1e3
		ready()
		begin = time.Now()
	})
	if err != nil {
		return j, err
	}
	defer m.Close()
	j.connected = float64(time.Since(begin).Microseconds()) / 1e3
	if err := arrivals.wait(ctx, 2); err != nil {
		return j, fmt.Errorf("%s: %w", name, err)
	}
	j.audio, j.key = since(begin, &arrivals.audio), since(begin, &arrivals.key)
	return j, nil
}

func (b *bench) joinAtOnce(ctx context.Context, room string, round int) ([]joined, error) {
	all, errs := make([]joined, crowdOfJoins), make([]error, crowdOfJoins)
	var prepared, wg sync.WaitGroup
	prepared.Add(crowdOfJoins)
	for i := range crowdOfJoins {
		wg.Go(func() {
			all[i], errs[i] = b.joinFrom(ctx, room, fmt.Sprintf("crowd%d-%d", round, i), func() {
				prepared.Done()
				prepared.Wait()
			})
		})
	}
	wg.Wait()
	var js []joined
	for i, err := range errs {
		if js, err = b.counted(js, all[i], err); err != nil {
			return nil, err
		}
	}
	return js, nil
}

// publishing is how long after the call that opens a camera somebody who was there already sees its first packet.
func (b *bench) publishing(ctx context.Context) error {
	const times = 10
	var took []float64
	for range times {
		room, err := b.server.NewRoom(ctx)
		if err != nil {
			return err
		}
		ms, err := b.publishOnce(ctx, room)
		switch {
		case errors.Is(err, errFailed):
			b.failed.Add(1)
		case err != nil:
			return err
		default:
			took = append(took, ms)
		}
	}
	b.results["publish"] = median(took)
	return nil
}

func (b *bench) publishOnce(ctx context.Context, room string) (float64, error) {
	arrivals := NewArrivals()
	pub, err := b.publisher(ctx, room, MemberConfig{Name: Publisher, Show: true})
	if err != nil {
		return 0, err
	}
	defer pub.Close()
	m, err := b.enter(ctx, room, MemberConfig{Name: "viewer", See: true, Arrivals: arrivals})
	if err != nil {
		return 0, err
	}
	defer m.Close()
	if err := pause(ctx, 200*time.Millisecond); err != nil { // both are at rest
		return 0, err
	}
	begin := time.Now()
	w, err := pub.start(ctx, Stream{Kind: Video, Every: time.Millisecond, Size: 1000})
	if err != nil {
		return 0, err
	}
	defer w.close()
	if err := arrivals.wait(ctx, 1); err != nil {
		return 0, fmt.Errorf("nothing of a new camera: %w", err)
	}
	return since(begin, &arrivals.key), nil
}
