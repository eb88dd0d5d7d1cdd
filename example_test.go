package crvideo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// startServer runs a server on free loopback ports. Programs usually have one running somewhere.
func startServer(changes ...func(*server.Config)) (url string, stop func()) {
	cfg := server.Config{Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)}
	for _, change := range changes {
		change(&cfg)
	}
	srv, err := server.New(cfg)
	must(err)
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	return srv.URL(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		must(errors.Join(srv.Shutdown(ctx), <-served))
	}
}

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// logIn makes a client that has logged in, with synthetic devices allowed.
func logIn(ctx context.Context, url, uid string) *crvideo.Client {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true})
	must(err)
	must(c.Login(ctx, crvideo.LoginParams{AppID: "demo", AppSecret: crvideo.MD5("demo"), UID: uid, Nickname: uid}))
	return c
}

// join logs in and enters a room; room 0 creates one.
func join(ctx context.Context, url, uid string, room int64) (*crvideo.Client, int64) {
	c := logIn(ctx, url, uid)
	if room == 0 {
		info, err := c.CreateMeeting(ctx, crvideo.CreateParams{})
		must(err)
		room = info.ID
	}
	must(c.EnterMeeting(ctx, room))
	return c, room
}

// The nine steps with the idiom.
func Example() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()

	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true})
	must(err)
	must(c.Login(ctx, crvideo.LoginParams{AppID: "demo", AppSecret: crvideo.MD5("demo"), UID: "ann", Nickname: "Ann"}))
	room, err := c.CreateMeeting(ctx, crvideo.CreateParams{Subject: "stand-up", NeedPassword: true})
	must(err)
	must(c.EnterMeeting(ctx, room.ID, crvideo.WithPassword(room.Password)))
	must(c.OpenMic(ctx, ""))
	must(c.OpenVideo(ctx, ""))
	for _, m := range c.GetAllMembers() {
		fmt.Println(m.Nickname, "microphone", m.AudioStatus, "camera", m.VideoStatus)
	}
	must(c.ExitMeeting(ctx))
	must(c.Logout(ctx))
	must(c.Close())
	<-c.Done()
	// Output: Ann microphone open camera open
}

// The same with the mirror: calls return at once, and events start the next step.
func ExampleInit() {
	url, stop := startServer()
	defer stop()
	done := make(chan struct{})

	crvideo.OnLoginSuccess(func(e crvideo.LoginSuccess) {
		fmt.Println("logged in as", e.UID, "with", e.Cookie)
		crvideo.CreateMeeting2(nil)
	})
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) { crvideo.EnterMeeting(e.MeetInfo.ID, "a cookie") })
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) {
		fmt.Println("entered:", e.Code, "with", e.Cookie)
		crvideo.OpenMic("ann")
	})
	crvideo.OnAudioStatusChanged(func(e crvideo.AudioStatusChanged) {
		fmt.Println("microphone of", e.UID, e.NewStatus)
		if e.NewStatus == crvideo.StatusOpen {
			close(done)
		}
	})
	must(crvideo.Init(crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true}))
	crvideo.Login("demo", crvideo.MD5("demo"), "Ann", "ann", "", "my cookie")

	<-done
	ended := crvideo.Default().Done()
	crvideo.ExitMeeting()
	crvideo.Logout()
	crvideo.Uninit()
	<-ended
	// Output:
	// logged in as ann with my cookie
	// entered: no error (0) with a cookie
	// microphone of ann closed
	// microphone of ann opening
	// microphone of ann open
}

// A program written as a loop over what happens.
func ExampleClient_Events() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	events := ann.Events(ctx)
	bob, _ := join(ctx, url, "bob", room)
	must(bob.Close())
	for e := range events {
		switch e := e.(type) {
		case crvideo.UserEnterMeeting:
			fmt.Println(e.UID, "came")
		case crvideo.UserLeftMeeting:
			fmt.Println(e.UID, "left:", e.Reason)
			return
		}
	}
	// Output:
	// bob came
	// bob left: exit
}

