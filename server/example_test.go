package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/crvideo/crvideo-go/server"
)

// A server on free ports of this machine. Without Apps it has the app "demo" with the secret "demo".
func ExampleNew() {
	srv, err := server.New(server.Config{
		Addr:   "127.0.0.1:0",
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- srv.Serve() }()
	fmt.Println(srv.URL() != "", srv.MediaAddr().Network())

	fmt.Println(srv.Shutdown(context.Background()))
	fmt.Println(<-served)
	// Output:
	// true udp
	// <nil>
	// <nil>
}
