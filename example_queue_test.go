package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

// Ann serves a queue in which bob waits. She accepts him and calls.
func ExampleClient_StartService() {
	url, stop := startServer(func(cfg *server.Config) { cfg.Queues = []server.Queue{{ID: 1, Name: "sales", AppID: server.DemoApp}} })
	defer stop()
	ctx := context.Background()
	ann, bob := logIn(ctx, url, "ann"), logIn(ctx, url, "bob")
	defer ann.Close()
	defer bob.Close()

	ann.OnAutoAssignUser(func(e crvideo.AutoAssignUser) {
		fmt.Println(e.UID, "wants", e.UsrExtDat)
		must(ann.AcceptAssignUser(ctx, e.QueID, e.UID))
		_, err := ann.Call(ctx, e.UID, crvideo.MeetInfo{}, "tea for you?")
		must(err)
	})
	served := make(chan struct{})
	bob.OnNotifyCallIn(func(e crvideo.NotifyCallIn) {
		fmt.Println(e.CallerID, "says", e.UserExtDat)
		must(bob.AcceptCall(ctx, e.CallID, crvideo.MeetInfo{}, ""))
		close(served)
	})
	must(bob.StartQueuing(ctx, 1, "tea"))
	must(ann.StartService(ctx, 1, 0))
	<-served
	// Output:
	// bob wants tea
	// ann says tea for you?
}
