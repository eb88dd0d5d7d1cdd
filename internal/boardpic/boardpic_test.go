package boardpic

import (
	"context"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var white, black, red = color.RGBA{255, 255, 255, 255}, color.RGBA{0, 0, 0, 255}, color.RGBA{255, 0, 0, 255}

func el(kind string, points ...float64) *wire.BoardElement {
	return &wire.BoardElement{ID: "x", Kind: kind, Points: points, Stroke: "#000000", Width: 4}
}

// spot is what must be where.
type spot struct {
	x, y int
	want color.RGBA
}

func TestDraw(t *testing.T) {
	with := func(e *wire.BoardElement, change func(e *wire.BoardElement)) *wire.BoardElement { change(e); return e }
	for name, c := range map[string]struct {
		el    *wire.BoardElement
		spots []spot
	}{
		"dot":      {el(wire.BoardPencil, 50, 50), []spot{{50, 50, black}, {49, 49, black}, {53, 50, white}}},
		"polyline": {el(wire.BoardLine, 10, 10, 50, 10, 50, 50), []spot{{30, 10, black}, {50, 30, black}, {50, 9, black}, {30, 30, white}}},
		"corner":   {el(wire.BoardLine, 10, 50, 50, 50, 10, 51), []spot{{50, 50, black}, {54, 50, white}}},
		"rectangle": {with(el(wire.BoardRect, 60, 70, 20, 30), func(e *wire.BoardElement) { e.Fill = "#ff0000" }),
			[]spot{{40, 50, red}, {20, 50, black}, {60, 50, black}, {40, 30, black}, {40, 70, black}, {15, 50, white}}},
		"ellipse": {with(el(wire.BoardEllipse, 20, 30, 80, 70), func(e *wire.BoardElement) { e.Fill = "#ff0000" }),
			[]spot{{50, 50, red}, {20, 50, black}, {80, 50, black}, {50, 30, black}, {50, 70, black}, {24, 34, white}}},
		"opacity":    {with(el(wire.BoardLine, 0, 50, 100, 50), func(e *wire.BoardElement) { e.Opacity = 0.5 }), []spot{{50, 50, color.RGBA{127, 127, 127, 255}}}},
		"dashes":     {with(el(wire.BoardLine, 0, 50, 100, 50), func(e *wire.BoardElement) { e.Line = 3 }), []spot{{8, 50, black}, {21, 50, white}, {35, 50, black}, {50, 50, white}}},
		"crossing":   {el(wire.BoardPencil, 10, 10, 90, 90, 10, 90, 90, 10), []spot{{50, 50, black}}},
		"off page":   {el(wire.BoardLine, -100000, 50, 100000, 50), []spot{{0, 50, black}, {99, 50, black}, {50, 40, white}}},
		"far away":   {el(wire.BoardLine, 5000, 50, 6000, 50), []spot{{99, 50, white}}},
		"no line":    {with(el(wire.BoardRect, 20, 20, 40, 40), func(e *wire.BoardElement) { e.Stroke = "" }), []spot{{20, 30, white}}},
		"bad image":  {with(el(wire.BoardImage, 0, 0, 50, 50), func(e *wire.BoardElement) { e.Image = []byte("x") }), []spot{{20, 20, white}}},
		"huge dash":  {with(el(wire.BoardLine, -100000, 50, 100000, 50), func(e *wire.BoardElement) { e.Line, e.Width = 3, 0.01 }), nil},
		"empty text": {with(el(wire.BoardText, 0, 0), func(e *wire.BoardElement) { e.Size = 10 }), []spot{{5, 5, white}}},
	} {
		t.Run(name, func(t *testing.T) {
			img, err := Draw(t.Context(), Page{100, 100, []*wire.BoardElement{c.el}}, nil)
			require.NoError(t, err)
			for _, s := range c.spots {
				got := img.RGBAAt(s.x, s.y)
				assert.InDelta(t, s.want.R, got.R, 1, "%d %d", s.x, s.y)
				assert.InDelta(t, s.want.G, got.G, 1, "%d %d", s.x, s.y)
			}
		})
	}
}

func TestDrawEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Draw(ctx, Page{100, 100, []*wire.BoardElement{el(wire.BoardPencil, 1, 1)}}, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// Nothing that a text holds gets out of it.
func TestSVGIsXML(t *testing.T) {
	text := el(wire.BoardText, 1, 2)
	text.Size, text.Text = 10, `</text><script>alert("1")</script>&amp;`+"\x01\nsecond"
	page := Page{100, 100, []*wire.BoardElement{text, el(wire.BoardPencil, 1, 2), el(wire.BoardEllipse, 1, 2, 3, 4), el(wire.BoardRect, 1, 2, 3, 4), el(wire.BoardImage, 1, 2, 3, 4)}}
	d := xml.NewDecoder(strings.NewReader(string(SVG(page))))
	elements := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, is := token.(xml.StartElement); is {
			elements[start.Name.Local]++
		}
	}
	assert.Equal(t, map[string]int{"svg": 1, "rect": 2, "text": 2, "path": 1, "ellipse": 1, "image": 1}, elements)
}

func BenchmarkDraw(b *testing.B) {
	page := Page{Width: 1280, Height: 720}
	for i := range 500 {
		e := el(wire.BoardPencil)
		for j := range 100 {
			e.Points = append(e.Points, float64(i+j), float64((i*7+j*3)%720))
		}
		page.Elements = append(page.Elements, e)
	}
	for b.Loop() {
		_, err := Draw(b.Context(), page, nil)
		require.NoError(b, err)
	}
}
