package boardpic

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// SVG renders a page.
func SVG(p Page) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d"><rect width="100%%" height="100%%" fill="#ffffff"/>`, p.Width, p.Height)
	for _, el := range p.Elements {
		writeSVG(&out, el)
	}
	out.WriteString("</svg>\n")
	return out.Bytes()
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func writeSVG(out *bytes.Buffer, el *wire.BoardElement) {
	pt := el.Points
	switch el.Kind {
	case wire.BoardPencil, wire.BoardLine:
		out.WriteString(`<path d="M`)
		for i := 0; i+1 < len(pt); i += 2 {
			fmt.Fprintf(out, " %s %s", number(pt[i]), number(pt[i+1]))
		}
		if len(pt) == 2 { // a dot
			fmt.Fprintf(out, " L %s %s", number(pt[0]), number(pt[1]))
		}
		fmt.Fprintf(out, `"%s/>`, paint(el))
	case wire.BoardRect:
		x, y, w, h := box(pt)
		fmt.Fprintf(out, `<rect x="%s" y="%s" width="%s" height="%s"%s/>`, number(x), number(y), number(w), number(h), paint(el))
	case wire.BoardEllipse:
		x, y, w, h := box(pt)
		fmt.Fprintf(out, `<ellipse cx="%s" cy="%s" rx="%s" ry="%s"%s/>`, number(x+w/2), number(y+h/2), number(w/2), number(h/2), paint(el))
	case wire.BoardImage:
		x, y, w, h := box(pt)
		kind := "jpeg"
		if wire.IsPNG(el.Image) {
			kind = "png"
		}
		fmt.Fprintf(out, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" opacity="%s" href="data:image/%s;base64,%s"/>`,
			number(x), number(y), number(w), number(h), number(opacity(el)), kind, base64.StdEncoding.EncodeToString(el.Image))
	case wire.BoardText:
		for i, line := range strings.Split(el.Text, "\n") {
			y := pt[1] + el.Size + float64(i)*el.Size*lineHeight
			fmt.Fprintf(out, `<text x="%s" y="%s" font-family="%s" font-size="%s" xml:space="preserve" fill="%s" fill-opacity="%s">`,
				number(pt[0]), number(y), fontFamily, number(el.Size), orBlack(el.Stroke), number(opacity(el)))
			_ = xml.EscapeText(out, []byte(line)) // a buffer takes everything
			out.WriteString("</text>")
		}
	}
}

func orBlack(colour string) string {
	if colour == "" {
		return "#000000"
	}
	return colour
}

func orNone(colour string) string {
	if colour == "" {
		return "none"
	}
	return colour
}

// paint is how lines and insides look. A single point is a dot even if its line is dashed.
func paint(el *wire.BoardElement) string {
	alpha := number(opacity(el))
	s := fmt.Sprintf(` fill="%s" fill-opacity="%s"`, orNone(el.Fill), alpha)
	if el.Stroke == "" || el.Width == 0 {
		return s + ` stroke="none"`
	}
	s += fmt.Sprintf(` stroke="%s" stroke-opacity="%s" stroke-width="%s" stroke-linejoin="round"`, el.Stroke, alpha, number(el.Width))
	if el.Line == wire.BoardDashed && len(el.Points) > 2 {
		return s + fmt.Sprintf(` stroke-linecap="butt" stroke-dasharray="%s %s"`, number(dash*el.Width), number(gap*el.Width))
	}
	return s + ` stroke-linecap="round"`
}
