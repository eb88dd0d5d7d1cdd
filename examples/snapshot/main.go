// Snapshot joins a room and saves a picture of every member whose camera is open:
//
//	go run ./examples/snapshot                             # alone: with a server of its own, and a guest to look at
//	go run ./examples/snapshot -server 127.0.0.1:8765 -room 12345678 -dir pictures
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

// patience is how long a member's picture is waited for.
const patience = 10 * time.Second

func main() {
	addr := flag.String("server", "", "address of the server; none: one of its own")
	room := flag.Int64("room", 0, "number of the room")
	dir := flag.String("dir", ".", "folder for the pictures")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *addr, *room, *dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, addr string, room int64, dir string) (err error) {
	place, c, err := solo.Open(ctx, addr, room, "snapshot")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(), place.Close()) }()
	if place.Guest != nil {
		if err := guest(ctx, place.Guest, c); err != nil {
			return err
		}
	}
	for _, m := range c.GetAllMembers() {
		if m.UID == c.UID() || m.VideoStatus != crvideo.StatusOpen {
			continue
		}
		file := filepath.Join(dir, url.PathEscape(m.UID)+".jpg")
		if err := save(ctx, c, m.UID, file); err != nil {
			return fmt.Errorf("%s: %w", m.UID, err)
		}
		fmt.Fprintf(out, "%s is in %s\n", m.Nickname, file)
	}
	return nil
}

// save saves the next picture of a member.
func save(ctx context.Context, c *crvideo.Client, uid, file string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ui, err := c.CreateVideoObj()
	if err != nil {
		return err
	}
	defer ui.Destroy()
	if err := ui.SetVideo(uid, crvideo.DefaultCamera); err != nil {
		return err
	}
	return ui.SavePic(ctx, file)
}

// guest opens its camera and waits until c knows.
func guest(ctx context.Context, g, c *crvideo.Client) error {
	known := make(chan struct{}, 1)
	c.OnVideoStatusChanged(func(e crvideo.VideoStatusChanged) {
		if e.UID == g.UID() && e.NewStatus == crvideo.StatusOpen {
			select {
			case known <- struct{}{}:
			default: // it was known before
			}
		}
	})
	if err := g.OpenVideo(ctx, ""); err != nil {
		return err
	}
	select {
	case <-known:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
