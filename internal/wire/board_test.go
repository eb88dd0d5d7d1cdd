package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func grayPNG(t testing.TB, width, height int) []byte {
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))))
	return out.Bytes()
}

func TestBoardRules(t *testing.T) {
	board := func(change func(*Board)) Validator {
		b := &Board{ID: long(MaxBoardIDBytes), Title: long(MaxBoardTitleBytes), Width: MaxBoardSide, Height: 1, PageCount: MaxBoardPages, CurPage: MaxBoardPages - 1}
		change(b)
		return b
	}
	el := func(change func(*BoardElement)) Validator {
		e := &BoardElement{ID: "x", Kind: BoardPencil, Points: []float64{1, 2}, Stroke: "#a0b1c2", Width: MaxBoardLineWidth, Opacity: 1}
		change(e)
		return e
	}
	edit := func(put int, deleted int) Validator {
		p := &EditBoardParams{Board: "b", Page: MaxBoardPages - 1}
		for i := range put {
			p.Put = append(p.Put, &BoardElement{ID: fmt.Sprint(i), Kind: BoardLine, Points: []float64{1, 2}})
		}
		for i := range deleted {
			p.Delete = append(p.Delete, fmt.Sprint(i))
		}
		return p
	}
	image := func(data []byte) Validator {
		return &BoardElement{ID: "x", Kind: BoardImage, Points: []float64{0, 0, 1, 1}, Image: data}
	}
	var photo bytes.Buffer
	require.NoError(t, jpeg.Encode(&photo, imageOf(8, 8), nil))
	tall := grayPNG(t, 1, MaxBoardSide)
	text := func(size float64, text string) Validator {
		return &BoardElement{ID: "x", Kind: BoardText, Points: []float64{0, 0}, Size: size, Text: text}
	}
	checkRules(t, []rule{
		{"board", board(func(*Board) {}), board(func(b *Board) { b.ID = "" }), `"id"`},
		{"board id", nil, board(func(b *Board) { b.ID += "x" }), `"id"`},
		{"title", nil, board(func(b *Board) { b.Title += "x" }), `"title"`},
		{"width", nil, board(func(b *Board) { b.Width++ }), "size"},
		{"height", nil, board(func(b *Board) { b.Height = 0 }), "size"},
		{"pages", nil, board(func(b *Board) { b.PageCount++ }), "pageCount"},
		{"no pages", nil, board(func(b *Board) { b.PageCount = 0 }), "pageCount"},
		{"page", nil, board(func(b *Board) { b.CurPage++ }), "curPage"},
		{"set page", &BoardPageParams{Board: "b", Page: MaxBoardPages - 1}, &BoardPageParams{Board: "b", Page: MaxBoardPages}, "page"},
		{"get page", &GetBoardPageParams{Board: "b"}, &GetBoardPageParams{Board: "b", Page: -1}, "page"},
		{"close", &BoardIDParams{Board: "b"}, &BoardIDParams{}, `"board"`},
		{"undo", &UndoBoardParams{Board: "b"}, &UndoBoardParams{}, `"board"`},

		{"element", el(func(*BoardElement) {}), el(func(e *BoardElement) { e.Kind = "star" }), "kind"},
		{"element id", nil, el(func(e *BoardElement) { e.ID = "" }), `"id"`},
		{"points", el(func(e *BoardElement) { e.Points = make([]float64, 2*MaxBoardPoints) }), el(func(e *BoardElement) { e.Points = make([]float64, 2*MaxBoardPoints+2) }), "points"},
		{"half a point", nil, el(func(e *BoardElement) { e.Points = make([]float64, 3) }), "points"},
		{"no point", nil, el(func(e *BoardElement) { e.Points = nil }), "points"},
		{"corners", el(func(e *BoardElement) { e.Kind, e.Points = BoardRect, make([]float64, 4) }), el(func(e *BoardElement) { e.Kind = BoardRect }), "points"},
		{"coordinate", el(func(e *BoardElement) { e.Points[0] = -MaxBoardCoordinate }), el(func(e *BoardElement) { e.Points[0] = MaxBoardCoordinate + 1 }), "points"},
		{"NaN", nil, el(func(e *BoardElement) { e.Points[1] = math.NaN() }), "points"},
		{"colour", el(func(e *BoardElement) { e.Stroke = "" }), el(func(e *BoardElement) { e.Stroke = "#A0B1C2" }), "stroke"},
		{"fill", nil, el(func(e *BoardElement) { e.Fill = "red" }), "fill"},
		{"line width", nil, el(func(e *BoardElement) { e.Width++ }), "width"},
		{"line type", el(func(e *BoardElement) { e.Line = 3 }), el(func(e *BoardElement) { e.Line = 4 }), "line"},
		{"opacity", nil, el(func(e *BoardElement) { e.Opacity = 1.1 }), "opacity"},
		{"opacity NaN", nil, el(func(e *BoardElement) { e.Opacity = math.NaN() }), "opacity"},
		{"text", text(1, long(MaxBoardTextBytes)), text(1, long(MaxBoardTextBytes+1)), `"text"`},
		{"text size", text(MaxBoardTextSize, ""), text(0.5, ""), "size"},
		{"text size most", nil, text(MaxBoardTextSize+1, ""), "size"},
		{"text of a line", nil, el(func(e *BoardElement) { e.Text = "x" }), "no text"},
		{"image of a line", nil, el(func(e *BoardElement) { e.Image = tall }), "no text or image"},
		{"PNG", image(tall), image(grayPNG(t, 1, MaxBoardSide+1)), "image"},
		{"JPEG", image(photo.Bytes()), image(photo.Bytes()[:10]), "image"},
		{"GIF", nil, image([]byte("GIF89a")), "neither"},
		{"no image", nil, image(nil), "neither"},
		{"image length", nil, image(append(bytes.Clone(tall), make([]byte, MaxBoardImageBytes)...)), "bytes"},

		{"put", edit(MaxBoardPut, MaxBoardElements), edit(MaxBoardPut+1, 0), "put"},
		{"delete", nil, edit(0, MaxBoardElements+1), "delete"},
		{"delete nothing", nil, &EditBoardParams{Board: "b", Delete: []string{""}}, "delete"},
		{"put null", nil, &EditBoardParams{Board: "b", Put: []*BoardElement{nil}}, "put"},
		{"put twice", nil, &EditBoardParams{Board: "b", Put: []*BoardElement{{ID: "x", Kind: BoardLine, Points: []float64{1, 1}}, {ID: "x"}}}, "twice"},
		{"restore", &RestoreBoardsParams{Boards: make([]Board, 0)}, &RestoreBoardsParams{Boards: make([]Board, MaxBoards+1)}, "boards"},
		{"restore a board", nil, &RestoreBoardsParams{Boards: []Board{{}}}, "size"},
		{"restore pages", nil, &RestoreBoardsParams{Pages: []BoardPageState{{Board: "b", Page: -1}}}, "page"},
		{"restore page", &RestoreBoardPageParams{Board: "b"}, &RestoreBoardPageParams{Board: "b", Elements: []*BoardElement{{}}}, "kind"},
	})
}

