package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// Attributes are state that everybody in a room shares.
func ExampleClient_SetMeetingAttrs() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()

	changed := make(chan crvideo.NotifyMeetingAttrsChanged, 1)
	bob.OnNotifyMeetingAttrsChanged(func(e crvideo.NotifyMeetingAttrsChanged) { changed <- e })
	must(ann.SetMeetingAttrs(ctx, map[string]string{"topic": "tea"}, crvideo.MeetingAttrOptions{NotifyAll: true}))
	e := <-changed
	fmt.Println("new:", e.Adds["topic"].Value, "by", e.Adds["topic"].LastModifyUserID)

	must(ann.SetUserAttrs(ctx, "ann", map[string]string{"hand": "up"}, crvideo.MeetingAttrOptions{}))
	users, err := bob.GetUserAttrs(ctx, []string{"ann"}, nil)
	must(err)
	fmt.Println("hand:", users["ann"]["hand"].Value)
	// Output:
	// new: tea by ann
	// hand: up
}
