package crvideo

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/screen"
)

// ScreenInfo is one screen of this machine.
type ScreenInfo struct {
	ScreenID int // from 1, in the order found; kept for the life of the client
	Name     string
	Bounds   image.Rectangle // where it is on the desktop, in points
	Absent   bool            // it is not there any more
}

type screenEntry struct {
	id     int
	screen screen.Screen
	absent bool
}

// screenDriver is the driver of screens, or what is missing.
func screenDriver(op string) (screen.Driver, error) {
	d := screen.Registered()
	if d == nil {
		return nil, fail(op, CodeNoPlatform, &codec.UnavailableError{
			Feature: "screen", Reason: "its driver is not part of this program, or there is none for this system",
			Remedy: "import _ \"github.com/crvideo/crvideo-go/device/screen\" on a system with X11",
		})
	}
	return d, nil
}

// GetScreens lists the screens of this machine, the main one first when the client asks for the first time, and those that
// are gone since then. Errors: 8003 they cannot be listed, 8005 package device/screen is not part of the program, or this
// is no system with X11.
func (c *Client) GetScreens() ([]ScreenInfo, error) {
	const op = "GetScreens"
	if err := c.notClosed(op); err != nil {
		return nil, err
	}
	driver, err := screenDriver(op)
	if err != nil {
		return nil, err
	}
	found, err := driver.Screens()
	if err != nil {
		return nil, fail(op, CodeEnumeration, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := &c.devices.screens
	for i := range *known {
		(*known)[i].absent = true
	}
	for _, s := range found {
		i := slices.IndexFunc(*known, func(k screenEntry) bool { return k.screen.ID == s.ID })
		if i < 0 {
			i = len(*known)
			*known = append(*known, screenEntry{id: i + 1})
		}
		(*known)[i].screen, (*known)[i].absent = s, false
	}
	all := make([]ScreenInfo, 0, len(*known))
	for _, k := range *known {
		all = append(all, ScreenInfo{k.id, k.screen.Name, k.screen.Bounds, k.absent})
	}
	return all, nil
}

// AddScreenCamera adds a camera that shows a screen, in the size and at the rate of VideoCfg; the shape of the screen
// stays. DefaultScreen is the main one, whichever that is when the camera is opened. Errors: those of GetScreens, 5 no
// name, 8008 no such screen.
func (c *Client) AddScreenCamera(ctx context.Context, name string, screenID int) (videoID int, err error) {
	const op = "AddScreenCamera"
	if err := c.notClosed(op); err != nil {
		return 0, err
	}
	driver, err := screenDriver(op)
	if err != nil {
		return 0, err
	}
	id := ""
	if screenID != DefaultScreen {
		all, err := c.GetScreens()
		if err != nil {
			return 0, toError(op, err)
		}
		if !slices.ContainsFunc(all, func(s ScreenInfo) bool { return s.ScreenID == screenID && !s.Absent }) {
			return 0, failf(op, CodeNoDevice, "no screen %d", screenID)
		}
		c.mu.Lock()
		id = c.devices.screens[screenID-1].screen.ID
		c.mu.Unlock()
	}
	return c.addDevice(ctx, op, name, func(_ context.Context, f SourceFormat) (Source, error) {
		return openScreen(driver, id, f)
	}, func(t *deviceTable) *[]deviceEntry { return &t.cameras })
}

// DefaultScreen means the main screen.
const DefaultScreen = -1

// screenSource is a picture source with a goroutine that writes pictures of a screen to it.
type screenSource struct {
	Source
	cancel context.CancelFunc
	ended  chan struct{}         // the goroutine has ended
	failed atomic.Pointer[error] // why it ends by itself; set before Next is told
}

func openScreen(driver screen.Driver, id string, f SourceFormat) (Source, error) {
	grabber, err := driver.Open(id)
	switch {
	case errors.Is(err, screen.ErrNoScreen):
		return nil, fail("", CodeNoDevice, err)
	case err != nil:
		return nil, fail("", CodeDeviceFailed, err)
	}
	queue := new(PictureQueue)
	ctx, cancel := context.WithCancel(context.Background())
	pictures, err := queue.Open(ctx, f)
	if err != nil {
		cancel()
		return nil, errors.Join(err, grabber.Close())
	}
	s := &screenSource{Source: pictures, cancel: cancel, ended: make(chan struct{})}
	go s.run(ctx, queue, grabber)
	return s, nil
}

// run takes picture after picture; the queue keeps the pace.
func (s *screenSource) run(ctx context.Context, queue *PictureQueue, grabber screen.Grabber) {
	defer close(s.ended)
	defer func() { _ = grabber.Close() }()
	for ctx.Err() == nil {
		picture, err := grabber.Grab()
		if err == nil {
			err = queue.WriteImage(ctx, picture)
		}
		if err != nil {
			if ctx.Err() == nil {
				s.failed.Store(&err)
			}
			break
		}
	}
	_ = s.Source.Close() // Next returns
}

func (s *screenSource) Next(ctx context.Context) (Sample, error) {
	sample, err := s.Source.Next(ctx)
	if err == nil || ctx.Err() != nil {
		return sample, err
	}
	if failed := s.failed.Load(); failed != nil {
		err = fmt.Errorf("the screen: %w", *failed)
	}
	return sample, err
}

func (s *screenSource) Close() error {
	s.cancel()
	err := s.Source.Close()
	<-s.ended
	return err
}
