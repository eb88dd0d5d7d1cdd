package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// speakers are the members of a crowd who speak.
var speakers = []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}

// crowd is a room with Count members who neither send nor receive media, and ten who speak and hear each other; then
// one more comes, and hears.
func crowd(ctx context.Context, b *bench) error {
	room, err := b.server.NewRoom(ctx)
	if err != nil {
		return err
	}
	empty, err := b.usage(nil)
	if err != nil {
		return err
	}
	idle, err := b.enterAll(ctx, room, b.Count, func(i int) MemberConfig { return MemberConfig{Name: fmt.Sprintf("idle%d", i)} })
	if err != nil {
		return err
	}
	defer closeAll(idle)
	full, err := b.usage(nil)
	if err != nil {
		return err
	}
	n := float64(b.Count)
	b.results["crowd enter cpu"] = float64((full.server - empty.server + full.client - empty.client).Microseconds()) / 1e3 / n
	for i, name := range speakers {
		m, err := b.publisher(ctx, room, MemberConfig{Name: name, Hear: speakers, Speak: i + 1})
		if err != nil {
			return err
		}
		defer m.Close()
		w, err := m.start(ctx, Speech)
		if err != nil {
			return err
		}
		defer w.close()
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	end, err := profile("clients")
	if err != nil {
		return err
	}
	defer end()
	if err := b.stand(ctx); err != nil {
		return err
	}
	return b.lateComers(ctx, room)
}

// stand notes what the room costs while nothing happens but speech.
func (b *bench) stand(ctx context.Context) error {
	before, err := b.usage(nil)
	if err != nil {
		return err
	}
	if err := pause(ctx, time.Duration(b.Seconds*float64(time.Second))); err != nil {
		return err
	}
	after, err := b.usage(nil)
	if err != nil {
		return err
	}
	passed := after.at.Sub(before.at).Seconds()
	b.results["crowd server"] = 100 * (after.server - before.server).Seconds() / passed
	b.results["crowd client"] = 100 * (after.client - before.client).Seconds() / passed
	bytes, err := memory(b.server.PID())
	if err != nil {
		return err
	}
	b.results["crowd server memory"] = bytes / 1e6
	routines, err := b.server.Goroutines(ctx)
	if err != nil {
		return err
	}
	b.results["crowd server goroutines"] = float64(routines) / float64(b.Count+len(speakers))
	mine, _, err := own()
	b.results["crowd client memory"] = mine / 1e6
	return err
}

// lateComers is how long the next member needs from entering to the first sound.
func (b *bench) lateComers(ctx context.Context, room string) error {
	const times = 10
	var took []float64
	for i := range times {
		ms, err := b.lateComer(ctx, room, fmt.Sprintf("late%d", i))
		switch {
		case errors.Is(err, errFailed):
			b.failed.Add(1)
		case err != nil:
			return err
		default:
			took = append(took, ms)
		}
	}
	b.results["crowd late"] = median(took)
	return nil
}

func (b *bench) lateComer(ctx context.Context, room, name string) (float64, error) {
	arrivals := NewArrivals()
	var begin time.Time
	m, err := b.tryEnter(ctx, room, MemberConfig{Name: name, Hear: speakers, Arrivals: arrivals}, func() { begin = time.Now() })
	if err != nil {
		return 0, err
	}
	defer m.Close()
	if err := arrivals.wait(ctx, 1); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return since(begin, &arrivals.audio), nil
}
