//go:build cgo && !nospeaker && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package speaker

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/crvideo/crvideo-go/internal/miniaudio"
	"github.com/crvideo/crvideo-go/internal/playback"
)

func init() { playback.Register(driver{}) }

// period is how much a speaker takes at once; it holds up to three of it.
const period = 20 * time.Millisecond

type driver struct{}

func (driver) Speakers() ([]playback.Device, error) {
	all, err := miniaudio.List(miniaudio.Speakers)
	out := make([]playback.Device, 0, len(all))
	for _, d := range all {
		out = append(out, playback.Device{ID: d.ID, Name: d.Name})
	}
	return out, err
}

func (driver) Open(id string, rate, channels int, pull func([]int16), stopped func()) (io.Closer, error) {
	d, err := miniaudio.Start(miniaudio.Speakers, id, miniaudio.Config{
		Rate: rate, Channels: channels, Period: period, Pull: pull, Stopped: stopped,
	})
	switch {
	case errors.Is(err, miniaudio.ErrNoDevice):
		return nil, fmt.Errorf("%w: %w", playback.ErrNoDevice, err)
	case err != nil:
		return nil, fmt.Errorf("open speaker: %w", err)
	}
	return d, nil
}
