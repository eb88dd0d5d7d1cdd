package vp8

// border is how far a plane goes on beyond the picture on all sides. Motion vectors are clamped so that filters reach no
// further than 24 pixels, and some pixels more are read for speed.
const border = 40

// plane is one plane of a picture, whole macroblocks with a border around them.
type plane struct {
	pix           []byte
	stride        int
	width, height int
	origin        int // where the first pixel is
}

func newPlane(width, height int) plane {
	stride := width + 2*border
	return plane{
		pix:    make([]byte, stride*(height+2*border)),
		stride: stride, width: width, height: height,
		origin: border*stride + border,
	}
}

// at is the index of a pixel.
func (p *plane) at(x, y int) int { return p.origin + y*p.stride + x }

// startIntra puts what is predicted from at the edges of the picture around it (12.2, 12.3): 127 above, 129 to the left.
func (p *plane) startIntra() {
	row := p.pix[p.at(-1, -1):][:p.width+1+16]
	for i := range row {
		row[i] = 127
	}
	for y := range p.height {
		p.pix[p.at(-1, y)] = 129
	}
}

// extend repeats the outermost pixels in the border.
func (p *plane) extend() {
	for y := range p.height {
		row := p.pix[p.at(-border, y):][:p.stride]
		fill(row[:border], row[border])
		fill(row[border+p.width:], row[border+p.width-1])
	}
	top, bottom := p.pix[p.at(-border, 0):][:p.stride], p.pix[p.at(-border, p.height-1):][:p.stride]
	for y := 1; y <= border; y++ {
		copy(p.pix[p.at(-border, -y):], top)
		copy(p.pix[p.at(-border, p.height-1+y):], bottom)
	}
}

// frame is a decoded picture, or one that is being decoded.
type frame struct{ planes [3]plane }

func newFrame(cols, rows int) *frame {
	return &frame{[3]plane{newPlane(16*cols, 16*rows), newPlane(8*cols, 8*rows), newPlane(8*cols, 8*rows)}}
}

func (p *frame) startIntra() {
	for i := range p.planes {
		p.planes[i].startIntra()
	}
}

func (p *frame) extend() {
	for i := range p.planes {
		p.planes[i].extend()
	}
}
