package crvideo_test

import (
	"context"
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// The room as one even stream, in the form that speech recognition wants.
func ExampleClient_Mix() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()
	must(ann.OpenMic(ctx, ""))

	const rate = 16000
	mix, err := bob.Mix(crvideo.WithRate(rate))
	must(err)
	defer mix.Close()
	second := make([]int16, rate)
	for heard := false; !heard; {
		for n := 0; n < len(second); {
			got, err := mix.ReadPCM(ctx, second[n:])
			must(err)
			n += got
		}
		heard = crvideotest.ToneShare(second, rate, crvideotest.ToneFrequency(1)) > 0.9
	}
	fmt.Println("bob hears ann")
	// Output: bob hears ann
}

// A voice that is written as fast as it is made, and interrupted.
func ExamplePCMQueue() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	agent, _ := join(ctx, url, "agent", 0)
	defer agent.Close()

	voice, err := crvideo.NewPCMQueue(crvideo.WithRate(24000))
	must(err)
	_, err = agent.AddMic(ctx, "voice", voice.Open)
	must(err)
	must(agent.OpenMic(ctx, ""))
	sentence := make([]int16, 5*24000)
	written := make(chan error)
	go func() { written <- voice.Write(ctx, sentence) }()
	for voice.Played() < 100*time.Millisecond {
		time.Sleep(10 * time.Millisecond)
	}
	voice.Flush()
	fmt.Println(<-written, voice.Queued(), voice.Played() < time.Second)
	// Output: crvideo: flushed 0s true
}

// Who speaks, for a display.
func ExampleClient_OnMicEnergyUpdate() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()

	heard := make(chan crvideo.MicEnergyUpdate, 10)
	bob.OnMicEnergyUpdate(func(e crvideo.MicEnergyUpdate) { heard <- e })
	must(ann.OpenMic(ctx, ""))
	fmt.Printf("%+v\n", <-heard)
	// Output: {UID:ann OldLevel:0 NewLevel:2}
}

// Only some members are heard; the server does not send the others.
func ExampleClient_SetAudioSubscribeMode() {
	url, stop := startServer()
	defer stop()
	c, _ := join(context.Background(), url, "ann", 0)
	defer c.Close()
	must(c.SetAudioSubscribeList([]string{"teacher"}))
	must(c.SetAudioSubscribeMode(crvideo.AudioSubscribeListed))
	fmt.Println(c.GetAudioSubscribeMode() == crvideo.AudioSubscribeListed)
	// Output: true
}

// The speaker needs package device/speaker, which is not part of this program.
func ExampleClient_PlaySpeaker() {
	c, err := crvideo.New(crvideo.SDKParams{})
	must(err)
	defer c.Close()
	err = c.PlaySpeaker(context.Background())
	fmt.Println(crvideo.CodeOf(err))
	// Output: not supported by this build (8005)
}
