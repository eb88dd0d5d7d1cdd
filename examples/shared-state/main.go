// Shared-state is a poll in a room. The question is an attribute of the room, a vote one of its member, so that who comes
// later sees both, and nothing has to be sent twice:
//
//	go run ./examples/shared-state                         # alone: with a server of its own, and a guest who votes
//	go run ./examples/shared-state -server 127.0.0.1:8765 -room 12345678 -uid ann -vote green
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
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

const question, vote = "question", "vote"

func main() {
	addr := flag.String("server", "", "address of the server; none: one of its own")
	room := flag.Int64("room", 0, "number of the room")
	uid := flag.String("uid", "host", "who you are")
	mine := flag.String("vote", "red", "your vote")
	length := flag.Duration("for", 0, "how long; 0: until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *length > 0 {
		ctx, stop = context.WithTimeout(ctx, *length)
		defer stop()
	}
	if err := run(ctx, os.Stdout, *addr, *room, *uid, *mine); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, addr string, room int64, uid, mine string) (err error) {
	place, c, err := solo.Open(ctx, addr, room, uid)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(), place.Close()) }()
	fmt.Fprintf(out, "in room %d of %s\n", place.Room, place.Addr)
	if place.Guest != nil {
		if err := ask(ctx, place.Guest, "red or green?"); err != nil {
			return err
		}
		if err := cast(ctx, place.Guest, "green"); err != nil {
			return err
		}
	}
	events := c.Events(ctx) // from before the votes are counted: none is missed
	if err := cast(ctx, c, mine); err != nil {
		return err
	}
	if err := tally(ctx, out, c); err != nil {
		return err
	}
	for e := range events {
		switch e.(type) {
		case crvideo.NotifyMeetingAttrsChanged, crvideo.NotifyUserAttrsChanged, crvideo.UserLeftMeeting:
			if err := tally(ctx, out, c); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return nil // Ctrl-C, or the time is over
}

// ask sets the question that everybody sees.
func ask(ctx context.Context, c *crvideo.Client, text string) error {
	return c.SetMeetingAttrs(ctx, map[string]string{question: text}, crvideo.MeetingAttrOptions{NotifyAll: true})
}

// cast sets one's own vote.
func cast(ctx context.Context, c *crvideo.Client, choice string) error {
	return c.SetUserAttrs(ctx, c.UID(), map[string]string{vote: choice}, crvideo.MeetingAttrOptions{NotifyAll: true})
}

// tally reads the shared state and prints it.
func tally(ctx context.Context, out io.Writer, c *crvideo.Client) error {
	room, err := c.GetMeetingAttrs(ctx, question)
	if err != nil {
		return err
	}
	var uids []string
	for _, m := range c.GetAllMembers() {
		uids = append(uids, m.UID)
	}
	votes := map[string]int{}
	for len(uids) > 0 {
		n := min(len(uids), 50) // at a time
		users, err := c.GetUserAttrs(ctx, uids[:n], []string{vote})
		if err != nil {
			return err
		}
		for _, attrs := range users {
			votes[attrs[vote].Value]++
		}
		uids = uids[n:]
	}
	fmt.Fprintln(out, room[question].Value, votes)
	return nil
}
