package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// Ann calls bob, who is in no room; they meet in hers.
func ExampleClient_Call() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, _ := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", 0)
	defer bob.Close()
	must(bob.ExitMeeting(ctx))

	met := make(chan struct{})
	bob.OnNotifyCallIn(func(e crvideo.NotifyCallIn) {
		fmt.Println(e.CallerID, "calls:", e.UserExtDat)
		must(bob.AcceptCall(ctx, e.CallID, e.MeetInfo, ""))
		must(bob.EnterMeeting(ctx, e.MeetInfo.ID))
		close(met)
	})
	call, err := ann.Call(ctx, "bob", ann.GetMeetInfo(), "have you got a minute?")
	must(err)
	<-met
	fmt.Println("together:", ann.GetMeetInfo().ID == bob.GetMeetInfo().ID)
	must(ann.HangupCall(ctx, call, ""))
	// Output:
	// ann calls: have you got a minute?
	// together: true
}

// Ann invites bob to the room in which she is.
func ExampleClient_Invite() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, _ := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", 0)
	defer bob.Close()
	must(bob.ExitMeeting(ctx))

	bob.OnNotifyInviteIn(func(e crvideo.NotifyInviteIn) {
		must(bob.EnterMeeting(ctx, e.MeetInfo.ID, crvideo.WithPassword(e.MeetInfo.Password)))
		must(bob.AcceptInvite(ctx, e.InviteID, "I am here"))
	})
	accepted := make(chan string, 1)
	ann.OnNotifyInviteAccepted(func(e crvideo.NotifyInviteAccepted) { accepted <- e.UserExtDat })
	_, err := ann.Invite(ctx, "bob", "")
	must(err)
	fmt.Println(<-accepted)
	// Output: I am here
}
