package crvideo

import (
	"math"
	"strings"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// BoardKind is a kind of element, and the type of a pen. CRVideo names 4 only.
type BoardKind int

// Kinds of elements.
const (
	BoardLine    BoardKind = 1 // straight lines from point to point
	BoardRect    BoardKind = 2 // two corners
	BoardEllipse BoardKind = 3 // two corners of the rectangle around it
	BoardPencil  BoardKind = 4 // drawn by hand
	BoardText    BoardKind = 5 // its upper left corner; "\n" begins another line
	BoardImage   BoardKind = 6 // two corners; images are under everything that is drawn
)

var boardKinds = map[BoardKind]string{
	BoardLine: wire.BoardLine, BoardRect: wire.BoardRect, BoardEllipse: wire.BoardEllipse,
	BoardPencil: wire.BoardPencil, BoardText: wire.BoardText, BoardImage: wire.BoardImage,
}

// BoardLineType is how a line looks.
type BoardLineType int

// How lines look; 0 is solid, too.
const (
	BoardSolid  BoardLineType = 1
	BoardDashed BoardLineType = wire.BoardDashed
)

// BoardPoint is a place on a page: units of the board from its upper left corner. Hundredths are kept.
type BoardPoint struct{ X, Y float64 }

// BoardElement is something drawn on a page of a whiteboard.
type BoardElement struct {
	ID        string // at most 32 bytes; empty in a new one: the SDK makes one
	Kind      BoardKind
	Points    []BoardPoint  // at most 4096
	Stroke    string        // colour of the line or the text: "#rrggbb"; empty: no line
	Fill      string        // the same of what is inside; empty: not filled
	LineWidth float64       // at most 1000 units
	LineType  BoardLineType // default solid
	Opacity   float64       // above 0 to 1; 0: opaque
	Text      string        // at most 8,192 bytes
	TextSize  float64       // height of the letters, 1 to 1000 units
	Image     []byte        // PNG or JPEG of at most 144 KiB, sides at most 4096; not to be changed

	Author  string // who added it; the server sets it
	Version uint64 // of its last change; the server sets it
}

// wire is the element as it is sent. An ID is made if there is none.
func (e *BoardElement) wire() *wire.BoardElement {
	if e.ID == "" {
		e.ID = newBoardID()
	}
	w := &wire.BoardElement{
		ID: e.ID, Kind: boardKinds[e.Kind], Stroke: strings.ToLower(e.Stroke), Fill: strings.ToLower(e.Fill), Width: hundredths(e.LineWidth),
		Opacity: hundredths(e.Opacity), Text: e.Text, Size: hundredths(e.TextSize), Image: e.Image, Version: e.Version,
		Points: make([]float64, 0, 2*len(e.Points)),
	}
	if e.LineType != BoardSolid {
		w.Line = int(e.LineType)
	}
	for _, p := range e.Points {
		w.Points = append(w.Points, hundredths(p.X), hundredths(p.Y))
	}
	return w
}

func hundredths(v float64) float64 { return math.Round(v*100) / 100 }

func boardElements(all []*wire.BoardElement) []BoardElement {
	elements := make([]BoardElement, len(all))
	for i, w := range all {
		e := BoardElement{
			ID: w.ID, Stroke: w.Stroke, Fill: w.Fill, LineWidth: w.Width, LineType: BoardSolid, Opacity: w.Opacity,
			Text: w.Text, TextSize: w.Size, Image: w.Image, Author: w.Author, Version: w.Version,
			Points: make([]BoardPoint, 0, len(w.Points)/2),
		}
		for kind, name := range boardKinds {
			if name == w.Kind {
				e.Kind = kind
			}
		}
		if w.Line != 0 {
			e.LineType = BoardLineType(w.Line)
		}
		for j := 1; j < len(w.Points); j += 2 {
			e.Points = append(e.Points, BoardPoint{w.Points[j-1], w.Points[j]})
		}
		elements[i] = e
	}
	return elements
}
