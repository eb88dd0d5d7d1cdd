package crvideo_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go"
)

// Settings hold from the next login and entry on; the SDK's log goes where the application's goes.
func ExampleClient_SetSDKParams() {
	var logged bytes.Buffer
	c, err := crvideo.New(crvideo.SDKParams{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	must(err)
	c.WriteLog("the demo begins")
	must(c.SetServerAddr("wss://meet.example.com"))
	must(c.SetSDKParams(crvideo.SDKParams{Timeout: 30 * time.Second, VideoSendBW: 1024}))
	fmt.Println("bad settings:", crvideo.CodeOf(c.SetSDKParams(crvideo.SDKParams{Timeout: time.Second})))
	must(c.Close())
	<-c.Done()

	fmt.Println("logged:", strings.Contains(logged.String(), "the demo begins"))
	fmt.Println("has a version:", crvideo.GetSDKVersion() != "")
	// Output:
	// bad settings: bad parameter (5)
	// logged: true
	// has a version: true
}
