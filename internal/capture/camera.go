//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/io/video"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/picture"
	"github.com/crvideo/crvideo-go/internal/source"
)

// cameraSilence: cameras may take seconds for the first picture, and their drivers give up after 3 to 5 s by themselves.
const cameraSilence = 7 * time.Second

// What a camera is asked for when the caller does not say.
const (
	defaultWidth   = 640
	defaultHeight  = 360
	defaultFPS     = 30
	defaultBitrate = 600_000 // bit/s
)

type camera struct {
	*device
	source.LayeredEncoder
	interval time.Duration // between two pictures that are used
	due      time.Time     // of the next one; used by the reading goroutine

	work *image.YCbCr  // being encoded
	last time.Time     // when work was taken; zero before the first
	over time.Duration // of pictures that rate control left out

	mu    sync.Mutex
	fresh *image.YCbCr // the latest picture
	taken time.Time    // when it was taken; zero if it was fetched already
}

func openCamera(id string, p codec.VideoParams) (source.Source, error) {
	d, err := findDriver("camera", id, cameraDrivers())
	if err != nil {
		return nil, err
	}
	return startCamera(d, p, cameraSilence)
}

func startCamera(d driver.Driver, p codec.VideoParams, silence time.Duration) (source.Source, error) {
	if p.Width == 0 && p.Height == 0 {
		p.Width, p.Height = defaultWidth, defaultHeight
	}
	if p.FPS == 0 {
		p.FPS = defaultFPS
	}
	if p.Bitrate == 0 {
		p.Bitrate = defaultBitrate
	}
	p.Width, p.Height = p.Width&^1, p.Height&^1
	encoder, err := source.NewLayeredEncoder(p)
	if err != nil {
		return nil, fmt.Errorf("open camera %s: %w", deviceName(d), err)
	}
	reader, err := film(d, p)
	if err != nil {
		_ = encoder.Free()
		return nil, fmt.Errorf("open camera %s: %w", deviceName(d), err)
	}
	picture := func() *image.YCbCr {
		return image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420)
	}
	c := &camera{
		device: newDevice(d, silence), LayeredEncoder: encoder, interval: time.Second / time.Duration(p.FPS),
		work: picture(), fresh: picture(),
	}
	go c.run(func() error { return c.read(reader) })
	return c, nil
}

// film starts the driver in the mode that suits p best.
func film(d driver.Driver, p codec.VideoParams) (video.Reader, error) {
	if err := d.Open(); err != nil {
		return nil, err
	}
	mode, ok := bestMode(d.Properties(), p)
	if !ok {
		_ = d.Close()
		return nil, errors.New("it has no mode that can be used")
	}
	return d.(driver.VideoRecorder).VideoRecord(mode) // closes d on failure
}

func (c *camera) read(r video.Reader) error {
	img, release, err := r.Read()
	if err != nil {
		return err
	}
	defer release()
	// Cameras give the rate that they like. A quarter of a frame early is in time, so that jitter costs no pictures.
	now := time.Now()
	if now.Before(c.due.Add(-c.interval / 4)) {
		return nil
	}
	if c.due = c.due.Add(c.interval); now.After(c.due) {
		c.due = now.Add(c.interval)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	picture.Crop(c.fresh, img)
	c.taken = now
	c.notify()
	return nil
}

func (c *camera) Next(ctx context.Context) (source.Sample, error) {
	for {
		duration, ok := c.fetch()
		if !ok {
			if err := c.wait(ctx); err != nil {
				return source.Sample{}, err
			}
			continue
		}
		c.over += duration
		s, ok, err := c.Encode(c.work)
		if err != nil {
			select {
			case <-c.closed:
				return source.Sample{}, source.ErrClosed
			default:
				return source.Sample{}, fmt.Errorf("%s: %w", c.name, err)
			}
		}
		if ok {
			s.Duration, c.over = c.over, 0
			return s, nil
		}
	}
}

// fetch makes the latest picture the one to encode, and returns how long after its predecessor it was taken.
func (c *camera) fetch() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken.IsZero() {
		return 0, false
	}
	duration := c.interval
	if !c.last.IsZero() {
		duration = c.taken.Sub(c.last)
	}
	c.work, c.fresh = c.fresh, c.work
	c.last, c.taken = c.taken, time.Time{}
	return duration, true
}

func (c *camera) Close() error {
	c.close()
	return c.Free()
}
