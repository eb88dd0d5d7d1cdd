package main

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/crvideo/crvideo-go"
)

// join is one side of a call on a running server; the others are in other processes or on other machines.
func join(ctx context.Context, p *printer, o options) (err error) {
	if o.uid == "" {
		o.uid = "guest-" + rand.Text()[:6]
	}
	me := &idiomatic{p: p, uid: o.uid}
	var printing sync.WaitGroup
	defer printing.Wait()
	defer func() {
		ending, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		err = errors.Join(err, me.leave(ending))
	}()
	starting, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	params := crvideo.SDKParams{ServerAddr: o.server, AllowSynthetic: true, Logger: logger(o.verbose)}
	room, err := me.call(starting, &printing, params, o)
	if err != nil {
		return ended(ctx, err)
	}
	if o.room == 0 {
		p.line("call", "others join with: -server %s -room %d", o.server, room.ID)
	}

	pg, err := newPage(o.page)
	if err != nil {
		return err
	}
	defer pg.close()
	p.line("page", "watch the call on %s", pg.url())
	p.line("page", "join it with a browser on %s", joinLink(o.server, room.ID, room.Password))
	all := &others{ctx: ctx, p: p, me: me.c, page: pg, seen: map[string]*observer{}}
	defer all.close()
	p.step(me.uid, 6, "watch everybody who is there or comes")
	me.c.OnUserEnterMeeting(func(e crvideo.UserEnterMeeting) { all.add(e.UID) })
	for _, m := range me.c.GetAllMembers() {
		all.add(m.UID)
	}
	return report(ctx, p, o.length, all.list)
}

// others are the members that are observed. Who left stays: what was received counts.
type others struct {
	ctx  context.Context
	p    *printer
	me   *crvideo.Client
	page *page

	mu   sync.Mutex
	seen map[string]*observer
	all  []*observer
}

func (s *others) add(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if uid == s.me.UID() || s.seen[uid] != nil {
		return
	}
	ob, err := observe(s.ctx, s.me, uid)
	if err == nil {
		err = s.page.show(s.me, uid)
	}
	if err != nil {
		s.p.line("call", "cannot watch %s: %v", uid, err)
		return
	}
	s.seen[uid] = ob
	s.all = append(s.all, ob)
}

func (s *others) list() []*observer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*observer(nil), s.all...)
}

func (s *others) close() {
	for _, ob := range s.list() {
		ob.close()
	}
}