func imageOf(width, height int) image.Image { return image.NewGray(image.Rect(0, 0, width, height)) }

// Whatever fits into an element fits into a message, with what is around it there.
func TestElementsFitIntoMessages(t *testing.T) {
	big := &BoardElement{ID: long(MaxBoardIDBytes), Kind: BoardImage, Points: []float64{-99999.99, -99999.99, 99999.99, 99999.99}, Image: grayPNG(t, 9, 9), Author: long(MaxUIDBytes), Order: 1 << 60, Version: 1 << 60}
	big.Image = append(big.Image, make([]byte, MaxBoardImageBytes-len(big.Image))...)
	require.Nil(t, big.Validate())
	dots := &BoardElement{ID: long(MaxBoardIDBytes), Kind: BoardPencil, Points: make([]float64, 2*MaxBoardPoints)}
	for i := range dots.Points {
		dots.Points[i] = -99999.123456789
	}
	for name, all := range map[string][]*BoardElement{"images": {big, big}, "points": {dots, dots, dots}, "mixed": {dots, big, dots}} {
		for len(all) > 0 {
			n := SomeElements(all)
			require.Positive(t, n, name)
			for _, v := range []any{BoardPageResult{Elements: all[:n]}, BoardEdited{Put: all[:n], Delete: make([]string, 64)}, EditBoardParams{Put: all[:n]}} {
				raw, err := json.Marshal(v)
				require.NoError(t, err)
				text, err := Encode(&Message{ID: 1, Method: "m", Params: raw})
				require.NoError(t, err)
				assert.Less(t, len(text), MaxMessageBytes, name)
			}
			all = all[n:]
		}
	}
}

// FuzzBoardElement: what passes the check means the same after another trip, and passes again.
func FuzzBoardElement(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var p EditBoardParams
		if DecodeParams(data, &p) != nil {
			return
		}
		text, err := json.Marshal(&p)
		require.NoError(t, err)
		var again EditBoardParams
		require.Nil(t, DecodeParams(text, &again), "%s", text)
		second, err := json.Marshal(&again)
		require.NoError(t, err)
		require.JSONEq(t, string(text), string(second))
		for _, e := range p.Put {
			require.LessOrEqual(t, e.Bytes(), MaxMessageBytes)
		}
		require.Equal(t, len(p.Put) > 0, SomeElements(p.Put) > 0)
	})
}
