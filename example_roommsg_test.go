package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// Who comes later may ask for what was said before.
func ExampleClient_SendMeetingCustomMsg() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	must(ann.SendMeetingCustomMsg(ctx, "is anybody here?"))

	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()
	must(bob.ExitMeeting(ctx))
	heard := make(chan string, 1)
	bob.OnNotifyMeetingCustomMsg(func(e crvideo.NotifyMeetingCustomMsg) { heard <- e.UID + ": " + e.Msg })
	must(bob.EnterMeeting(ctx, room, crvideo.WithRecentMessages(10)))
	fmt.Println(<-heard)
	// Output: ann: is anybody here?
}
