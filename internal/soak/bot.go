package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// How long calls may take. What the network is hurt by lasts a few seconds.
const (
	callTime = 20 * time.Second
	pace     = 800 * time.Millisecond // mean time between two actions of a bot
)

// bot is one user who does things at random with a client, and another client after that.
type bot struct {
	s     *soak
	uid   string
	num   uint32 // that its media tells
	media medium
	d     *diary
	rng   *rand.Rand
	names int

	life     *life // nil: no client; changed by act and by who has calm
	wantRoom int   // slot of the board
}

func newBot(s *soak, n int, media medium) *bot {
	uid := fmt.Sprintf("bot%03d", n)
	return &bot{
		s: s, uid: uid, num: media.sound.num, media: media, d: &diary{s: s, name: uid},
		rng: rand.New(rand.NewPCG(s.opts.Seed, uint64(n))), wantRoom: n % len(s.board.slots), //nolint:gosec // must repeat
	}
}

// act does one thing after the other until ctx ends.
func (b *bot) act(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(min(time.Duration(b.rng.ExpFloat64()*float64(pace)), 5*pace))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		b.s.gate.RLock()
		b.step()
		b.s.gate.RUnlock()
	}
}

// step does the next thing. Chance is asked equally often, whatever the state of things.
func (b *bot) step() {
	pick, detail := b.rng.IntN(totalWeight), b.rng.Uint64()
	switch {
	case b.life == nil:
		b.begin()
		_ = b.login()
	case b.life.c.UID() == "":
		_ = b.login()
	case b.life.c.GetMeetInfo().ID == 0:
		if detail%8 == 0 {
			b.wantRoom = int(detail/8) % len(b.s.board.slots)
		}
		_ = b.enter(detail%5 == 0)
	default:
		for _, a := range actions {
			if pick -= a.weight; pick < 0 {
				a.do(b, rand.New(rand.NewPCG(detail, 0))) //nolint:gosec // must repeat
				return
			}
		}
	}
}

// begin makes a client with the bot's devices.
func (b *bot) begin() {
	c, err := crvideo.New(b.s.params(b.d))
	if err != nil {
		panic(fatal(err.Error())) // the settings are good
	}
	b.life = b.s.newLife(b.d, c)
	handle(c, b.life.event)
	ctx := context.Background()
	_, err = c.AddMic(ctx, "tone", b.media.sound.open)
	for _, name := range []string{"front", "back"} {
		if err == nil {
			_, err = c.AddCamera(ctx, name, b.media.pictures.open)
		}
	}
	if err != nil {
		b.s.fail(b.d, "AddMic, AddCamera: %v", err)
	}
}

// end closes the client.
func (b *bot) end() {
	if b.life != nil {
		b.life.close()
		b.life = nil
	}
}

func (b *bot) call(name string, fn func(context.Context) error, also ...crvideo.Code) error {
	return b.s.call(context.Background(), b.d, name, fn, also...)
}

func loginParams(uid string) crvideo.LoginParams {
	return crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: uid, Nickname: uid}
}

func (b *bot) login() error {
	l := b.life
	l.model.login(b.uid)
	l.loginFresh.Store(b.s.fresh.Load())
	return b.call("Login", func(ctx context.Context) error { return l.c.Login(ctx, loginParams(b.uid)) }, crvideo.CodeServiceFailure)
}

// enter enters the room that the bot wants, and waits for media.
func (b *bot) enter(deaf bool) error {
	c, place := b.life.c, b.s.board.slots[b.wantRoom]
	id, err := place.room(context.Background(), func(ctx context.Context, p crvideo.CreateParams) (info crvideo.MeetInfo, err error) {
		err = b.call("CreateMeeting", func(ctx context.Context) error { info, err = c.CreateMeeting(ctx, p); return err })
		return info, err
	})
	if err != nil {
		return err
	}
	b.life.deaf.Store(deaf)
	b.life.enters(id)
	start := time.Now()
	err = b.call("EnterMeeting", func(ctx context.Context) error {
		if deaf {
			return c.EnterMeeting(ctx, id, crvideo.WithoutAudio())
		}
		return c.EnterMeeting(ctx, id)
	})
	if crvideo.CodeOf(err) == crvideo.CodeNoRoom {
		place.gone(id)
	}
	if err != nil {
		return err
	}
	if b.call("WaitMedia", c.WaitMedia) == nil {
		b.s.joined(time.Since(start))
	}
	return nil
}
