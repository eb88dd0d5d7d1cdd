// Basic-call makes a real call: the nine steps of the CRVideo tutorial, with real media between separate peers.
//
// Without flags it starts a server in the process, logs two clients in and lets them see and hear each other: alice
// with the Go idiom, bob with the mirror of the JavaScript calls. With -server it joins a call on a running server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/crvideo/crvideo-go"
)

type options struct {
	length      time.Duration
	server      string
	app, secret string
	room        int64
	password    string
	uid         string
	mic, camera int
	speaker     int
	page        string
	listDevices bool
	verbose     bool
}

func parseFlags(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("basic-call", flag.ContinueOnError)
	f.DurationVar(&o.length, "for", 0, "end after this time; exit code 0 only if picture and sound of the other side were decoded")
	f.StringVar(&o.server, "server", "", "join a call on this `address` instead of starting a server")
	f.StringVar(&o.app, "app", "demo", "app `ID`")
	f.StringVar(&o.secret, "secret", "demo", "the app's `secret`")
	f.Int64Var(&o.room, "room", 0, "`number` of the room to enter; 0 creates one")
	f.StringVar(&o.password, "password", "", "the room's `password`")
	f.StringVar(&o.uid, "uid", "", "user `ID`; default: made up")
	f.IntVar(&o.mic, "mic", 0, "microphone by its `ID`; 0: the first real one, else the synthetic one")
	f.IntVar(&o.camera, "camera", 0, "camera by its `ID`; 0: the first real one, else the synthetic one")
	f.IntVar(&o.speaker, "speaker", 0, "play the call on the speaker with this `ID`, -1: the default one; 0: play nothing")
	f.StringVar(&o.page, "page", "127.0.0.1:0", "`address` of the page to watch on")
	f.BoolVar(&o.listDevices, "list-devices", false, "print microphones, speakers, cameras and screens, and end")
	f.BoolVar(&o.verbose, "v", false, "print the log of SDK and server, too")
	err := f.Parse(args)
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("unknown argument %q", f.Arg(0))
		fmt.Fprintln(f.Output(), err)
	}
	return o, err
}

func main() {
	o, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	switch {
	case o.listDevices:
		err = listDevices()
	case o.server != "":
		err = join(ctx, newPrinter(os.Stdout), o)
	default:
		err = demo(ctx, newPrinter(os.Stdout), o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "basic-call:", err)
		stop()
		os.Exit(1)
	}
}

func listDevices() error {
	c, err := crvideo.New(crvideo.SDKParams{})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	fmt.Println("microphones:")
	for _, m := range c.GetAudioMicNames() {
		fmt.Printf("  %3d  %s\n", m.MicID, m.Name)
	}
	fmt.Println("speakers:")
	for _, s := range c.GetAudioSpkNames() {
		fmt.Printf("  %3d  %s\n", s.SpeakerID, s.Name)
	}
	fmt.Println("cameras:")
	for _, v := range c.GetAllVideoInfo("") {
		fmt.Printf("  %3d  %s\n", v.VideoID, v.Name)
	}
	if screens, err := c.GetScreens(); err == nil {
		fmt.Println("screens:")
		for _, s := range screens {
			fmt.Printf("  %3d  %s %v\n", s.ScreenID, s.Name, s.Bounds)
		}
	}
	if hint := microphoneHint; hint != "" {
		fmt.Println(hint)
	}
	return nil
}
