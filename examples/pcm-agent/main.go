// Pcm-agent is the frame of a voice agent: it hears the room at 16 kHz, as speech recognition wants it, and speaks at
// 24 kHz, as speech synthesis gives it. Who speaks while it speaks interrupts it.
//
//	go run ./examples/pcm-agent                            # alone: with a server of its own, and a guest to talk to
//	go run ./examples/pcm-agent -server 127.0.0.1:8765 -room 12345678
//
// Put a model in place of answer.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

func main() {
	addr := flag.String("server", "", "address of the server; none: one of its own")
	room := flag.Int64("room", 0, "number of the room")
	length := flag.Duration("for", 0, "how long; 0: until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *length > 0 {
		ctx, stop = context.WithTimeout(ctx, *length)
		defer stop()
	}
	if err := run(ctx, os.Stdout, *addr, *room); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, addr string, room int64) (err error) {
	place, c, err := solo.Open(ctx, addr, room, "agent")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(), place.Close()) }()
	fmt.Fprintf(out, "in room %d of %s\n", place.Room, place.Addr)
	if place.Guest != nil {
		talking := make(chan error, 1)
		go func() { talking <- guest(ctx, out, place.Guest) }()
		defer func() { err = errors.Join(err, <-talking) }()
	}
	a, err := newAgent(ctx, out, c)
	if err != nil {
		return err
	}
	if err := a.run(ctx); ctx.Err() == nil {
		return err
	}
	return nil // Ctrl-C, or the time is over
}
