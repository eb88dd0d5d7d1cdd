package testpattern

import (
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

const (
	glyphWidth  = 7
	glyphHeight = 13
)

// glyph holds a line of the letter in each element, the leftmost point in the lowest bit.
type glyph [glyphHeight]uint8

var glyphs = func() (out [128]glyph) {
	face := basicfont.Face7x13
	for _, ch := range "#0123456789" {
		area, mask, at, _, ok := face.Glyph(fixed.P(0, face.Ascent), ch)
		if !ok {
			continue
		}
		for y := range area.Dy() {
			for x := range area.Dx() {
				if _, _, _, alpha := mask.At(at.X+x, at.Y+y).RGBA(); alpha > 0x7fff {
					out[ch][area.Min.Y+y] |= 1 << (area.Min.X + x)
				}
			}
		}
	}
	return out
}()
