// Multi-camera brings three cameras of its own, drawn in Go, all open at once, and makes one after the other the default
// one. The guest watches each of them, and the default one beside them:
//
//	go run ./examples/multi-camera -for 20s                # alone: with a server of its own, and a guest who watches
//	go run ./examples/multi-camera -server 127.0.0.1:8765 -room 12345678
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

// shown is how long each camera is the default one.
const shown = 2 * time.Second

// camera is a picture in one colour with a bar that wanders through its lower half.
type camera struct {
	name   string
	colour color.RGBA
	queue  crvideo.PictureQueue
	id     int
}

func main() {
	addr := flag.String("server", "", "address of the server; none: one of its own")
	room := flag.Int64("room", 0, "number of the room")
	length := flag.Duration("for", 0, "how long; 0: until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *length > 0 {
		ctx, stop = context.WithTimeout(ctx, *length)
		defer stop()
	}
	if err := run(ctx, os.Stdout, *addr, *room); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, addr string, room int64) (err error) {
	place, c, err := solo.Open(ctx, addr, room, "studio")
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		wg.Wait()
		err = errors.Join(err, c.Close(), place.Close())
	}()
	cameras := []*camera{
		{name: "red", colour: color.RGBA{200, 30, 30, 255}}, {name: "green", colour: color.RGBA{30, 160, 30, 255}}, {name: "blue", colour: color.RGBA{30, 30, 200, 255}},
	}
	for _, cam := range cameras {
		if cam.id, err = c.AddCanvasVCam(ctx, &cam.queue, cam.name, crvideo.CanvasVCamOptions{}); err != nil {
			return err
		}
		wg.Go(func() { cam.draw(ctx) })
	}
	fmt.Fprintf(out, "in room %d of %s\n", place.Room, place.Addr)
	if err := c.SetEnableMultiVideo(ctx, "", true); err != nil {
		return err
	}
	if err := c.OpenVideo(ctx, ""); err != nil { // all of them
		return err
	}
	fmt.Fprintf(out, "open at once: cameras %v\n", c.GetOpenedVideoIDs(""))
	if place.Guest != nil {
		for _, cam := range cameras {
			wg.Go(func() { watch(ctx, out, place.Guest, cam.id, fmt.Sprintf("camera %d", cam.id), cameras) })
		}
		wg.Go(func() { watch(ctx, out, place.Guest, crvideo.DefaultCamera, "the default camera", cameras) })
	}
	for i := 0; ctx.Err() == nil; i++ {
		if err := c.SetDefaultVideo(ctx, "", cameras[i%len(cameras)].id); err != nil && ctx.Err() == nil { // the others stay open
			return err
		}
		select {
		case <-time.After(shown):
		case <-ctx.Done():
		}
	}
	return nil // Ctrl-C, or the time is over
}

// draw writes picture after picture; WriteImage keeps the pace.
func (cam *camera) draw(ctx context.Context) {
	img := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for x := 0; ; x = (x + 8) % 640 {
		draw.Draw(img, img.Rect, image.NewUniform(cam.colour), image.Point{}, draw.Src)
		draw.Draw(img, image.Rect(x, 200, x+16, 360), image.White, image.Point{}, draw.Src)
		if cam.queue.WriteImage(ctx, img) != nil {
			return
		}
	}
}

// watch tells what the guest sees of a camera, whenever that is another picture than before.
func watch(ctx context.Context, out io.Writer, c *crvideo.Client, id int, what string, cameras []*camera) {
	v, err := c.Video("studio", id, crvideo.WithMaxFPS(2))
	if err != nil {
		return
	}
	defer v.Close()
	last := ""
	for {
		f, err := v.ReadFrame(ctx)
		if err != nil {
			return
		}
		if name := seen(f.Image, cameras); name != last {
			fmt.Fprintf(out, "the guest sees %s as %s\n", name, what)
			last = name
		}
	}
}

// seen finds the camera whose colour is nearest to that of the picture's upper left.
func seen(img *image.YCbCr, cameras []*camera) (name string) {
	y := img.YCbCrAt(img.Rect.Min.X+img.Rect.Dx()/4, img.Rect.Min.Y+img.Rect.Dy()/4)
	r, g, b := color.YCbCrToRGB(y.Y, y.Cb, y.Cr)
	best := 1 << 30
	for _, cam := range cameras {
		d := square(r, cam.colour.R) + square(g, cam.colour.G) + square(b, cam.colour.B)
		if d < best {
			best, name = d, cam.name
		}
	}
	return name
}

func square(a, b uint8) int { return (int(a) - int(b)) * (int(a) - int(b)) }
