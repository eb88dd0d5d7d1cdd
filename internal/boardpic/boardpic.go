// Package boardpic renders a page of a whiteboard: as SVG, and as a picture by golang.org/x/image. Both, and the canvas of
// the JavaScript SDK, draw the same: round ends and corners, dashes of four widths and gaps of three, text whose lines are
// 1.2 letters apart.
package boardpic

import (
	"cmp"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Page is what is drawn, from the bottom to the top, on white.
type Page struct {
	Width, Height int
	Elements      []*wire.BoardElement
}

const (
	dash       = 4   // line widths
	gap        = 3   // between dashes
	lineHeight = 1.2 // of text, in letter sizes
	fontFamily = "Go, Arial, Helvetica, sans-serif"
)

func opacity(el *wire.BoardElement) float64 { return cmp.Or(el.Opacity, 1) }

// box is the rectangle between two corners.
func box(points []float64) (x, y, width, height float64) {
	x, y = min(points[0], points[2]), min(points[1], points[3])
	return x, y, max(points[0], points[2]) - x, max(points[1], points[3]) - y
}
