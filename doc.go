// Package crvideo is a client for real-time audio and video meetings. It mirrors the CRVideo API and needs nothing but
// Go (and a C++ compiler for cameras, microphones and H.264). The server is package server, or cmd/crvideo-server.
//
// The API has two faces with one implementation.
//
// The idiom: a Client is one user; every verb is a method that blocks with a context and returns an error; what
// happens is an event, for a handler (OnUserEnterMeeting) or for a loop (Events).
//
//	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "meet.example.com"})
//	defer c.Close()
//	err = c.Login(ctx, crvideo.LoginParams{AppID: "app", AppSecret: crvideo.MD5(secret), UID: "bot", Nickname: "Bot"})
//	room, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
//	err = c.EnterMeeting(ctx, room.ID)
//	err = c.OpenMic(ctx, "")
//
// The mirror: package functions with the CRVideo names and argument order on one default client. They start the work
// and return at once; the result arrives as the CRVideo event, with the caller's cookie.
//
//	crvideo.Init(crvideo.SDKParams{ServerAddr: "meet.example.com"})
//	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) { crvideo.CreateMeeting2(nil) })
//	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) { crvideo.EnterMeeting(e.MeetInfo.ID, nil) })
//	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) { crvideo.OpenMic(""); crvideo.OpenVideo("") })
//	crvideo.Login("app", crvideo.MD5(secret), "Bot", "bot", "", nil)
//
// Handlers of one client run on one goroutine, in the order of events, and may call anything, Close included. Media
// never comes through handlers: it is read (Video, Audio, Mix) and written (PictureQueue,
// PCMQueue and SampleQueue, given to AddCamera and AddMic).
//
// What members share beside media: main video, page and lock of the room (SetMainVideo, SwitchToPage, LockRoom), attributes of
// the room and of members (SetMeetingAttrs, SetUserAttrs), and messages to everybody (SendMeetingCustomMsg). Users who are in
// no room can be called and invited (Call, Invite). All of it survives lost connections, exactly once.
//
// Every error carries a CRVideo code: errors.Is(err, crvideo.CodeRoomPassword), or CodeOf(err).
package crvideo
