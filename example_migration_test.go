package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// A JavaScript program, line by line, on the mirror.
func Example_migrationMirror() {
	url, stop := startServer()
	defer stop()
	appID, secret, open := "demo", "demo", make(chan bool, 1)
	crvideo.OnVideoStatusChanged(func(e crvideo.VideoStatusChanged) {
		if e.NewStatus == crvideo.StatusOpen {
			open <- true
		}
	})
	defer crvideo.OnVideoStatusChanged(nil)

	crvideo.OnLoginFail(func(e crvideo.LoginFail) { fmt.Println("login:", e.Code) })
	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) { crvideo.CreateMeeting2("my cookie") })
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) {
		crvideo.EnterMeeting(e.MeetInfo.ID, e.Cookie)
	})
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) {
		if e.Code != 0 {
			fmt.Println("enter:", e.Code)
			return
		}
		crvideo.OpenMic("")
		crvideo.OpenVideo("")
	})
	must(crvideo.Init(crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true}))
	defer crvideo.Uninit()
	crvideo.Login(appID, crvideo.MD5(secret), "Ann", "ann", "", nil)

	fmt.Println("open:", <-open)
	// Output: open: true
}

// The same on a Client.
func Example_migrationIdiom() {
	url, stop := startServer()
	defer stop()
	ctx, appID, secret := context.Background(), "demo", "demo"

	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true})
	must(err)
	defer c.Close()
	must(c.Login(ctx, crvideo.LoginParams{AppID: appID, AppSecret: crvideo.MD5(secret), UID: "ann", Nickname: "Ann"}))
	room, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
	must(err)
	must(c.EnterMeeting(ctx, room.ID))
	must(c.OpenMic(ctx, ""))
	must(c.OpenVideo(ctx, ""))

	fmt.Println(c.GetMeetInfo().ID == room.ID)
	// Output: true
}
