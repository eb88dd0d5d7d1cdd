package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// listened is how many speak at once.
const listened = 8

// listen is a room in which eight speak and Count members hear all of them: 400 packets/s for each.
func listen(ctx context.Context, b *bench) error {
	room, err := b.server.NewRoom(ctx)
	if err != nil {
		return err
	}
	idle, routines, err := own()
	if err != nil {
		return err
	}
	empty, err := b.usage(nil)
	if err != nil {
		return err
	}
	arrivals := make([]*Arrivals, b.Count)
	members, err := b.enterAll(ctx, room, b.Count, func(i int) MemberConfig {
		arrivals[i] = NewArrivals()
		return MemberConfig{Name: fmt.Sprintf("listener%d", i), Hear: speakers[:listened], Arrivals: arrivals[i]}
	})
	if err != nil {
		return err
	}
	defer closeAll(members)
	full, err := b.usage(nil)
	if err != nil {
		return err
	}
	key := func(name string) string { return fmt.Sprintf("listen%d %s", b.Count, name) }
	b.results[key("enter cpu")] = float64((full.server - empty.server + full.client - empty.client).Microseconds()) / 1e3 / float64(b.Count)
	senders := make([]*sender, listened)
	for i, name := range speakers[:listened] {
		m, err := b.publisher(ctx, room, MemberConfig{Name: name, Speak: i + 1})
		if err != nil {
			return err
		}
		defer m.Close()
		w, err := m.start(ctx, Speech)
		if err != nil {
			return err
		}
		defer w.close()
		senders[i] = w
	}
	if err := b.allArrived(ctx, arrivals); err != nil {
		return err
	}
	end, err := profile("clients")
	if err != nil {
		return err
	}
	defer end()
	if err := b.hear(ctx, members, senders, key); err != nil {
		return err
	}
	return b.weigh(ctx, key, idle, routines)
}

// hear notes what comes at the listeners for a while, and what it costs.
func (b *bench) hear(ctx context.Context, members []Member, senders []*sender, key func(string) string) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	sent := func() (n uint64) {
		for _, w := range senders {
			n += w.sent.Load()
		}
		return n
	}
	begin := sent()
	before, err := b.usage(members)
	if err != nil {
		return err
	}
	if err := pause(ctx, time.Duration(b.Seconds*float64(time.Second))); err != nil {
		return err
	}
	said := sent() - begin
	after, err := b.usage(members)
	if err != nil {
		return err
	}
	passed, packets := after.at.Sub(before.at).Seconds(), float64(after.packets-before.packets)
	if packets == 0 {
		return errors.New("nobody heard anything")
	}
	server, client := (after.server - before.server).Seconds(), (after.client - before.client).Seconds()
	b.results[key("rate")] = packets / passed / float64(len(members))
	b.results[key("part")] = 100 * packets / float64(len(members)) / float64(max(said, 1))
	b.results[key("server")] = 100 * server / passed
	b.results[key("client")] = 100 * client / passed
	b.results[key("server packet")] = 1e6 * server / packets
	b.results[key("client packet")] = 1e6 * client / packets
	return nil
}
