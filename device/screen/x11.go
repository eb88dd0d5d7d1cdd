//go:build unix && !darwin

package screen

import (
	"fmt"
	"image"
	"io"
	"log"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"github.com/crvideo/crvideo-go/internal/screen"
)

func init() {
	xgb.Logger = log.New(io.Discard, "", 0) // every failure is returned, too
	screen.Register(driver{})
}

// driver connects anew each time: a display may come and go, and an idle connection keeps goroutines.
type driver struct{}

// display is a connection to an X server.
type display struct {
	conn *xgb.Conn
	root xproto.ScreenInfo
}

func connect() (*display, error) {
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("no X server: %w", err)
	}
	d := &display{conn: conn, root: *xproto.Setup(conn).DefaultScreen(conn)}
	if err := randr.Init(conn); err != nil { // and then there is one screen
		return d, nil
	}
	// the server speaks as new a version as it is asked for, and none below 1.5 knows monitors
	version, err := randr.QueryVersion(conn, 1, 5).Reply()
	if err != nil || version.MajorVersion == 1 && version.MinorVersion < 5 {
		conn.ExtLock.Lock()
		delete(conn.Extensions, "RANDR")
		conn.ExtLock.Unlock()
	}
	return d, nil
}

func (d *display) close() { d.conn.Close() }

// screens lists the monitors, the main one first.
func (d *display) screens() ([]screen.Screen, error) {
	d.conn.ExtLock.RLock()
	_, monitors := d.conn.Extensions["RANDR"]
	d.conn.ExtLock.RUnlock()
	if !monitors {
		bounds := image.Rect(0, 0, int(d.root.WidthInPixels), int(d.root.HeightInPixels))
		return []screen.Screen{{ID: "root", Name: "screen", Bounds: bounds}}, nil
	}
	found, err := randr.GetMonitors(d.conn, d.root.Root, true).Reply()
	if err != nil {
		return nil, fmt.Errorf("list monitors: %w", err)
	}
	var all []screen.Screen
	for i := range found.Monitors {
		m := &found.Monitors[i]
		name, err := xproto.GetAtomName(d.conn, m.Name).Reply()
		if err != nil {
			return nil, fmt.Errorf("name of a monitor: %w", err)
		}
		at := image.Pt(int(m.X), int(m.Y))
		s := screen.Screen{
			ID: name.Name, Name: name.Name,
			Bounds: image.Rectangle{Min: at, Max: at.Add(image.Pt(int(m.Width), int(m.Height)))},
		}
		if all = append(all, s); m.Primary {
			copy(all[1:], all[:len(all)-1])
			all[0] = s
		}
	}
	return all, nil
}

// find looks for one of them.
func (d *display) find(id string) (screen.Screen, error) {
	all, err := d.screens()
	if err != nil {
		return screen.Screen{}, err
	}
	for _, s := range all {
		if id == "" || s.ID == id {
			return s, nil
		}
	}
	return screen.Screen{}, fmt.Errorf("%w: %q", screen.ErrNoScreen, id)
}

func (driver) Screens() ([]screen.Screen, error) {
	d, err := connect()
	if err != nil {
		return nil, err
	}
	defer d.close()
	return d.screens()
}

func (driver) Open(id string) (screen.Grabber, error) {
	d, err := connect()
	if err != nil {
		return nil, err
	}
	g := &grabber{display: d, id: id}
	if err = d.usable(); err == nil {
		err = g.look()
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return g, nil
}

// usable tells whether pictures come in the one form that is understood: 32 bits a point, blue first.
func (d *display) usable() error {
	setup := xproto.Setup(d.conn)
	bits := byte(0)
	for _, f := range setup.PixmapFormats {
		if f.Depth == d.root.RootDepth {
			bits = f.BitsPerPixel
		}
	}
	if d.root.RootDepth < 24 || bits != 32 || setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return fmt.Errorf("pictures with %d bits a point (%d of colour, byte order %d) are not understood", bits, d.root.RootDepth, setup.ImageByteOrder)
	}
	return nil
}
