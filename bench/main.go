// Command bench compares three servers and their clients in the same run, on one machine and in turn: this repository's,
// LiveKit's, and the least that pion needs for the same work (the floor). It needs Linux.
//
//	go run .          everything; LiveKit is built first (minutes, the first time); a quarter of an hour
//	go run . -quick   without LiveKit, and less of everything; a minute
//
// Every server is a process of its own, and so is every set of clients. The table is printed, and without -quick stored in
// RESULTS.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/crvideo/crvideo-go/bench/load"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// builtIn are the candidates that are part of this program.
var builtIn = map[string]interface {
	load.Candidate
	serve() error
}{"crvideo": ours{}, "floor": floor{}}

type options struct {
	quick, cold bool
	rounds      int
	out         string
}

func run(ctx context.Context, args []string) error {
	if len(args) > 1 { // a child of this program
		c := builtIn[args[1]]
		switch {
		case c != nil && args[0] == "serve" && len(args) == 2:
			return c.serve()
		case c != nil && args[0] == "drive" && len(args) == 3:
			return load.Run(ctx, c, args[2])
		}
	}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.BoolVar(&o.quick, "quick", false, "leave LiveKit out, and end within a minute")
	flags.BoolVar(&o.cold, "cold", false, "build an importer of each client with an empty cache, too (minutes)")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each scenario is run; the medians count")
	flags.StringVar(&o.out, "o", "RESULTS.md", "file for the table; with -quick none unless it is given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected %q", flags.Arg(0))
	}
	if _, err := os.Stat("livekit/go.mod"); err != nil {
		return errors.New("run it in the folder bench")
	}
	if o.quick {
		o.rounds = 1
		given := false
		flags.Visit(func(f *flag.Flag) { given = given || f.Name == "o" })
		if !given {
			o.out = ""
		}
	}
	return compare(ctx, &o)
}

func compare(ctx context.Context, o *options) error {
	about := describe(ctx, o)
	cs, err := candidates(ctx, o)
	if err != nil {
		return err
	}
	for _, c := range cs {
		r, err := weighImport(ctx, c.importer[0], c.importer[1], o.cold)
		if err != nil {
			return fmt.Errorf("importer of %s: %w", c.name, err)
		}
		c.add(r)
	}
	var broken error // the others' figures are worth something all the same
	for _, s := range plan(o) {
		for round := range min(s.rounds, o.rounds) {
			for _, c := range cs {
				began := time.Now()
				r, err := c.drive(ctx, s.params)
				if err != nil {
					broken = errors.Join(broken, fmt.Errorf("%s, %s: %w", s.params.Scenario, c.name, err))
					continue
				}
				c.add(r)
				fmt.Fprintf(os.Stderr, "%s %d, round %d, %s: %.0f s\n", s.params.Scenario, s.params.Count, round+1, c.name, time.Since(began).Seconds())
			}
		}
	}
	table := func(w io.Writer) { writeTable(w, about, cs) }
	table(os.Stdout)
	if o.out == "" {
		return broken
	}
	f, err := os.Create(o.out)
	if err != nil {
		return err
	}
	table(f)
	return errors.Join(broken, f.Close())
}

type step struct {
	params load.Params
	rounds int
}

// plan is what is run. The heavier the fewer times.
func plan(o *options) []step {
	if o.quick {
		return []step{
			{load.Params{Scenario: "join", Count: 3}, 1},
			{load.Params{Scenario: "forward", Count: 10, Seconds: 1.5}, 1},
			{load.Params{Scenario: "forward", Count: 50, Seconds: 1.5}, 1},
		}
	}
	return []step{
		{load.Params{Scenario: "join", Count: 10}, 3},
		{load.Params{Scenario: "forward", Count: 10, Seconds: 5}, 2},
		{load.Params{Scenario: "forward", Count: 50, Seconds: 5}, 3},
		{load.Params{Scenario: "forward", Count: 100, Seconds: 5}, 2},
		{load.Params{Scenario: "crowd", Count: 500, Seconds: 10}, 1},
		{load.Params{Scenario: "listen", Count: 100, Seconds: 10}, 1},
		{load.Params{Scenario: "listen", Count: 500, Seconds: 10}, 1},
	}
}

// candidate is one of those that are compared.
type candidate struct {
	name     string
	command  []string  // runs the driver; the scenario is appended
	importer [2]string // folder and package of a program that imports the client
	results  map[string][]float64
}

func candidates(ctx context.Context, o *options) ([]*candidate, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	all := []*candidate{
		{name: "floor", command: []string{self, "drive", "floor"}, importer: [2]string{".", "./importer/pion"}},
		{name: "crvideo", command: []string{self, "drive", "crvideo"}, importer: [2]string{".", "./importer/crvideo"}},
	}
	if o.quick {
		return all, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	server, driver := filepath.Join(cache, "crvideo-bench", "livekit-server"), filepath.Join(cache, "crvideo-bench", "livekit-driver")
	for program, pkg := range map[string]string{server: "github.com/livekit/livekit-server/cmd/server", driver: "."} {
		build := exec.CommandContext(ctx, "go", "build", "-o", program, pkg)
		build.Dir, build.Stderr = "livekit", os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build %s: %w", pkg, err)
		}
	}
	return append(all, &candidate{
		name: "LiveKit", command: []string{driver, server}, importer: [2]string{"livekit", "./importer"},
	}), nil
}
