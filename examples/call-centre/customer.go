package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

// customer waits in the queue, and ends when it was served.
func customer(ctx context.Context, out io.Writer, addr, uid string) (err error) {
	c, err := solo.Login(ctx, addr, uid)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	events := c.Events(ctx)
	if err := c.StartQueuing(ctx, sales.ID, "I want tea"); err != nil {
		return err
	}
	for e := range events {
		switch e := e.(type) {
		case crvideo.QueuingInfoChanged:
			if e.Position > 0 {
				fmt.Fprintf(out, "%s is number %d in the queue\n", uid, e.Position)
			}
		case crvideo.NotifyCallIn:
			if err := meet(ctx, c, &e); err != nil {
				return err
			}
			fmt.Fprintf(out, "%s meets %s, who says %q\n", uid, e.CallerID, e.UserExtDat)
		case crvideo.NotifyCallHangup:
			fmt.Fprintln(out, uid, "was served:", e.UserExtDat)
			return c.ExitMeeting(ctx)
		case crvideo.LineOff:
			return e.Code
		}
	}
	return ctx.Err()
}

// meet takes a call and enters its room.
func meet(ctx context.Context, c *crvideo.Client, call *crvideo.NotifyCallIn) error {
	if err := c.AcceptCall(ctx, call.CallID, crvideo.MeetInfo{}, ""); err != nil {
		return err
	}
	if err := c.EnterMeeting(ctx, call.MeetInfo.ID, crvideo.WithPassword(call.MeetInfo.Password)); err != nil {
		return err
	}
	return c.OpenMic(ctx, "")
}
