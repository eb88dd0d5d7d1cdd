// Recorder joins a room and records a member, or everybody, into a file:
//
//	go run ./examples/recorder -for 10s                    # alone: with a server of its own, and a guest to record
//	go run ./examples/recorder -server 127.0.0.1:8765 -room 12345678 -uid ann -file ann.mkv
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/crvideo/crvideo-go/examples/internal/solo"
	"github.com/crvideo/crvideo-go/record"
)

func main() {
	addr := flag.String("server", "", "address of the server; none: one of its own")
	room := flag.Int64("room", 0, "number of the room")
	uid := flag.String("uid", "", "member to record; none: the whole room")
	file := flag.String("file", "recording.mp4", "file: .mp4, .mkv or .webm")
	length := flag.Duration("for", 0, "how long; 0: until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *length > 0 {
		ctx, stop = context.WithTimeout(ctx, *length)
		defer stop()
	}
	if err := run(ctx, os.Stdout, *addr, *room, *uid, *file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, addr string, room int64, uid, file string) (err error) {
	place, c, err := solo.Open(ctx, addr, room, "recorder")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(), place.Close()) }()
	if place.Guest != nil {
		if err := errors.Join(place.Guest.OpenMic(ctx, ""), place.Guest.OpenVideo(ctx, "")); err != nil {
			return err
		}
	}
	r, err := record.Start(ctx, c, file, record.Options{UID: uid})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "recording room %d into %s\n", place.Room, file)
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-tick.C:
			s := r.Stats()
			fmt.Fprintf(out, "%v, %d pictures, %d packets of sound, %d kB\n", s.Length.Round(time.Second), s.Pictures, s.Packets, s.Bytes/1000)
		case <-r.Done(): // ctx has ended, or the disk is full
			tick.Stop()
			fmt.Fprintf(out, "written: %v\n", r.Stats().Files)
			return r.Err()
		}
	}
}
