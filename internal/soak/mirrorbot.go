package soak

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/crvideo/crvideo-go"
)

// mirrorBot is the one user of the mirror: the calls with cookies, on the default client.
type mirrorBot struct {
	s       *soak
	uid     string
	num     uint32
	media   medium
	d       *diary
	rng     *rand.Rand
	cookies *cookies
	place   *slot

	life *life // nil: not initialised
}

func newMirrorBot(s *soak, media medium) *mirrorBot {
	b := &mirrorBot{
		s: s, uid: "mirror", num: media.sound.num, media: media, d: &diary{s: s, name: "mirror"}, place: s.board.slots[0],
		rng: rand.New(rand.NewPCG(s.opts.Seed, 1<<32)), //nolint:gosec // must repeat
	}
	b.cookies = &cookies{s: s, d: b.d, open: map[*cookie]bool{}}
	return b
}

func (b *mirrorBot) act(ctx context.Context) {
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

// step makes the next calls. Sometimes it waits for their end, sometimes the next ones come before it.
func (b *mirrorBot) step() {
	pick := b.rng.IntN(20)
	patient := b.rng.IntN(3) > 0
	c := crvideo.Default()
	var last *cookie
	switch {
	case b.life == nil:
		b.start()
	case c.UID() == "":
		last = b.login()
	case c.GetMeetInfo().ID == 0:
		b.enter()
	case pick == 0:
		b.end()
	case pick == 1:
		last = b.login() // while logged in
	case pick == 2:
		crvideo.Logout()
		last = b.login()
	case pick == 3:
		crvideo.ExitMeeting()
		b.enter()
	case pick == 4:
		last = b.cookies.give("EnterMeeting")
		crvideo.EnterMeeting(12345678, last)
		crvideo.ExitMeeting()
	case pick == 5:
		last = b.create(func(id int64) {
			gone := b.cookies.give("DestroyMeeting")
			crvideo.DestroyMeeting(id, gone)
		})
	case pick < 9:
		crvideo.OpenMic("")
	case pick < 12:
		crvideo.CloseMic("")
	case pick < 14:
		crvideo.OpenVideo("")
	case pick < 16:
		crvideo.CloseVideo("")
	case pick == 16:
		_ = b.s.call(context.Background(), b.d, "SetNickName", func(context.Context) error { return crvideo.SetNickName(b.uid, "the mirror") })
	case pick == 17: // not initialised while a call is under way
		b.login()
		b.create(func(int64) {})
		b.end()
	}
	if last != nil && patient {
		_, _ = b.cookies.wait(last)
	}
}

func (b *mirrorBot) start() {
	if err := crvideo.Init(b.s.params(b.d)); err != nil {
		b.s.fail(b.d, "Init: %v", err)
		return
	}
	c := crvideo.Default()
	b.life = b.s.newLife(b.d, c)
	handleMirror(b.life.event, b.cookies.back)
	_, err := c.AddMic(context.Background(), "tone", b.media.sound.open)
	if err == nil {
		_, err = c.AddCamera(context.Background(), "front", b.media.pictures.open)
	}
	if err != nil {
		b.s.fail(b.d, "AddMic, AddCamera: %v", err)
	}
	b.login()
}

func (b *mirrorBot) end() {
	if b.life == nil {
		return
	}
	crvideo.Uninit()
	b.d.add("Uninit")
	b.life.finish()
	b.cookies.all()
	b.life = nil
}

func (b *mirrorBot) login() *cookie {
	if crvideo.Default().UID() == "" {
		b.life.model.login(b.uid)
		b.life.loginFresh.Store(b.s.fresh.Load())
	}
	p, c := loginParams(b.uid), b.cookies.give("Login")
	crvideo.Login(p.AppID, p.AppSecret, p.Nickname, p.UID, "", c)
	return c
}

// create makes a room and does something with it.
func (b *mirrorBot) create(then func(id int64)) *cookie {
	c := b.cookies.give("CreateMeeting")
	crvideo.CreateMeeting2(c)
	if e, _ := b.cookies.wait(c); e != nil {
		if made, ok := e.(crvideo.CreateMeetingSuccess); ok {
			then(made.MeetInfo.ID)
		}
	}
	return c
}

func (b *mirrorBot) enter() {
	id, err := b.place.room(context.Background(), func(context.Context, crvideo.CreateParams) (crvideo.MeetInfo, error) {
		c := b.cookies.give("CreateMeeting")
		crvideo.CreateMeeting(crvideo.CreateParams{Subject: "soak", Regular: b.place.regular}, c)
		e, err := b.cookies.wait(c)
		made, _ := e.(crvideo.CreateMeetingSuccess)
		return made.MeetInfo, err
	})
	if err != nil {
		return
	}
	b.life.enters(id)
	c := b.cookies.give("EnterMeeting")
	crvideo.EnterMeeting(id, c)
	if _, err := b.cookies.wait(c); crvideo.CodeOf(err) == crvideo.CodeNoRoom {
		b.place.gone(id)
	}
}
