package main

import (
	"context"
	"errors"
	"sync"

	"github.com/crvideo/crvideo-go"
)

// idiomatic goes through the nine steps with the Go idiom: methods that block, with a context and an error.
type idiomatic struct {
	p   *printer
	uid string
	c   *crvideo.Client
}

// call does the first five steps and returns the room.
func (a *idiomatic) call(ctx context.Context, printing *sync.WaitGroup, params crvideo.SDKParams, o options) (crvideo.MeetInfo, error) {
	var room crvideo.MeetInfo
	a.p.step(a.uid, 1, "initialise")
	c, err := crvideo.New(params)
	if err != nil {
		return room, err
	}
	a.c = c
	a.p.events(context.Background(), printing, a.uid, c)
	if err := choose(ctx, c, o); err != nil {
		return room, err
	}

	a.p.step(a.uid, 2, "log in")
	err = c.Login(ctx, crvideo.LoginParams{AppID: o.app, AppSecret: crvideo.MD5(o.secret), UID: a.uid, Nickname: a.uid})
	if err != nil {
		return room, err
	}

	room = crvideo.MeetInfo{ID: o.room, Password: o.password}
	if o.room == 0 {
		a.p.step(a.uid, 3, "create a room")
		room, err = c.CreateMeeting(ctx, crvideo.CreateParams{Subject: "basic call", Password: o.password, NeedPassword: o.server == ""})
		if err != nil {
			return room, err
		}
		a.p.line(a.uid, "room %d, password %q", room.ID, room.Password)
	}

	a.p.step(a.uid, 4, "enter room %d", room.ID)
	if err := c.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)); err != nil {
		return room, err
	}

	a.p.step(a.uid, 5, "open microphone and camera")
	return room, errors.Join(c.OpenMic(ctx, ""), c.OpenVideo(ctx, ""))
}

// leave does the last three steps.
func (a *idiomatic) leave(ctx context.Context) error {
	if a.c == nil {
		return nil
	}
	var err error
	if a.c.GetMeetInfo().ID != 0 {
		a.p.step(a.uid, 7, "leave the room")
		err = a.c.ExitMeeting(ctx)
	}
	if a.c.UID() != "" {
		a.p.step(a.uid, 8, "log out")
		err = errors.Join(err, a.c.Logout(ctx))
	}
	a.p.step(a.uid, 9, "uninitialise")
	err = errors.Join(err, a.c.Close())
	<-a.c.Done()
	return err
}

// choose applies -mic, -speaker and -camera.
func choose(ctx context.Context, c *crvideo.Client, o options) error {
	if o.mic != 0 || o.speaker != 0 {
		cfg := c.GetAudioCfg()
		cfg.MicID, cfg.SpeakerID = o.mic, o.speaker // 0 is the default one
		if err := c.SetAudioCfg(ctx, cfg); err != nil {
			return err
		}
	}
	if o.speaker != 0 {
		if err := c.PlaySpeaker(ctx); err != nil {
			return err
		}
	}
	if o.camera != 0 {
		return c.SetDefaultVideo(ctx, "", o.camera)
	}
	return nil
}
