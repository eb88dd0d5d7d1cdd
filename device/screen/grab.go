//go:build unix && !darwin

package screen

import (
	"fmt"
	"image"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/crvideo/crvideo-go/internal/screen"
)

// lookAgain is how often it is looked whether the screen is still where it was.
const lookAgain = time.Second

// grabber takes pictures of one screen.
type grabber struct {
	display *display
	id      string
	now     screen.Screen
	looked  time.Time
	picture *image.RGBA
}

func (g *grabber) look() (err error) {
	g.now, err = g.display.find(g.id)
	g.looked = time.Now()
	return err
}

// Grab implements screen.Grabber.
func (g *grabber) Grab() (*image.RGBA, error) {
	if time.Since(g.looked) > lookAgain {
		if err := g.look(); err != nil {
			return nil, err
		}
	}
	data, err := g.get()
	if err != nil { // it may have become smaller
		if err := g.look(); err != nil {
			return nil, err
		}
		if data, err = g.get(); err != nil {
			return nil, err
		}
	}
	size := g.now.Bounds.Size()
	if len(data) < 4*size.X*size.Y {
		return nil, fmt.Errorf("picture of %v with %d bytes", size, len(data))
	}
	if g.picture == nil || g.picture.Rect.Size() != size {
		g.picture = image.NewRGBA(image.Rectangle{Max: size})
	}
	turn(g.picture.Pix, data)
	return g.picture, nil
}

func (g *grabber) get() ([]byte, error) {
	b := g.now.Bounds
	reply, err := xproto.GetImage(g.display.conn, xproto.ImageFormatZPixmap, xproto.Drawable(g.display.root.Root),
		int16(b.Min.X), int16(b.Min.Y), uint16(b.Dx()), uint16(b.Dy()), 1<<32-1).Reply() // as the server said them
	if err != nil {
		return nil, fmt.Errorf("picture of screen %q: %w", g.now.Name, err)
	}
	return reply.Data, nil
}

// turn makes blue, green, red, nothing into red, green, blue, opaque.
func turn(rgba, bgrx []byte) {
	bgrx = bgrx[:len(rgba)]
	for i := 0; i+4 <= len(rgba); i += 4 {
		rgba[i], rgba[i+1], rgba[i+2], rgba[i+3] = bgrx[i+2], bgrx[i+1], bgrx[i], 255
	}
}

// Close implements screen.Grabber.
func (g *grabber) Close() error {
	g.display.close()
	return nil
}
