package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
)

// action is something that a bot does in a room.
type action struct {
	weight int
	do     func(b *bot, chance *rand.Rand)
}

var actions = []action{
	{10, func(b *bot, _ *rand.Rand) { b.simply("OpenMic", b.client().OpenMic) }},
	{14, func(b *bot, _ *rand.Rand) { b.simply("CloseMic", b.client().CloseMic) }},
	{7, func(b *bot, _ *rand.Rand) { b.simply("OpenVideo", b.client().OpenVideo) }},
	{8, func(b *bot, _ *rand.Rand) { b.simply("CloseVideo", b.client().CloseVideo) }},
	{4, (*bot).switchCamera},
	{8, func(b *bot, _ *rand.Rand) { _ = b.rename() }},
	{6, func(b *bot, _ *rand.Rand) { _ = b.call("ExitMeeting", b.client().ExitMeeting) }},
	{3, (*bot).rejoin},
	{2, func(b *bot, _ *rand.Rand) { _ = b.call("Logout", b.client().Logout) }},
	{2, func(b *bot, _ *rand.Rand) { b.end() }},
	{1, (*bot).superseded},
	{1, (*bot).kick},
	{4, (*bot).watch},
	{3, (*bot).listen},
	{3, (*bot).unwatch},
	{3, (*bot).control},
	{3, (*bot).many},
	{3, (*bot).givesUp},
	{1, func(b *bot, _ *rand.Rand) {
		_ = b.call("EnterMeeting", func(ctx context.Context) error { return b.client().EnterMeeting(ctx, 12345678) })
	}},
	{1, (*bot).destroy},
}

var totalWeight = func() (sum int) {
	for _, a := range actions {
		sum += a.weight
	}
	return sum
}()

func (b *bot) client() *crvideo.Client { return b.life.c }

// simply makes a call about oneself.
func (b *bot) simply(name string, fn func(context.Context, string) error) {
	_ = b.call(name, func(ctx context.Context) error { return fn(ctx, "") })
}

func (b *bot) rename() error {
	b.names++
	name := fmt.Sprintf("%s the %d.", b.uid, b.names)
	return b.call("SetNickName", func(ctx context.Context) error { return b.client().SetNickName(ctx, b.uid, name) })
}

func (b *bot) switchCamera(chance *rand.Rand) {
	var own []int
	for _, v := range b.client().GetAllVideoInfo("") {
		if v.Name == "front" || v.Name == "back" {
			own = append(own, v.VideoID)
		}
	}
	id := own[chance.IntN(len(own))]
	_ = b.call("SetDefaultVideo", func(ctx context.Context) error { return b.client().SetDefaultVideo(ctx, "", id) })
}

// rejoin leaves and comes back at once.
func (b *bot) rejoin(*rand.Rand) {
	if b.call("ExitMeeting", b.client().ExitMeeting) == nil {
		_ = b.enter(false)
	}
}

// superseded logs in as the same user with another client, as somebody does who changes devices.
func (b *bot) superseded(*rand.Rand) {
	old := b.life
	old.superseded.Store(true)
	b.life = nil
	b.begin()
	_ = b.login()
	old.close()
}

// another is a member other than oneself.
func (b *bot) another(chance *rand.Rand) string {
	all := b.client().GetAllMembers()
	if len(all) < 2 {
		return b.uid
	}
	info := all[chance.IntN(len(all))]
	return info.UID
}

func (b *bot) kick(chance *rand.Rand) {
	uid := b.another(chance)
	b.s.kicks.Store(uid, true)
	_ = b.call("Kickout", func(ctx context.Context) error { return b.client().Kickout(ctx, uid) })
}

func (b *bot) destroy(chance *rand.Rand) {
	id := b.client().GetMeetInfo().ID
	if id == 0 || chance.IntN(2) == 0 {
		return
	}
	b.s.ended.Store(id, true)
	_ = b.call("DestroyMeeting", func(ctx context.Context) error { return b.client().DestroyMeeting(ctx, id) })
}

// control opens or closes another member's device.
func (b *bot) control(chance *rand.Rand) {
	uid, c := b.another(chance), b.client()
	if uid == b.uid {
		return
	}
	calls := []struct {
		name string
		fn   func(context.Context, string) error
	}{{"OpenMic of another", c.OpenMic}, {"CloseMic of another", c.CloseMic}, {"OpenVideo of another", c.OpenVideo}, {"CloseVideo of another", c.CloseVideo}}
	pick := calls[chance.IntN(len(calls))]
	_ = b.call(pick.name, func(ctx context.Context) error { return pick.fn(ctx, uid) })
}

// many makes several calls at the same time.
func (b *bot) many(chance *rand.Rand) {
	c := b.client()
	calls := map[string]func(context.Context) error{
		"OpenMic": func(ctx context.Context) error { return c.OpenMic(ctx, "") }, "CloseMic": func(ctx context.Context) error { return c.CloseMic(ctx, "") },
		"OpenVideo": func(ctx context.Context) error { return c.OpenVideo(ctx, "") }, "CloseVideo": func(ctx context.Context) error { return c.CloseVideo(ctx, "") },
		"ExitMeeting": c.ExitMeeting, "Logout": c.Logout,
		"CreateMeeting": func(ctx context.Context) error {
			info, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
			if err == nil {
				err = c.DestroyMeeting(ctx, info.ID)
			}
			return err
		},
	}
	rare := chance.IntN(4) == 0
	var wg sync.WaitGroup
	for name, fn := range calls {
		if !rare && (name == "ExitMeeting" || name == "Logout") {
			continue
		}
		wg.Go(func() { _ = b.call(name, fn) })
	}
	wg.Wait()
}

// givesUp makes a call and does not wait for its end.
func (b *bot) givesUp(chance *rand.Rand) {
	c := b.client()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(chance.IntN(5000))*time.Microsecond)
	defer cancel()
	open := []func(context.Context, string) error{c.OpenMic, c.OpenVideo}[chance.IntN(2)]
	if chance.IntN(3) == 0 {
		_ = b.call("ExitMeeting", c.ExitMeeting)
		_ = b.s.call(ctx, b.d, "EnterMeeting given up", func(ctx context.Context) error {
			b.s.board.slots[b.wantRoom].mu.Lock()
			id := b.s.board.slots[b.wantRoom].id
			b.s.board.slots[b.wantRoom].mu.Unlock()
			if id == 0 {
				return nil
			}
			b.life.enters(id)
			return c.EnterMeeting(ctx, id)
		})
		return
	}
	_ = b.s.call(ctx, b.d, "open given up", func(ctx context.Context) error { return open(ctx, "") })
}
