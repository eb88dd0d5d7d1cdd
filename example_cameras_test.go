package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// Two cameras of one member at once, each watched by its ID.
func ExampleClient_SetEnableMultiVideo() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	var desk, door crvideo.PictureQueue // written to elsewhere
	for name, queue := range map[string]*crvideo.PictureQueue{"desk": &desk, "door": &door} {
		_, err := ann.AddCamera(ctx, name, queue.Open)
		must(err)
	}
	must(ann.SetEnableMultiVideo(ctx, "", true))
	must(ann.OpenVideo(ctx, "")) // all of them
	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()
	fmt.Println("open:", bob.GetOpenedVideoIDs("ann"))

	must(ann.CloseCamera(ctx, 51))
	fmt.Println("open:", ann.GetOpenedVideoIDs(""))
	// Output:
	// open: [50 51]
	// open: [50]
}
