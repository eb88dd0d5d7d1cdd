package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/bench/load"
)

// driveTime is how long a driver may take.
const driveTime = 10 * time.Minute

// drive runs a scenario in a process of its own.
func (c *candidate) drive(ctx context.Context, p load.Params) (load.Results, error) {
	ctx, cancel := context.WithTimeout(ctx, driveTime)
	defer cancel()
	scenario, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, c.command[0], append(slices.Clip(c.command[1:]), string(scenario))...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var r load.Results
	return r, json.Unmarshal(out, &r)
}

func (c *candidate) add(r load.Results) {
	if c.results == nil {
		c.results = make(map[string][]float64)
	}
	for name, v := range r {
		c.results[name] = append(c.results[name], v)
	}
}

// value is the median of a figure, and false if there is none.
func (c *candidate) value(name string) (float64, bool) {
	v := slices.Sorted(slices.Values(c.results[name]))
	if len(v) == 0 {
		return 0, false
	}
	if name == "failed" {
		sum := 0.0
		for _, n := range v {
			sum += n
		}
		return sum, true
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2, true
}
