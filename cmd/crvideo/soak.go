package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/crvideo/crvideo-go/internal/soak"
)

func soakVerb(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("crvideo soak", flag.ContinueOnError)
	opts := soak.Options{Out: stdout}
	flags.IntVar(&opts.Bots, "bots", 30, "how many clients")
	flags.DurationVar(&opts.For, "for", time.Minute, "how long, about")
	flags.Uint64Var(&opts.Seed, "seed", 0, "where chance begins; it is printed (default: another one each time)")
	flags.BoolVar(&opts.Verbose, "v", false, "print every call, fault and event")
	file := flags.String("json", "", "`file` for the report as JSON; - for standard output, and everything else to standard error")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if opts.For <= 0 || opts.Bots < 3 {
		_, _ = fmt.Fprintln(stderr, "crvideo soak: -for must be above 0, -bots at least 3")
		return errUsage
	}
	if opts.Seed == 0 {
		opts.Seed = rand.Uint64() >> 32 //nolint:gosec // not a secret
	}
	if *file == "-" {
		opts.Out = stderr
	}
	_, _ = fmt.Fprintf(opts.Out, "soak: %d bots for %v, seed %d\n", opts.Bots, opts.For, opts.Seed)
	report, err := soak.Run(ctx, opts)
	if err != nil {
		return err
	}
	report.Print(opts.Out)
	if err := writeJSON(*file, stdout, report); err != nil {
		return err
	}
	if !report.Good() {
		return fmt.Errorf("%d violations; seed %d", report.Found, report.Seed)
	}
	return nil
}

// writeJSON writes a report where it is wanted.
func writeJSON(file string, stdout io.Writer, report *soak.Report) error {
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	switch file {
	case "":
		return nil
	case "-":
		_, err = fmt.Fprintf(stdout, "%s\n", text)
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}