// Handlers run one after the other on a goroutine of the client, and may call anything.
func ExampleClient_OnUserEnterMeeting() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	greeted := make(chan struct{})
	ann.OnUserEnterMeeting(func(e crvideo.UserEnterMeeting) {
		fmt.Println("hello", ann.GetMemberNickName(e.UID))
		close(greeted)
	})
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()
	<-greeted
	// Output: hello bob
}

// Decoded pictures of a member.
func ExampleClient_Video() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	must(ann.SetVideoCfg(ctx, crvideo.VideoCfg{Size: 1, FPS: 15}))
	must(ann.OpenVideo(ctx, ""))
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()

	video, err := bob.Video("ann", crvideo.DefaultCamera)
	must(err)
	defer video.Close()
	frame, err := video.ReadFrame(ctx)
	must(err)
	member, _, ok := crvideotest.ReadPattern(frame.Image) // ann's synthetic camera writes her number into it
	fmt.Println(frame.Image.Rect.Size(), "of member", member, ok)
	// Output: (640,360) of member 1 true
}

// Decoded sound of a member.
func ExampleClient_Audio() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	must(ann.OpenMic(ctx, ""))
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()

	audio, err := bob.Audio("ann")
	must(err)
	defer audio.Close()
	pcm := make([]int16, crvideo.PCMRate/2)
	for n := 0; n < len(pcm); {
		got, err := audio.ReadPCM(ctx, pcm[n:])
		must(err)
		n += got
	}
	hz, ok := crvideotest.DetectTone(pcm, crvideo.PCMRate)
	fmt.Println(ok, hz > crvideotest.ToneFrequency(1)-2, hz < crvideotest.ToneFrequency(1)+2)
	// Output: true true true
}

// An encoder of the application's own.
func ExampleSampleQueue() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, _ := join(ctx, url, "ann", 0)
	defer ann.Close()

	queue, err := crvideo.NewSampleQueue("audio/opus")
	must(err)
	mic, err := ann.AddMic(ctx, "my voice", queue.Open)
	must(err)
	cfg := ann.GetAudioCfg()
	cfg.MicID = mic
	must(ann.SetAudioCfg(ctx, cfg))
	must(ann.OpenMic(ctx, ""))
	silence := []byte{0xf8, 0xff, 0xfe} // 20 ms of Opus
	for range 3 {
		must(queue.Write(ctx, crvideo.Sample{Data: silence, Duration: 20 * time.Millisecond}))
	}
	fmt.Println(ann.GetAudioStatus(""))
	// Output: open
}

// A member's live picture and sound in a browser.
func ExampleVideoUI_Handler() {
	url, stop := startServer()
	defer stop()
	ann, _ := join(context.Background(), url, "ann", 0)
	defer ann.Close()

	ui, err := ann.CreateVideoObj()
	must(err)
	defer ui.Destroy()
	must(ui.SetVideo("bob", crvideo.DefaultCamera)) // who need not be there yet
	mux := http.NewServeMux()
	mux.Handle("/bob/", http.StripPrefix("/bob", ui.Handler()))
	// http.ListenAndServe("127.0.0.1:8080", mux), and look at http://127.0.0.1:8080/bob/
	fmt.Println(ui.GetVideoID())
	// Output: {bob -1}
}

// Every error carries a CRVideo code.
func ExampleCodeOf() {
	url, stop := startServer()
	defer stop()
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: url})
	must(err)
	defer c.Close()
	err = c.Login(context.Background(), crvideo.LoginParams{AppID: "demo", AppSecret: crvideo.MD5("wrong"), UID: "ann", Nickname: "Ann"})
	fmt.Println(errors.Is(err, crvideo.CodeWrongSecret), int(crvideo.CodeOf(err)))
	// Output: true 7
}

// Counters of all streams.
func ExampleClient_GetStats() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, _ := join(ctx, url, "ann", 0)
	defer ann.Close()
	must(ann.WaitMedia(ctx))
	must(ann.OpenMic(ctx, ""))
	stats := ann.GetStats()
	fmt.Println(stats.Media, len(stats.Receiving), stats.Sending[0].Codec)
	// Output: connected 0 audio/opus
}
