// Call-centre has customers wait in a queue for agents. An agent who is offered a customer makes a room, calls the customer, and
// both meet there:
//
//	go run ./examples/call-centre                       # alone: with a server of its own, an agent and three customers
//
// Or as programs of their own; the server, which knows the queue, is in the first one:
//
//	go run ./examples/call-centre -as server
//	go run ./examples/call-centre -as agent -server 127.0.0.1:8765 -uid ann
//	go run ./examples/call-centre -as customer -server 127.0.0.1:8765 -uid bob
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/examples/internal/solo"
	"github.com/crvideo/crvideo-go/server"
)

// sales is the queue of this example.
var sales = server.Queue{AppID: server.DemoApp, ID: 1, Name: "sales"}

func main() {
	as := flag.String("as", "", "agent, customer or server; none: all in one program")
	addr := flag.String("server", "", "address of the server")
	uid := flag.String("uid", "somebody", "who you are")
	talk := flag.Duration("talk", 5*time.Second, "how long an agent talks to a customer")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *as, *addr, *uid, *talk); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, as, addr, uid string, talk time.Duration) error {
	out = &lines{out: out}
	switch as {
	case "":
		return alone(ctx, out, talk)
	case "agent":
		return agent(ctx, out, addr, uid, talk)
	case "customer":
		return customer(ctx, out, addr, uid)
	case "server":
		return serve(ctx, out)
	}
	return fmt.Errorf("nobody is a %q", as)
}

// alone has three customers served.
func alone(ctx context.Context, out io.Writer, talk time.Duration) (err error) {
	place, err := solo.Serve("", sales)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	open, closed := context.WithCancel(ctx)
	defer closed()
	atWork := make(chan error, 1)
	go func() { atWork <- agent(open, out, place.Addr, "ann", talk) }()
	var customers sync.WaitGroup
	failures := make([]error, 3)
	for i, uid := range []string{"bob", "cat", "dan"} {
		customers.Go(func() { failures[i] = customer(ctx, out, place.Addr, uid) })
	}
	customers.Wait()
	closed()
	return errors.Join(append(failures, <-atWork)...)
}

// serve is a server that knows the queue.
func serve(ctx context.Context, out io.Writer) (err error) {
	srv, err := server.New(server.Config{Addr: "127.0.0.1:8765", Queues: []server.Queue{sales}})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "server at", srv.URL())
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(err, srv.Shutdown(end))
}

// lines lets several print, one line at a time.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}
