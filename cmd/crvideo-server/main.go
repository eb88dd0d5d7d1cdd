// Command crvideo-server is the CRVideo signalling and media server as a program.
//
// Every setting can be given as a flag, as an environment variable (CRVIDEO_ADDR for -addr, CRVIDEO_PUBLIC_IPS for
// -public-ips, and so on) and in a JSON file (-config). Flags win over the environment, the environment over the file.
//
//	crvideo-server                                  a demo on this machine: app "demo", secret "demo"
//	CRVIDEO_APPS=myapp:mysecret crvideo-server -addr :8765 -media-addr :8766 -cert cert.pem -key key.pem
//
// Its log is JSON lines on standard error; the addresses are printed on standard output.
//
// SIGTERM and SIGINT end it in order: it stops listening and, with -grace, tells clients to move to another server and
// waits until they have. Then it closes their connections, within 10 seconds. A second signal ends it at once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/crvideo/crvideo-go/server"
)

// shutdownTime is how long connections and requests in flight have at the end, after the grace.
const shutdownTime = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the next signal has its ordinary effect
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}

// run is the program; its result the exit code: 0 fine, 1 failed, 2 wrongly called.
func run(ctx context.Context, args []string, env lookup, stdout, stderr io.Writer) int {
	cfg, err := configure(args, env, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "crvideo-server:", err)
		return 2
	case cfg.showVersion:
		_, _ = fmt.Fprintln(stdout, version())
		return 0
	}
	if err := serve(ctx, cfg, stdout, stderr); err != nil {
		_, _ = fmt.Fprintln(stderr, "crvideo-server:", err)
		return 1
	}
	return 0
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, cfg *settings, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	serverConfig, err := cfg.server(log)
	if err != nil {
		return err
	}
	srv, err := server.New(serverConfig)
	if err != nil {
		return err
	}
	mediaTCP := "none"
	if addr := srv.MediaTCPAddr(); addr != nil {
		mediaTCP = addr.String()
	}
	_, _ = fmt.Fprintf(stdout, "signalling %s\nmedia      udp %s, tcp %s\n", srv.URL(), srv.MediaAddr(), mediaTCP)
	_, _ = fmt.Fprintf(stdout, "page       %s\n", srv.PageURL(0, ""))
	if len(cfg.Apps) == 0 {
		_, _ = fmt.Fprintf(stdout, "app        %s, secret %s (a demo: only on loopback)\n", server.DemoApp, server.DemoApp)
	}
	log.Info("serving", "url", srv.URL(), "addr", srv.Addr().String(), "media_udp", srv.MediaAddr().String(), "media_tcp", mediaTCP, "version", version())

	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	log.Info("shutting down")
	end, cancel := context.WithTimeout(context.Background(), time.Duration(cfg.Grace)+shutdownTime)
	defer cancel()
	if shutdownErr := srv.Shutdown(end); err == nil && !errors.Is(shutdownErr, context.DeadlineExceeded) {
		err = shutdownErr
	}
	log.Info("ended")
	return err
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "crvideo-server (unknown version)"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "(devel)" {
			v = s.Value
		}
	}
	return fmt.Sprintf("crvideo-server %s %s", v, info.GoVersion)
}
