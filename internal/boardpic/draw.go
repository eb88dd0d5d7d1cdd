package boardpic

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"strconv"
	"strings"
	"sync"

	scale "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Font is a font for the texts of a page.
type Font = opentype.Font

// ParseFont reads a TrueType or OpenType font, or the first one of a collection.
func ParseFont(data []byte) (*Font, error) {
	all, err := opentype.ParseCollection(data)
	if err != nil {
		return nil, err
	}
	return all.Font(0)
}

// goFont has Latin, Greek and Cyrillic letters. It is named in this function alone: a variable with an initializer, such as
// sync.OnceValue, would be in every program that imports the client, whether it draws or not.
func goFont() *Font {
	theGoFont.once.Do(func() {
		f, err := opentype.Parse(goregular.TTF)
		if err != nil {
			panic(err) // it is compiled in
		}
		theGoFont.font = f
	})
	return theGoFont.font
}

var theGoFont struct {
	once sync.Once
	font *Font
}

// Draw renders a page, unless ctx ends before: a page that is full can take seconds. Without a font, texts are set in Go
// Regular.
func Draw(ctx context.Context, p Page, f *Font) (*image.RGBA, error) {
	dst := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
	for _, el := range p.Elements {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch el.Kind {
		case wire.BoardImage:
			drawImage(dst, el)
		case wire.BoardText:
			drawText(dst, el, f)
		default:
			drawShape(dst, el)
		}
	}
	return dst, nil
}

// paintOf is a colour with the element's opacity.
func paintOf(el *wire.BoardElement, hex string) *image.Uniform {
	v, _ := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32) // was checked; black otherwise
	alpha := math.Round(opacity(el) * 255)
	return image.NewUniform(color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), uint8(alpha)})
}

func drawShape(dst *image.RGBA, el *wire.BoardElement) {
	path, closed := outline(el)
	if len(path) == 0 {
		return
	}
	half := el.Width / 2
	within := bounds(path, half).Intersect(dst.Rect)
	if within.Empty() {
		return
	}
	z := vector.NewRasterizer(within.Dx(), within.Dy())
	at := point{float64(within.Min.X), float64(within.Min.Y)}
	if el.Fill != "" {
		(&shape{z: z, at: at}).polygon(path...)
		z.Draw(dst, within, paintOf(el, el.Fill), image.Point{})
	}
	if el.Stroke == "" || half == 0 {
		return
	}
	z.Reset(within.Dx(), within.Dy())
	(&shape{z: z, at: at, half: half}).stroke(path, closed, el.Line == wire.BoardDashed)
	z.Draw(dst, within, paintOf(el, el.Stroke), image.Point{})
}

// bounds is where a path and its line can be.
func bounds(path []point, half float64) image.Rectangle {
	least, most := path[0], path[0]
	for _, p := range path {
		least = point{min(least.x, p.x), min(least.y, p.y)}
		most = point{max(most.x, p.x), max(most.y, p.y)}
	}
	return image.Rect(int(math.Floor(least.x-half))-1, int(math.Floor(least.y-half))-1, int(math.Ceil(most.x+half))+1, int(math.Ceil(most.y+half))+1)
}

func drawImage(dst *image.RGBA, el *wire.BoardElement) {
	decode := jpeg.Decode
	if wire.IsPNG(el.Image) {
		decode = png.Decode
	}
	img, err := decode(bytes.NewReader(el.Image))
	if err != nil {
		return // its head was good, the rest is not: nothing to show
	}
	x, y, w, h := box(el.Points)
	to := image.Rect(int(math.Round(x)), int(math.Round(y)), int(math.Round(x+w)), int(math.Round(y+h)))
	var o scale.Options
	if el.Opacity != 0 && el.Opacity != 1 {
		o.DstMask = image.NewUniform(color.Alpha{uint8(math.Round(el.Opacity * 255))})
	}
	scale.ApproxBiLinear.Scale(dst, to, img, img.Bounds(), draw.Over, &o)
}

func drawText(dst *image.RGBA, el *wire.BoardElement, f *Font) {
	if f == nil {
		f = goFont()
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: el.Size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return // never: the size was checked
	}
	defer func() { _ = face.Close() }()
	d := font.Drawer{Dst: dst, Src: paintOf(el, orBlack(el.Stroke)), Face: face}
	for i, line := range strings.Split(el.Text, "\n") {
		y := el.Points[1] + el.Size + float64(i)*el.Size*lineHeight
		if y < 0 || y > float64(dst.Rect.Dy())+el.Size {
			continue
		}
		d.Dot = fixed.Point26_6{X: fixed26(el.Points[0]), Y: fixed26(y)}
		d.DrawString(line)
	}
}

func fixed26(v float64) fixed.Int26_6 { return fixed.Int26_6(math.Round(v * 64)) }
