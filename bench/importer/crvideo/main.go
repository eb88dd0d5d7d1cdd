// Command crvideo is a small program that uses this repository's client: what its import costs is looked at.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/crvideo/crvideo-go"
)

func main() {
	ctx := context.Background()
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "127.0.0.1:8765"})
	if err == nil {
		defer func() { _ = c.Close() }()
		err = c.Login(ctx, crvideo.LoginParams{AppID: "demo", AppSecret: crvideo.MD5("demo"), UID: "bot", Nickname: "Bot"})
	}
	if err == nil {
		err = c.EnterMeeting(ctx, 12345678)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	for e := range c.Events(ctx) {
		fmt.Println(e)
	}
}
