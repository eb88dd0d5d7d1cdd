package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/crvideo/crvideo-go/bench/load"
)

// weighImport tells what a program pays for importing a client: modules that are compiled, the size of the program, and
// with cold the processor time of building it with an empty cache.
func weighImport(ctx context.Context, dir, pkg string, cold bool) (load.Results, error) {
	tmp, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", pkg)
	list.Dir, list.Stderr = dir, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	modules := make(map[string]bool)
	for _, m := range strings.Fields(string(out)) {
		modules[m] = true
	}
	program := filepath.Join(tmp, "program")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, pkg)
	build.Dir, build.Stderr = dir, os.Stderr
	if cold {
		build.Env = append(os.Environ(), "GOCACHE="+filepath.Join(tmp, "cache"))
	}
	if err := build.Run(); err != nil {
		return nil, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	r := load.Results{"import modules": float64(len(modules)), "import size": float64(info.Size()) / 1e6}
	if cold {
		r["import build"] = (build.ProcessState.UserTime() + build.ProcessState.SystemTime()).Seconds()
	}
	return r, nil
}
