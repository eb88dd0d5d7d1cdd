package crvideo

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	scale "golang.org/x/image/draw"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// ImportImg lays a picture under what is drawn on the page, as large as fits, in the place of the one before
// (CRVideo_BoardUIObj.importImg); nil takes it away. It is sent as PNG if that has at most 144 KiB, else as JPEG, smaller if
// need be. Errors: 5 no page is set, an empty picture, and as EditBoard.
func (ui *BoardUIObj) ImportImg(ctx context.Context, img image.Image) error {
	const op = "BoardUIObj.ImportImg"
	board, elements, err := ui.state(ctx, op)
	if err != nil {
		return err
	}
	at, err := ui.current(op)
	if err != nil {
		return err
	}
	var edit BoardEdit
	for _, el := range elements {
		if el.Kind == wire.BoardImage {
			edit.Delete = append(edit.Delete, el.ID)
		}
	}
	if img != nil {
		if img.Bounds().Empty() {
			return failf(op, CodeBadParameter, "the picture is empty")
		}
		data, err := encodeBoardImage(img)
		if err != nil {
			return fail(op, CodeBadParameter, err)
		}
		edit.Put = []BoardElement{{Kind: BoardImage, Image: data, Points: fitInto(img.Bounds(), board.Width, board.Height)}}
	}
	if len(edit.Delete)+len(edit.Put) == 0 {
		return nil
	}
	_, err = ui.c.EditBoard(ctx, at.board, at.page, edit)
	return err
}

// fitInto gives the corners of the largest rectangle of this shape in the middle of a page.
func fitInto(b image.Rectangle, width, height int) []BoardPoint {
	w, h := float64(width), float64(height)
	factor := min(w/float64(b.Dx()), h/float64(b.Dy()))
	iw, ih := float64(b.Dx())*factor, float64(b.Dy())*factor
	return []BoardPoint{{(w - iw) / 2, (h - ih) / 2}, {(w + iw) / 2, (h + ih) / 2}}
}

// encodeBoardImage makes a picture short enough: first by the format, then by the quality, then by the size.
func encodeBoardImage(img image.Image) ([]byte, error) {
	b := img.Bounds()
	if most := max(b.Dx(), b.Dy()); most > wire.MaxBoardSide {
		img = shrunk(img, b.Dx()*wire.MaxBoardSide/most, b.Dy()*wire.MaxBoardSide/most)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	for out.Len() > wire.MaxBoardImageBytes {
		for _, quality := range []int{90, 75, 50} {
			out.Reset()
			if err := jpeg.Encode(&out, onWhite(img), &jpeg.Options{Quality: quality}); err != nil {
				return nil, err
			}
			if out.Len() <= wire.MaxBoardImageBytes {
				break
			}
		}
		img = shrunk(img, img.Bounds().Dx()*3/4, img.Bounds().Dy()*3/4)
	}
	return out.Bytes(), nil
}

func shrunk(img image.Image, width, height int) image.Image {
	dst := image.NewRGBA(image.Rect(0, 0, max(width, 1), max(height, 1)))
	scale.ApproxBiLinear.Scale(dst, dst.Rect, img, img.Bounds(), draw.Src, nil)
	return dst
}

// onWhite is a picture as it looks on the page, since JPEG cannot be seen through.
func onWhite(img image.Image) image.Image {
	dst := image.NewRGBA(img.Bounds())
	draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, img, img.Bounds().Min, draw.Over)
	return dst
}
