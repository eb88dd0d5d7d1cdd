// Package solo lets an example run alone: without the address of a server it brings one along, and a guest to talk to.
package solo

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

const endTimeout = 5 * time.Second

// Place is where an example runs.
type Place struct {
	Addr  string
	Room  int64
	Guest *crvideo.Client // in the room already; nil with a server of the caller's

	srv    *server.Server
	served chan error
}

// Open joins uid to the server and room that were given. With an empty address it starts a server, and lets a guest make
// a room. The caller must close the client, then the place.
func Open(ctx context.Context, addr string, room int64, uid string) (*Place, *crvideo.Client, error) {
	p := &Place{Addr: addr, Room: room}
	err := p.prepare(ctx)
	var c *crvideo.Client
	if err == nil {
		if c, err = Login(ctx, p.Addr, uid); err == nil {
			if err = c.EnterMeeting(ctx, p.Room); err != nil {
				err = errors.Join(err, c.Close())
			}
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, p.Close())
	}
	return p, c, nil
}

func (p *Place) prepare(ctx context.Context) error {
	if p.Addr != "" {
		return nil
	}
	err := p.serve()
	if err != nil {
		return err
	}
	if p.Guest, err = Login(ctx, p.Addr, "guest"); err != nil {
		return err
	}
	info, err := p.Guest.CreateMeeting(ctx, crvideo.CreateParams{Subject: "example"})
	if err != nil {
		return err
	}
	p.Room = info.ID
	return p.Guest.EnterMeeting(ctx, p.Room)
}

// Serve is Open without anybody: the server that was given, or one of its own with these queues.
func Serve(addr string, queues ...server.Queue) (*Place, error) {
	p := &Place{Addr: addr}
	if addr != "" {
		return p, nil
	}
	return p, p.serve(queues...)
}

func (p *Place) serve(queues ...server.Queue) error {
	srv, err := server.New(server.Config{Addr: "127.0.0.1:0", Queues: queues, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	p.Addr, p.srv, p.served = srv.URL(), srv, make(chan error, 1)
	go func() { p.served <- srv.Serve() }()
	return nil
}

// Login makes a client of the demo app.
func Login(ctx context.Context, addr, uid string) (*crvideo.Client, error) {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: addr, AllowSynthetic: true})
	if err != nil {
		return nil, err
	}
	if err := c.Login(ctx, crvideo.LoginParams{AppID: "demo", AppSecret: crvideo.MD5("demo"), UID: uid, Nickname: uid}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Speak opens a queue as the microphone.
func Speak(ctx context.Context, c *crvideo.Client, name string, queue *crvideo.PCMQueue) error {
	id, err := c.AddMic(ctx, name, queue.Open)
	if err != nil {
		return err
	}
	cfg := c.GetAudioCfg()
	cfg.MicID = id
	if err := c.SetAudioCfg(ctx, cfg); err != nil {
		return err
	}
	return c.OpenMic(ctx, "")
}

// Close ends what Open began.
func (p *Place) Close() (err error) {
	if p.Guest != nil {
		err = p.Guest.Close()
	}
	if p.srv != nil {
		ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		err = errors.Join(err, p.srv.Shutdown(ctx), <-p.served)
	}
	return err
}
