package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// guest says something (a tone), hears the answer out, says something again, and falls into the second answer; and so on.
func guest(ctx context.Context, out io.Writer, c *crvideo.Client) error {
	ear, err := c.Audio("agent")
	if err != nil {
		return err
	}
	defer ear.Close()
	for round := 1; ctx.Err() == nil; round++ {
		err := speak(ctx, c, time.Second)
		if err == nil {
			err = heard(ctx, ear, true)
		}
		if err == nil {
			fmt.Fprintf(out, "the guest hears the answer\n")
			if round%2 == 0 {
				err = speak(ctx, c, 500*time.Millisecond)
			}
		}
		if err == nil {
			err = heard(ctx, ear, false)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func speak(ctx context.Context, c *crvideo.Client, d time.Duration) error {
	if err := c.OpenMic(ctx, ""); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return c.CloseMic(ctx, "")
}

// heard waits until the agent's tone is there, or is over.
func heard(ctx context.Context, ear *crvideo.AudioReader, there bool) error {
	piece := make([]int16, crvideo.PCMRate/5)
	for {
		for filled := 0; filled < len(piece); {
			n, err := ear.ReadPCM(ctx, piece[filled:])
			if err != nil {
				return err
			}
			filled += n
		}
		if (crvideotest.ToneShare(piece, crvideo.PCMRate, answerHz) > 0.8) == there {
			return nil
		}
	}
}
