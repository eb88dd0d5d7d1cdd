// File-drop sends files from one user to another, wherever the two are. Who receives them says in which folder they lie; a
// lost connection or a restarted server in between costs only time.
//
//	go run ./examples/file-drop                                       # alone: with a server of its own, and a file from a guest
//	go run ./examples/file-drop -server 127.0.0.1:8765 -uid bob -into inbox
//	go run ./examples/file-drop -server 127.0.0.1:8765 -uid ann -to bob film.mp4 notes.txt
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

type options struct {
	server, uid, into, to string
	count                 int
	files                 []string
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "address of the server; none: one of its own")
	flag.StringVar(&o.uid, "uid", "bob", "who you are")
	flag.StringVar(&o.into, "into", "", "folder for what comes; none: a new one")
	flag.StringVar(&o.to, "to", "", "who gets the files that are named behind the flags; none: files are received")
	flag.IntVar(&o.count, "count", 0, "end after so many files have come; 0: at Ctrl-C")
	flag.Parse()
	o.files = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o options) (err error) {
	place, err := solo.Serve(o.server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	c, err := solo.Login(ctx, place.Addr, o.uid)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if o.to != "" {
		for _, path := range o.files {
			if err := send(ctx, out, c, o.to, path); err != nil {
				return err
			}
		}
		return nil
	}
	if o.into == "" {
		if o.into, err = os.MkdirTemp("", "file-drop-"); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "files for %s go into %s\n", o.uid, o.into)
	b := newBox(ctx, out, c, o)
	defer b.close()
	if o.server == "" {
		if err := guest(ctx, out, place.Addr, o.uid); err != nil {
			return err
		}
	}
	select {
	case <-b.full:
	case <-ctx.Done(): // Ctrl-C
	}
	return nil
}

// send sends one file.
func send(ctx context.Context, out io.Writer, c *crvideo.Client, to, path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	progress := crvideo.WithProgress(func(sent, total int64) { fmt.Fprintf(out, "\r%s: %d of %d bytes", path, sent, total) })
	err = c.SendFile(ctx, to, crvideo.OutgoingFile{Name: info.Name(), Size: info.Size(), Content: file}, progress)
	if err == nil {
		fmt.Fprintf(out, "\n%s has %s\n", to, path)
	}
	return err
}

// box puts what comes into a folder, several files at a time.
type box struct {
	c    *crvideo.Client
	work sync.WaitGroup
	full chan struct{} // closed when enough has come
}

func newBox(ctx context.Context, out io.Writer, c *crvideo.Client, o options) *box {
	b := &box{c: c, full: make(chan struct{})}
	saved := make(chan string)
	b.work.Go(func() {
		for n := 1; n <= o.count || o.count == 0; n++ {
			select {
			case what := <-saved:
				fmt.Fprintln(out, what)
			case <-ctx.Done():
				return
			}
		}
		close(b.full)
	})
	c.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) {
		b.work.Go(func() { // other events go on meanwhile
			what := fmt.Sprintf("%s sends %s", e.UID, e.FileName)
			if path, err := e.File.SaveIn(ctx, o.into); err == nil {
				what += ": " + filepath.Base(path) + " is there"
			} else {
				what += ": " + err.Error()
			}
			select {
			case saved <- what:
			case <-b.full:
			case <-ctx.Done():
			}
		})
	})
	return b
}

func (b *box) close() {
	b.c.OnNotifyFileOffer(nil)
	b.work.Wait()
}

// guest sends a file to who is alone.
func guest(ctx context.Context, out io.Writer, addr, to string) (err error) {
	c, err := solo.Login(ctx, addr, "guest")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	dir, err := os.MkdirTemp("", "file-drop-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "hello.txt")
	if err := os.WriteFile(path, []byte("Hello from a guest.\n"), 0o600); err != nil {
		return err
	}
	return send(ctx, out, c, to, path)
}
