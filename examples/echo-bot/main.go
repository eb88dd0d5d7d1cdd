// Echo-bot joins a room and speaks back what it hears there:
//
//	go run ./examples/echo-bot                             # alone: with a server of its own, and a guest who hears itself
//	go run ./examples/echo-bot -server 127.0.0.1:8765 -room 12345678
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
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

// echo is the bot: everything it hears goes into its microphone.
func echo(ctx context.Context, bot *crvideo.Client) error {
	queue, err := crvideo.NewPCMQueue()
	if err != nil {
		return err
	}
	if err := solo.Speak(ctx, bot, "echo", queue); err != nil {
		return err
	}
	room, err := bot.Mix()
	if err != nil {
		return err
	}
	defer room.Close()
	for pcm := make([]int16, crvideo.PCMRate/50); ; {
		n, err := room.ReadPCM(ctx, pcm)
		if err != nil {
			return err
		}
		if err := queue.Write(ctx, pcm[:n]); err != nil {
			return err
		}
	}
}

func run(ctx context.Context, out io.Writer, addr string, room int64) (err error) {
	place, bot, err := solo.Open(ctx, addr, room, "echo")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bot.Close(), place.Close()) }()
	fmt.Fprintf(out, "in room %d of %s\n", place.Room, place.Addr)
	if place.Guest != nil {
		listening := make(chan error, 1)
		go func() { listening <- guest(ctx, out, place.Guest) }()
		defer func() { err = errors.Join(err, <-listening) }()
	}
	if err := echo(ctx, bot); ctx.Err() == nil {
		return err
	}
	return nil // Ctrl-C, or the time is over
}

// guest speaks, a tone, and tells what comes back.
func guest(ctx context.Context, out io.Writer, c *crvideo.Client) error {
	if err := c.OpenMic(ctx, ""); err != nil {
		return err
	}
	ear, err := c.Audio("echo")
	if err != nil {
		return err
	}
	defer ear.Close()
	second := make([]int16, crvideo.PCMRate)
	for filled := 0; ; {
		n, err := ear.ReadPCM(ctx, second[filled:])
		if err != nil {
			return nil // the end
		}
		if filled += n; filled == len(second) {
			if hz, ok := crvideotest.DetectTone(second, crvideo.PCMRate); ok {
				fmt.Fprintf(out, "the guest hears a tone of %.0f Hz, its own is %.0f Hz\n", hz, crvideotest.ToneFrequency(1))
			}
			filled = 0
		}
	}
}
