package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

// agent serves the queue until ctx ends.
func agent(ctx context.Context, out io.Writer, addr, uid string, talk time.Duration) error {
	c, err := solo.Login(ctx, addr, uid)
	if err != nil {
		return err
	}
	events := c.Events(ctx)
	if err := c.StartService(ctx, sales.ID, 0); err != nil {
		return errors.Join(err, c.Close())
	}
	fmt.Fprintln(out, uid, "serves")
	a := &desk{client: c, out: out, talk: talk}
	for e := range events {
		if err := a.handle(ctx, e); err != nil && ctx.Err() == nil {
			return errors.Join(err, c.Close())
		}
	}
	return c.Close()
}

// desk is what an agent works with: one customer at a time.
type desk struct {
	client *crvideo.Client
	out    io.Writer
	talk   time.Duration
	room   crvideo.MeetInfo
}

func (a *desk) handle(ctx context.Context, e crvideo.Event) error {
	switch e := e.(type) {
	case crvideo.AutoAssignUser:
		return a.serve(ctx, &e.QueUser)
	case crvideo.UserEnterMeeting:
		fmt.Fprintln(a.out, a.client.UID(), "sees", e.UID, "in the room")
	case crvideo.NotifyCallAccepted:
		time.AfterFunc(a.talk, func() { _ = a.client.HangupCall(ctx, e.CallID, "thank you") }) // unless the customer does
	case crvideo.UserLeftMeeting, crvideo.CancelAssignUser, crvideo.NotifyCallRejected:
		return a.leave(ctx) // and be offered the next one
	}
	return nil
}

// serve takes a customer, and calls it to a room.
func (a *desk) serve(ctx context.Context, user *crvideo.QueUser) error {
	fmt.Fprintf(a.out, "%s is offered %s, who waits for %d s and says %q\n", a.client.UID(), user.UID, user.QueuingTime, user.UsrExtDat)
	if err := a.client.AcceptAssignUser(ctx, user.QueID, user.UID); err != nil {
		if errors.Is(err, crvideo.CodeUserCanceled) {
			return nil // gone
		}
		return err
	}
	room, err := a.client.CreateMeeting(ctx, crvideo.CreateParams{Subject: "for " + user.UID, NeedPassword: true})
	if err != nil {
		return err
	}
	a.room = room
	if err := a.client.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)); err != nil {
		return err
	}
	if err := a.client.OpenMic(ctx, ""); err != nil {
		return err
	}
	if _, err := a.client.Call(ctx, user.UID, room, "how can I help you?"); err != nil {
		fmt.Fprintln(a.out, a.client.UID(), "does not reach", user.UID, err)
		return a.leave(ctx)
	}
	return nil
}

// leave ends the room.
func (a *desk) leave(ctx context.Context) error {
	if a.room.ID == 0 {
		return nil
	}
	id := a.room.ID
	a.room = crvideo.MeetInfo{}
	return errors.Join(a.client.ExitMeeting(ctx), a.client.DestroyMeeting(ctx, id))
}
