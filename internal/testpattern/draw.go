package testpattern

import (
	"image"
	"strconv"
)

type ycbcr struct{ y, cb, cr uint8 }

// bars are the colours of the classic 75 % bars, BT.601 in video range.
var bars = [...]ycbcr{
	{180, 128, 128}, // grey
	{162, 44, 142},  // yellow
	{131, 156, 44},  // cyan
	{112, 72, 58},   // green
	{84, 184, 198},  // magenta
	{65, 100, 212},  // red
	{35, 212, 114},  // blue
}

var (
	black = ycbcr{lumaBlack, 128, 128}
	white = ycbcr{lumaWhite, 128, 128}
	night = ycbcr{28, 140, 122} // behind the digits
)

// ballPeriod is the number of frames in which the ball crosses the picture and comes back.
const ballPeriod = 120

// Draw fills a 4:2:0 picture with the pattern for a member and a counter. It does not allocate. From 120x72 on the pattern
// survives H.264 at the bitrates that calls use; 171x96 and 640x360 at 400 kbit/s have wide margins.
func Draw(img *image.YCbCr, member, counter uint32) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for i, c := range bars {
		fill(img, image.Rect(i*w/len(bars), 0, (i+1)*w/len(bars), h/2), c)
	}
	drawBall(img, counter)
	fill(img, image.Rect(0, h/2, w, codeTop(h)), night)
	drawDigits(img, image.Rect(0, h/2, w, codeTop(h)), member, counter)
	c := newCode(member, counter)
	for i := range codeColumns * codeRows {
		colour := black
		if c.bit(i) {
			colour = white
		}
		fill(img, cell(i, w, h), colour)
	}
}

// fill paints r, which is relative to the picture's corner.
func fill(img *image.YCbCr, r image.Rectangle, c ycbcr) {
	if r.Empty() {
		return
	}
	r = r.Add(img.Rect.Min)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		fillRow(img.Y[img.YOffset(r.Min.X, y):][:r.Dx()], c.y)
	}
	for y := r.Min.Y &^ 1; y < r.Max.Y; y += 2 {
		from, to := img.COffset(r.Min.X, y), img.COffset(r.Max.X-1, y)+1
		fillRow(img.Cb[from:to], c.cb)
		fillRow(img.Cr[from:to], c.cr)
	}
}

func fillRow(row []uint8, v uint8) {
	for i := range row {
		row[i] = v
	}
}

// drawBall moves a white ball from side to side over the bars, bouncing three times on its way.
func drawBall(img *image.YCbCr, counter uint32) {
	w, h := img.Rect.Dx(), img.Rect.Dy()/2
	radius := h / 6
	if radius < 2 || w < 4*radius {
		return
	}
	t := float64(counter%ballPeriod) / (ballPeriod / 2) // there: 0 to 1, back: 1 to 2
	if t > 1 {
		t = 2 - t
	}
	bounce := t*3 - float64(int(t*3)) // 0 to 1 between two touches of the ground
	height := 4 * bounce * (1 - bounce)
	cx := radius + int(t*float64(w-2*radius))
	cy := h - radius - int(height*float64(h-2*radius))
	for dy := -radius; dy < radius; dy++ {
		half := 0
		for half < radius && (half+1)*(half+1)+dy*dy <= radius*radius {
			half++
		}
		fill(img, image.Rect(cx-half, cy+dy, cx+half, cy+dy+1), white)
	}
}

// drawDigits writes the member number and the counter as large as they fit, for example "#7 000123".
func drawDigits(img *image.YCbCr, area image.Rectangle, member, counter uint32) {
	var buf [24]byte
	text := append(buf[:0], '#')
	text = strconv.AppendUint(text, uint64(member), 10)
	text = append(text, ' ')
	for limit := uint32(100000); limit > 1 && counter < limit; limit /= 10 {
		text = append(text, '0') // six digits at least
	}
	text = strconv.AppendUint(text, uint64(counter), 10)

	scale := min(area.Dy()/glyphHeight, area.Dx()/(glyphWidth*len(text)))
	if scale < 1 {
		return
	}
	x := area.Min.X + (area.Dx()-scale*glyphWidth*len(text))/2
	y := area.Min.Y + (area.Dy()-scale*glyphHeight)/2
	for _, ch := range text {
		drawGlyph(img, x, y, scale, ch)
		x += scale * glyphWidth
	}
}

func drawGlyph(img *image.YCbCr, x, y, scale int, ch byte) {
	g := &glyphs[ch]
	for row := range glyphHeight {
		for column := range glyphWidth {
			if g[row]>>column&1 != 0 {
				fill(img, image.Rect(x+column*scale, y+row*scale, x+(column+1)*scale, y+(row+1)*scale), white)
			}
		}
	}
}
