package record_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/record"
)

// A bot that records everybody in a room for an hour.
func ExampleStart() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "meet.example.com"})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(ctx, crvideo.LoginParams{Token: "...", UID: "recorder", Nickname: "Recorder"}); err != nil {
		log.Fatal(err)
	}
	if err := c.EnterMeeting(ctx, 12345678); err != nil {
		log.Fatal(err)
	}
	r, err := record.Start(ctx, c, "meeting.mp4", record.Options{})
	if err != nil {
		log.Fatal(err)
	}
	<-r.Done() // the hour is over, or the disk is full
	fmt.Println(r.Stats().Files, r.Err())
}
