package codec

import (
	"image"
	"sync"
	"time"

	pictures "github.com/crvideo/crvideo-go/internal/picture"
)

// When an adaptive encoder leaves out pictures, and makes them smaller. The rates are in bit a pixel, and hold below a
// part of the bitrate that the encoder began with: who chose little to begin with gets what was chosen.
const (
	fewerBelow   = 0.03 // every other picture
	fewerPart    = 0.6
	fewerFrom    = 20   // pictures a second; less are not halved
	smallerBelow = 0.02 // half the width and height, at the rate of pictures that is left
	smallerPart  = 0.35
	backAbove    = 1.4 // of these values, to go back
	smallestSide = 90  // pixels
	largestScale = 4

	sizeDownAfter = 400 * time.Millisecond // since the size changed last
	sizeUpAfter   = 2 * time.Second
)

// adaptive is an encoder that gives up pictures first, and size then, when its bitrate does not suffice for good ones.
type adaptive struct {
	mime  string
	whole VideoParams

	mu      sync.Mutex
	inner   VideoEncoder // nil after Close
	bitrate int
	every   int // picture that is encoded
	scale   int
	resized time.Time
	count   int
	force   bool
	scaled  *image.YCbCr
}

// NewAdaptiveVideoEncoder is NewVideoEncoder for a network that may carry less than the parameters say: with a bitrate
// (SetBitrate) that is too low for them every other picture is left out, and then pictures become smaller, down to a
// quarter of the width; with more they come back. A receiver sees a new size at a key frame.
func NewAdaptiveVideoEncoder(mime string, p VideoParams) (VideoEncoder, error) {
	inner, err := NewVideoEncoder(mime, p)
	if err != nil {
		return nil, err
	}
	p, _ = p.check() // it was good
	return &adaptive{mime: mime, whole: p, inner: inner, bitrate: p.Bitrate, every: 1, scale: 1}, nil
}

func (a *adaptive) Encode(img *image.YCbCr) ([]byte, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return nil, false, ErrClosed
	}
	a.count++
	if a.every > 1 && !a.force && a.count%a.every != 0 {
		return nil, false, nil
	}
	if err := a.resize(time.Now()); err != nil {
		return nil, false, err
	}
	if a.scale > 1 {
		pictures.Stretch(a.scaled, img)
		img = a.scaled
	}
	data, key, err := a.inner.Encode(img)
	if key {
		a.force = false
	}
	return data, key, err
}

// steps tells which part of the pictures, and of their size, the bitrate suffices for.
func (a *adaptive) steps() (every, scale int) {
	pixels := float64(a.whole.Width * a.whole.Height * a.whole.FPS)
	enough := func(reached bool, perPixel, part, pixels float64) bool {
		limit := min(perPixel*pixels, part*float64(a.whole.Bitrate))
		if reached {
			limit *= backAbove
		}
		return float64(a.bitrate) >= limit
	}
	every, scale = 1, 1
	if a.whole.FPS >= fewerFrom && !enough(a.every > 1, fewerBelow, fewerPart, pixels) {
		every = 2
		pixels /= 2
	}
	for part := smallerPart; scale < largestScale; part /= 2 {
		next := 2 * scale
		if a.whole.Height/next < smallestSide || a.whole.Width/next < smallestSide || enough(a.scale >= next, smallerBelow, part, pixels) {
			break
		}
		scale = next
		pixels /= 4
	}
	return every, scale
}

// resize makes an encoder of another size when it is time.
func (a *adaptive) resize(now time.Time) error {
	every, scale := a.steps()
	if scale == a.scale {
		return a.pace(every)
	}
	wait := sizeDownAfter
	if scale < a.scale {
		wait = sizeUpAfter
	}
	if now.Sub(a.resized) < wait {
		return a.pace(every)
	}
	p := a.whole
	p.Width, p.Height, p.Bitrate = p.Width/scale&^1, p.Height/scale&^1, a.bitrate*every
	inner, err := NewVideoEncoder(a.mime, p)
	if err != nil {
		return err
	}
	_ = a.inner.Close() // nothing is lost with it
	a.inner, a.every, a.scale, a.resized = inner, every, scale, now
	a.scaled = nil
	if scale > 1 {
		a.scaled = image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420)
	}
	return nil
}

// pace changes how many pictures are left out. The encoder reckons with all of them, so each gets the bits of those
// that are missing.
func (a *adaptive) pace(every int) error {
	if every == a.every {
		return nil
	}
	a.every = every
	return a.inner.SetBitrate(a.bitrate * every)
}

func (a *adaptive) SetBitrate(bps int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return ErrClosed
	}
	if err := a.inner.SetBitrate(bps * a.every); err != nil {
		return err
	}
	a.bitrate = bps
	return nil
}

func (a *adaptive) ForceKeyFrame() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return ErrClosed
	}
	a.force = true
	return a.inner.ForceKeyFrame()
}

func (a *adaptive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return nil
	}
	err := a.inner.Close()
	a.inner = nil
	return err
}
