package load

import (
	"context"
	"fmt"
	"time"
)

// forward is one camera that Count members watch: first 1,000 packets a second, then a picture of 1 Mbit/s.
func forward(ctx context.Context, b *bench) error {
	room, err := b.server.NewRoom(ctx)
	if err != nil {
		return err
	}
	pub, err := b.publisher(ctx, room, MemberConfig{Name: Publisher, Show: true})
	if err != nil {
		return err
	}
	defer pub.Close()
	idle, routines, err := own()
	if err != nil {
		return err
	}
	arrivals := make([]*Arrivals, b.Count)
	members, err := b.enterAll(ctx, room, b.Count, func(i int) MemberConfig {
		arrivals[i] = NewArrivals()
		return MemberConfig{Name: fmt.Sprintf("viewer%d", i), See: true, Arrivals: arrivals[i]}
	})
	if err != nil {
		return err
	}
	defer closeAll(members)
	end, err := profile("clients")
	if err != nil {
		return err
	}
	defer end()
	key := func(name string) string { return fmt.Sprintf("forward%d %s", b.Count, name) }
	for i, s := range []Stream{Picture, Packets} {
		w, err := pub.start(ctx, s)
		if err != nil {
			return err
		}
		if i == 0 {
			if err := b.allArrived(ctx, arrivals); err != nil {
				return err
			}
		}
		err = b.measure(ctx, w, members, key([]string{"picture", "packets"}[i]))
		if err == nil && i == 0 {
			err = b.weigh(ctx, key, idle, routines)
		}
		w.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// allArrived waits until everybody sees something. Who does not for long is counted as failed.
func (b *bench) allArrived(ctx context.Context, arrivals []*Arrivals) error {
	late, cancel := context.WithTimeout(ctx, 2*missing)
	defer cancel()
	for _, a := range arrivals {
		select {
		case <-a.came:
		case <-late.Done():
			b.failed.Add(1)
		}
	}
	return context.Cause(ctx)
}

// measure looks at a stream for a while: processor time for each packet that was delivered, and what part was.
func (b *bench) measure(ctx context.Context, w *sender, members []Member, name string) error {
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	sent := w.sent.Load()
	before, err := b.usage(members)
	if err != nil {
		return err
	}
	if err := pause(ctx, time.Duration(b.Seconds*float64(time.Second))); err != nil {
		return err
	}
	sent = w.sent.Load() - sent
	after, err := b.usage(members)
	if err != nil {
		return err
	}
	packets := float64(after.packets - before.packets)
	if packets == 0 || sent == 0 {
		return fmt.Errorf("%s: %.0f packets came of %d frames", name, packets, sent)
	}
	b.results[name+" server"] = float64((after.server - before.server).Nanoseconds()) / 1e3 / packets
	b.results[name+" client"] = float64((after.client - before.client).Nanoseconds()) / 1e3 / packets
	b.results[name+" rate"] = packets / after.at.Sub(before.at).Seconds() / float64(len(members))
	return nil
}

// weigh notes memory and goroutines while everybody watches.
func (b *bench) weigh(ctx context.Context, key func(string) string, idle float64, routines int) error {
	bytes, err := memory(b.server.PID())
	if err != nil {
		return err
	}
	n, err := b.server.Goroutines(ctx)
	if err != nil {
		return err
	}
	b.results[key("server memory")] = bytes / 1e6
	b.results[key("server goroutines")] = float64(n) / float64(b.Count)
	own, goroutines, err := own()
	if err != nil {
		return err
	}
	b.results[key("client memory")] = (own - idle) / 1e6 / float64(b.Count)
	b.results[key("client goroutines")] = float64(goroutines-routines) / float64(b.Count)
	return nil
}

func closeAll(members []Member) {
	done := make(chan struct{})
	for _, m := range members {
		go func() {
			m.Close()
			done <- struct{}{}
		}()
	}
	for range members {
		<-done
	}
}
