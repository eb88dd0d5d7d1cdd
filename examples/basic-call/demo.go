package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

const (
	stepTimeout = 15 * time.Second // for each step of a call on this machine
	endTimeout  = 5 * time.Second  // for leaving and shutting down
)

// demo is a whole call in one process: a server, and two clients that go through the nine steps together.
func demo(ctx context.Context, p *printer, o options) (err error) {
	log := logger(o.verbose)
	srv, err := server.New(server.Config{Addr: "127.0.0.1:0", Logger: log})
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	defer func() {
		ending, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		err = errors.Join(err, srv.Shutdown(ending), <-served)
		p.line("server", "stopped")
	}()
	p.line("server", "listening on %s, media on %s/udp", srv.URL(), srv.MediaAddr())

	params := crvideo.SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true, Logger: log}
	alice := &idiomatic{p: p, uid: "alice"}
	bob := &mirrored{p: p, uid: "bob"}
	var printing sync.WaitGroup
	defer printing.Wait()
	defer func() { // the steps back, in order, whatever happened
		ending, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		bob.leave()
		err = errors.Join(err, alice.leave(ending))
	}()

	starting, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	room, err := alice.call(starting, &printing, params, o)
	if err != nil {
		return ended(ctx, err)
	}
	if err := bob.call(starting, &printing, params, o, room); err != nil {
		return ended(ctx, err)
	}

	watching, stop := context.WithCancel(ctx)
	defer stop()
	pg, err := newPage(o.page)
	if err != nil {
		return err
	}
	defer pg.close()
	if err := errors.Join(pg.show(alice.c, "bob"), pg.show(crvideo.Default(), "alice")); err != nil {
		return err
	}
	p.line("page", "watch the call on %s", pg.url())
	p.line("page", "join it with a browser on %s", srv.PageURL(room.ID, room.Password))
	atAlice, err := observe(watching, alice.c, "bob")
	if err != nil {
		return err
	}
	defer atAlice.close()
	atBob, err := observe(watching, crvideo.Default(), "alice")
	if err != nil {
		return err
	}
	defer atBob.close()
	p.step("alice", 6, "watch bob")
	p.step("bob", 6, "watch alice (VideoObj.SetVideo)")
	return report(ctx, p, o.length, func() []*observer { return []*observer{atAlice, atBob} })
}

// report prints a line a second about each observer, until the time is over or Ctrl-C is pressed. With a length it is
// an error when an observer lacks anything at the end.
func report(ctx context.Context, p *printer, length time.Duration, observers func() []*observer) error {
	var over <-chan time.Time
	if length > 0 {
		over = time.After(length)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	up := false
	for {
		select {
		case <-tick.C:
			for _, ob := range observers() {
				p.line(ob.self, "receives %s", ob.line())
			}
		case <-poll(up):
			if up = len(observers()) > 0 && missing(observers()) == nil; up {
				p.line("call", "up: everybody decodes the picture and the sound of the other side")
			}
		case <-ctx.Done():
			p.line("call", "interrupted")
			return ended(ctx, missingIf(length > 0, observers()))
		case <-over:
			if len(observers()) == 0 {
				return errors.New("nobody else was in the room")
			}
			return missing(observers())
		}
	}
}

// poll is how often report looks whether the call is up.
func poll(up bool) <-chan time.Time {
	if up {
		return nil
	}
	return time.After(10 * time.Millisecond)
}

func missing(observers []*observer) error {
	var errs []error
	for _, ob := range observers {
		if m := ob.missing(); m != "" {
			errs = append(errs, fmt.Errorf("%s did not get from %s: %s", ob.self, ob.uid, m))
		}
	}
	return errors.Join(errs...)
}

func missingIf(wanted bool, observers []*observer) error {
	if !wanted {
		return nil
	}
	return missing(observers)
}

// ended makes Ctrl-C a regular end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
