//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// bestMode picks the mode that costs least: the smallest one that has the size and rate wanted, one that is too small or too
// slow only if there is none, and compressed pictures only if they are the nearest.
func bestMode(modes []prop.Media, p codec.VideoParams) (best prop.Media, ok bool) {
	lowest := 0.0
	for _, m := range modes {
		if m.Width <= 0 || m.Height <= 0 || m.FrameFormat == frame.FormatZ16 { // depth, not a picture
			continue
		}
		cost := away(float64(m.Width), float64(p.Width)) + away(float64(m.Height), float64(p.Height))
		if m.FrameRate > 0 { // unknown for some cameras
			cost += away(float64(m.FrameRate), float64(p.FPS))
		}
		if m.FrameFormat == frame.FormatMJPEG {
			cost += 0.1
		}
		if !ok || cost < lowest {
			best, lowest, ok = m, cost, true
		}
	}
	if ok && best.FrameRate > 0 && best.FrameRate < 1 {
		best.FrameRate = 1
	}
	return best, ok
}

// away is how much is wasted if there is more than wanted, or four times what is missing.
func away(has, wanted float64) float64 {
	if has >= wanted {
		return has/wanted - 1
	}
	return 4 * (wanted/has - 1)
}
