package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// Everybody looks at the same page, also who comes later.
func ExampleClient_SwitchToPage() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	must(ann.SetMainVideo(ctx, "ann"))
	must(ann.SwitchToPage(ctx, crvideo.PageWhiteboard, "board 1"))

	bob, _ := join(ctx, url, "bob", room)
	defer bob.Close()
	fmt.Println(bob.GetMainVideo(), bob.GetCurrentMainPage() == crvideo.PageWhiteboard, bob.GetCurrentSubPage())
	// Output: ann true board 1
}
