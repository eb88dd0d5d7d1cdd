package vp8

// predictIntra predicts a macroblock from the picture itself. Of 4x4 blocks each one needs those before it, so that what
// is to be added to the prediction is added here.
func (d *Decoder) predictIntra(mb *mbInfo, x, y int) {
	luma := &d.cur.planes[0]
	if mb.mode == modeB {
		d.predictBlocks(mb, x, y)
	} else {
		luma.predict(luma.at(16*x, 16*y), 16, mb.mode, x > 0, y > 0)
	}
	for i := 1; i < 3; i++ {
		p := &d.cur.planes[i]
		p.predict(p.at(8*x, 8*y), 8, mb.uvMode, x > 0, y > 0)
	}
}

// predict predicts the n*n pixels at pos in one piece.
func (p *plane) predict(pos, n int, mode uint8, hasLeft, hasAbove bool) {
	e := edges{corner: p.pix[pos-p.stride-1], hasAbove: hasAbove, hasLeft: hasLeft}
	copy(e.above[:n], p.pix[pos-p.stride:])
	for i := range n {
		e.left[i] = p.pix[pos+i*p.stride-1]
	}
	e.predict(p.pix[pos:], p.stride, int(mode), n)
}

// predictBlocks predicts the 4x4 blocks of a macroblock, one after the other (12.3).
func (d *Decoder) predictBlocks(mb *mbInfo, x, y int) {
	p := &d.cur.planes[0]
	pix, stride, pos := p.pix, p.stride, p.at(16*x, 16*y)
	// To the right above the blocks at the right edge is what is there for the uppermost one: the macroblocks to the
	// right are not there yet.
	right := *(*[4]byte)(pix[pos-stride+16:])
	for i := range 16 {
		at := pos + i>>2*4*stride + i&3*4
		var e rim
		above := pix[at-stride-1:][:9]
		for j := range 9 {
			e[4+j] = above[j]
		}
		if i&3 == 3 {
			copy(e[9:], right[:])
		}
		e[3], e[2], e[1], e[0] = pix[at-1], pix[at+stride-1], pix[at+2*stride-1], pix[at+3*stride-1]
		predictBlock(pix[at:], stride, mb.bModes[i], &e)
		if !mb.empty && d.res.ends[i] > 0 {
			addBlock(pix[at:], stride, &d.res.coeffs[i], int(d.res.ends[i]))
		}
	}
}

// edge is what is around a 4x4 block: from the lowest pixel to the left up to the corner, and from there to the right.
type rim [13]byte

// avg2 and avg3 are the means of pixels of the edge, rounded, with twice the weight for the middle one.
func (e *rim) avg2(i int) byte { return byte((int(e[i]) + int(e[i+1]) + 1) >> 1) }

func (e *rim) avg3(i int) byte { return byte((int(e[i-1]) + 2*int(e[i]) + int(e[i+1]) + 2) >> 2) }

// predictBlock predicts one 4x4 block (12.3).
func predictBlock(dst []byte, stride int, mode uint8, e *rim) {
	r0, r1 := (*[4]byte)(dst), (*[4]byte)(dst[stride:])
	r2, r3 := (*[4]byte)(dst[2*stride:]), (*[4]byte)(dst[3*stride:])
	switch mode {
	case bDC:
		sum := 4
		for i := range 4 {
			sum += int(e[i]) + int(e[5+i])
		}
		v := byte(sum >> 3)
		*r0 = [4]byte{v, v, v, v}
		*r1, *r2, *r3 = *r0, *r0, *r0
	case bTM:
		for i, r := range [...]*[4]byte{r0, r1, r2, r3} {
			delta := int32(e[3-i]) - int32(e[4])
			for x := range 4 {
				r[x] = clamp(int32(e[5+x]) + delta)
			}
		}
	case bVE:
		*r0 = [4]byte{e.avg3(5), e.avg3(6), e.avg3(7), e.avg3(8)}
		*r1, *r2, *r3 = *r0, *r0, *r0
	case bHE:
		low := byte((int(e[1]) + 3*int(e[0]) + 2) >> 2)
		for i, r := range [...]*[4]byte{r0, r1, r2} {
			v := e.avg3(3 - i)
			*r = [4]byte{v, v, v, v}
		}
		*r3 = [4]byte{low, low, low, low}
	case bLD:
		last := byte((int(e[11]) + 3*int(e[12]) + 2) >> 2)
		v := [7]byte{e.avg3(6), e.avg3(7), e.avg3(8), e.avg3(9), e.avg3(10), e.avg3(11), last}
		*r0, *r1, *r2, *r3 = [4]byte(v[0:]), [4]byte(v[1:]), [4]byte(v[2:]), [4]byte(v[3:])
	case bRD:
		v := [7]byte{e.avg3(1), e.avg3(2), e.avg3(3), e.avg3(4), e.avg3(5), e.avg3(6), e.avg3(7)}
		*r0, *r1, *r2, *r3 = [4]byte(v[3:]), [4]byte(v[2:]), [4]byte(v[1:]), [4]byte(v[0:])
	case bVR:
		*r0 = [4]byte{e.avg2(4), e.avg2(5), e.avg2(6), e.avg2(7)}
		*r1 = [4]byte{e.avg3(4), e.avg3(5), e.avg3(6), e.avg3(7)}
		*r2 = [4]byte{e.avg3(3), r0[0], r0[1], r0[2]}
		*r3 = [4]byte{e.avg3(2), r1[0], r1[1], r1[2]}
	case bVL:
		*r0 = [4]byte{e.avg2(5), e.avg2(6), e.avg2(7), e.avg2(8)}
		*r1 = [4]byte{e.avg3(6), e.avg3(7), e.avg3(8), e.avg3(9)}
		*r2 = [4]byte{r0[1], r0[2], r0[3], e.avg3(10)}
		*r3 = [4]byte{r1[1], r1[2], r1[3], e.avg3(11)}
	case bHD:
		v := [10]byte{
			e.avg2(0), e.avg3(1), e.avg2(1), e.avg3(2), e.avg2(2), e.avg3(3), e.avg2(3), e.avg3(4), e.avg3(5), e.avg3(6),
		}
		*r0, *r1, *r2, *r3 = [4]byte(v[6:]), [4]byte(v[4:]), [4]byte(v[2:]), [4]byte(v[0:])
	case bHU:
		low := e[0]
		last := byte((int(e[1]) + 3*int(low) + 2) >> 2)
		v := [10]byte{e.avg2(2), e.avg3(2), e.avg2(1), e.avg3(1), e.avg2(0), last, low, low, low, low}
		*r0, *r1, *r2, *r3 = [4]byte(v[0:]), [4]byte(v[2:]), [4]byte(v[4:]), [4]byte(v[6:])
	}
}
