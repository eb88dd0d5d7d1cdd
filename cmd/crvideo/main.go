// Command crvideo does with a server what people and programs do, from the command line.
//
//	crvideo soak -bots 100 -for 10m     keeps clients in motion while everything goes wrong, and proves that nothing breaks
//
// `crvideo VERB -help` tells a verb's flags. The exit code is 0 if all went well, 1 if not, 2 if it was called wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// verb is one thing that the command does.
type verb struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

var verbs = []verb{
	{"soak", "many clients in random motion on a network that is hurt; fails if any invariant does not hold", soakVerb},
}

// errUsage is returned by a verb that was called wrongly and has said so.
var errUsage = errors.New("wrongly called")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program; its result the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return 2
	}
	for _, v := range verbs {
		if v.name != args[0] {
			continue
		}
		err := v.run(ctx, args[1:], stdout, stderr)
		switch {
		case err == nil || errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		}
		_, _ = fmt.Fprintf(stderr, "crvideo %s: %v\n", v.name, err)
		return 1
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(stdout)
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "crvideo: there is no verb %q\n", args[0])
	usage(stderr)
	return 2
}

func usage(w io.Writer) {
	_, _ = fmt.Fprintln(w, "usage: crvideo VERB [flags]")
	for _, v := range verbs {
		_, _ = fmt.Fprintf(w, "  %-8s %s\n", v.name, v.summary)
	}
	_, _ = fmt.Fprintln(w, "crvideo VERB -help tells the flags of a verb")
}

// parse parses the flags of a verb, which takes no other arguments.
func parse(flags *flag.FlagSet, args []string, stderr io.Writer) error {
	flags.SetOutput(stderr)
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "%s: unexpected argument %q\n", flags.Name(), flags.Arg(0))
		return errUsage
	}
	return nil
}
