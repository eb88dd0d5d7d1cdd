package soak

import (
	"context"
	"fmt"
	"math"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// sees decodes a member's pictures until they have moved, all of them that member's.
func sees(ctx context.Context, c *crvideo.Client, uid string, num uint32) error {
	v, err := c.Video(uid, crvideo.DefaultCamera)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	moved := map[uint32]bool{}
	for len(moved) < 3 {
		f, err := v.ReadFrame(ctx)
		if err != nil {
			return fmt.Errorf("after %d pictures: %w", len(moved), err)
		}
		member, counter, ok := crvideotest.ReadPattern(f.Image)
		if !ok || member != num {
			return fmt.Errorf("a picture of %d (readable: %v) instead of %d", member, ok, num)
		}
		moved[counter] = true
	}
	return nil
}

// hears decodes a member's sound until its tone is there.
func hears(ctx context.Context, c *crvideo.Client, uid string, num uint32) error {
	a, err := c.Audio(uid)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	want := crvideotest.ToneFrequency(num)
	window := make([]int16, crvideo.PCMRate/2)
	var wrong float64
	for range 10 {
		for filled := 0; filled < len(window); {
			n, err := a.ReadPCM(ctx, window[filled:])
			if err != nil {
				return fmt.Errorf("heard %.1f Hz instead of %.1f before: %w", wrong, want, err)
			}
			filled += n
		}
		hz, ok := crvideotest.DetectTone(window, crvideo.PCMRate)
		if ok && math.Abs(hz-want) < 3 {
			return nil
		}
		if ok {
			wrong = hz
		}
	}
	return fmt.Errorf("a tone of %.1f Hz instead of %.1f", wrong, want)
}
