package crvideo_test

import (
	"context"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

// The blocks of Go in the README, and in its translation, that are in no example: so they compile.
//
//nolint:errcheck,ineffassign,staticcheck // as short as documents are
var _ = []any{
	func(ctx context.Context, token string) error {
		c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "meet.example.com"})
		err = c.Login(ctx, crvideo.LoginParams{Token: token, UID: "ann", Nickname: "Ann"})
		info, err := c.CreateMeeting(ctx, crvideo.CreateParams{Subject: "stand-up", NeedPassword: true})
		err = c.EnterMeeting(ctx, info.ID, crvideo.WithPassword(info.Password))
		err = c.OpenVideo(ctx, "")
		return err
	},
	func(appID, secret string) {
		crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) { crvideo.CreateMeeting2("my cookie") })
		crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) { crvideo.EnterMeeting(e.MeetInfo.ID, nil) })
		crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { crvideo.OpenMic(""); crvideo.OpenVideo("") })
		crvideo.Init(crvideo.SDKParams{ServerAddr: "meet.example.com"})
		crvideo.Login(appID, crvideo.MD5(secret), "Ann", "ann", "", nil)
	},
	func(ctx context.Context, secret string) error {
		srv, err := server.New(server.Config{Addr: ":8765", MediaAddr: ":8766", Apps: []server.App{{ID: "app", Secret: secret}}})
		go srv.Serve()
		defer srv.Shutdown(ctx)
		return err
	},
}
