package crvideo_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/crvideo/crvideo-go"
)

// A camera whose pictures are drawn in Go; somebody else takes the colour that it shows.
func ExamplePictureQueue() {
	url, stop := startServer()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()

	var q crvideo.PictureQueue
	id, err := ann.AddCamera(ctx, "drawn", q.Open)
	must(err)
	must(ann.SetDefaultVideo(ctx, "", id))
	must(ann.OpenVideo(ctx, ""))
	img := image.NewRGBA(image.Rect(0, 0, 320, 180))
	draw.Draw(img, img.Rect, image.NewUniform(color.RGBA{200, 0, 0, 255}), image.Point{}, draw.Src)
	must(q.WriteImage(ctx, img)) // in a loop, it keeps the pace

	v, err := bob.Video("ann", crvideo.DefaultCamera)
	must(err)
	defer v.Close()
	f, err := v.ReadFrame(ctx)
	must(err)
	fmt.Println(f.Image.Rect.Size(), "red:", f.Image.Cr[0] > 200)
	// Output: (320,180) red: true
}
