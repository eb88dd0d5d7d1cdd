package crvideo_test

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go"
)

// Everybody in a room draws on its whiteboards; a page can be looked at as a picture.
func ExampleClient_CreateBoard() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, room := join(ctx, url, "ann", 0)
	defer ann.Close()
	board, err := ann.CreateBoard(ctx, crvideo.BoardParams{Title: "plan", Width: 640, Height: 360, PageCount: 3})
	must(err)
	_, err = ann.AddBoardElement(ctx, board.BoardID, 0, crvideo.BoardElement{
		Kind: crvideo.BoardRect, Points: []crvideo.BoardPoint{{X: 10, Y: 10}, {X: 110, Y: 60}}, Fill: "#0000ff",
	})
	must(err)

	bob, _ := join(ctx, url, "bob", room) // later
	defer bob.Close()
	elements, err := bob.BoardPage(ctx, board.BoardID, 0)
	must(err)
	fmt.Println(bob.Boards()[0].Title, "has", len(elements), "element by", elements[0].Author)

	ui, err := bob.CreateBoardUIObj(crvideo.BoardUIParams{BoardID: board.BoardID})
	must(err)
	must(ui.SetPen(crvideo.BoardPenOptions{StrokeStyle: "#ff0000", LineWidth: 8}))
	_, err = ui.Draw(ctx, crvideo.BoardPoint{X: 0, Y: 100}, crvideo.BoardPoint{X: 200, Y: 100})
	must(err)
	picture, err := ui.GetCanvasElement(ctx)
	must(err)
	fmt.Println(picture.Bounds().Size(), picture.RGBAAt(50, 50), picture.RGBAAt(50, 100))
	undone, err := ui.Undo(ctx)
	must(err)
	fmt.Println("taken back:", undone)
	// Output:
	// plan has 1 element by ann
	// (640,360) {0 0 255 255} {255 0 0 255}
	// taken back: true
}
