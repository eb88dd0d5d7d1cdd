package testpattern

import (
	"encoding/binary"
	"image"
	"image/color"
)

// The strip of cells: member, counter and checksum, most significant bit first, row by row.
const (
	codeColumns = 20
	codeRows    = 4
	codeBytes   = codeColumns * codeRows / 8
)

// Luma of cells, in video range, and how far from the middle a cell must be to count as readable.
const (
	lumaBlack  = 16
	lumaWhite  = 235
	lumaMiddle = (lumaBlack + lumaWhite) / 2
	lumaMargin = 24
)

type code [codeBytes]byte

func newCode(member, counter uint32) (c code) {
	binary.BigEndian.PutUint32(c[0:], member)
	binary.BigEndian.PutUint32(c[4:], counter)
	binary.BigEndian.PutUint16(c[8:], checksum(c[:8]))
	return c
}

func (c *code) bit(i int) bool { return c[i/8]>>(7-i%8)&1 != 0 }

// checksum is CRC-16/CCITT, which is not zero for zeros: a black picture is not a pattern.
func checksum(b []byte) uint16 {
	crc := uint16(0xffff)
	for _, c := range b {
		crc ^= uint16(c) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// codeTop is the first line of the cells in a picture of height h.
func codeTop(h int) int { return h - h/3 }

// cell returns where cell i is in a picture of size w x h.
func cell(i, w, h int) image.Rectangle {
	column, row := i%codeColumns, i/codeColumns
	top := codeTop(h)
	return image.Rect(column*w/codeColumns, top+row*(h-top)/codeRows, (column+1)*w/codeColumns, top+(row+1)*(h-top)/codeRows)
}

// Read returns what Draw was given. It returns ok false if the picture is no test pattern, or is too damaged to be sure.
func Read(img image.Image) (member, counter uint32, ok bool) {
	b := img.Bounds()
	if b.Dx() < codeColumns || b.Dy() < 3*codeRows {
		return 0, 0, false
	}
	luma := lumaOf(img)
	var c code
	for i := range codeColumns * codeRows {
		r := cell(i, b.Dx(), b.Dy())
		// The middle of the cell: its rim is blurred with that of its neighbours.
		r.Min.X, r.Max.X = r.Min.X+r.Dx()/4, r.Max.X-r.Dx()/4
		r.Min.Y, r.Max.Y = r.Min.Y+r.Dy()/4, r.Max.Y-r.Dy()/4
		mean := average(luma, r.Add(b.Min))
		switch {
		case mean > lumaMiddle+lumaMargin:
			c[i/8] |= 1 << (7 - i%8)
		case mean > lumaMiddle-lumaMargin:
			return 0, 0, false
		}
	}
	if checksum(c[:8]) != binary.BigEndian.Uint16(c[8:]) {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(c[0:]), binary.BigEndian.Uint32(c[4:]), true
}

func lumaOf(img image.Image) func(x, y int) int {
	if img, ok := img.(*image.YCbCr); ok {
		return func(x, y int) int { return int(img.Y[img.YOffset(x, y)]) }
	}
	return func(x, y int) int { return int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y) }
}

func average(luma func(x, y int) int, r image.Rectangle) int {
	sum := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			sum += luma(x, y)
		}
	}
	return sum / (r.Dx() * r.Dy())
}
