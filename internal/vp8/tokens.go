package vp8

// The kinds of blocks, whose coefficients have probabilities of their own (13.3).
const (
	blockY1AfterY2 = iota // luma without the mean, which is in the Y2 block
	blockY2
	blockUV
	blockY1
	blockTypes
)

// tokenContext says which blocks at an edge have coefficients: four of luma, two of each chroma plane, and Y2.
type tokenContext [9]uint8

// steps are the quantizer's steps of one kind of block: of the first coefficient and of the others.
type steps [2]int

// dequantizer is what the coefficients of a macroblock are multiplied with.
type dequantizer struct{ y, y2, uv steps }

// setQuantizers works out the quantizers of the four segments (9.6, 14.1).
func (d *Decoder) setQuantizers() {
	h := &d.hdr.quant
	at := func(table *[128]uint16, index int) int { return int(table[min(max(index, 0), 127)]) }
	for i := range d.quants {
		q := h.index
		if d.seg.enabled {
			if d.seg.absolute {
				q = 0
			}
			q = min(max(q+d.seg.quant[i], 0), 127)
		}
		d.quants[i] = dequantizer{
			y:  steps{at(&dcQuant, q+h.y1DC), at(&acQuant, q)},
			y2: steps{2 * at(&dcQuant, q+h.y2DC), max(8, at(&acQuant, q+h.y2AC)*155/100)},
			uv: steps{min(132, at(&dcQuant, q+h.chromaDC)), at(&acQuant, q+h.chroma)},
		}
	}
}

// residual is what is added to the prediction of a macroblock.
type residual struct {
	coeffs [25][16]int16 // 16 of luma, 4 and 4 of chroma, and Y2
	ends   [25]uint8     // how many of them may be other than 0
}

// readResidual reads the coefficients of a macroblock, and says whether there are any.
func (d *Decoder) readResidual(r *boolReader, mb *mbInfo, left, above *tokenContext) (found bool) {
	res, q := &d.res, &d.quants[mb.segment&3]
	kind, first := blockY1, 0
	if mb.mode != modeB && mb.mode != modeSplit {
		kind, first = blockY1AfterY2, 1
		n := readBlock(r, &d.probs.coeffs[blockY2], int(left[8]+above[8]), 0, &q.y2, &res.coeffs[24])
		res.ends[24] = uint8(n)
		left[8] = nonzero(n)
		above[8] = left[8]
		found = n > 0
	}
	for i := range 16 {
		l, a := &left[i>>2], &above[i&3]
		n := readBlock(r, &d.probs.coeffs[kind], int(*l+*a), first, &q.y, &res.coeffs[i])
		res.ends[i] = uint8(n)
		*l = nonzero(n)
		*a = *l
		found = found || n > 0
	}
	for i := 16; i < 24; i++ {
		plane := 4 + (i-16)>>2<<1
		l, a := &left[plane+(i>>1)&1], &above[plane+i&1]
		n := readBlock(r, &d.probs.coeffs[blockUV], int(*l+*a), 0, &q.uv, &res.coeffs[i])
		res.ends[i] = uint8(n)
		*l = nonzero(n)
		*a = *l
		found = found || n > 0
	}
	return found
}

func nonzero(n int) uint8 {
	if n > 0 {
		return 1
	}
	return 0
}

// clear notes that a macroblock has no coefficients. Of Y2 the context stays if the macroblock has none.
func (c *tokenContext) clear(withY2 bool) {
	y2 := c[8]
	*c = tokenContext{}
	if !withY2 {
		c[8] = y2
	}
}

// readBlock reads the coefficients of one block from position i on, multiplied with the quantizer's steps, and returns the
// position after the last (13).
func readBlock(r *boolReader, probs *[8][3][11]uint8, context, i int, q *steps, out *[16]int16) int {
	p := &probs[coeffBands[i]][context]
	if !r.bit(p[0]) {
		return 0
	}
	for {
		// A zero is never the last one, so that the end is not asked for after it.
		for !r.bit(p[1]) {
			if i++; i == 16 {
				return 16
			}
			p = &probs[coeffBands[i]][0]
		}
		v, next := 1, 1
		if r.bit(p[2]) {
			v, next = readLarge(r, p), 2
		}
		if r.flag() {
			v = -v
		}
		step := q[1]
		if i == 0 {
			step = q[0]
		}
		out[zigzag[i&15]] = int16(v * step)
		if i++; i == 16 {
			return 16
		}
		p = &probs[coeffBands[i]][next]
		if !r.bit(p[0]) {
			return i
		}
	}
}

// readLarge reads a coefficient that is larger than one.
func readLarge(r *boolReader, p *[11]uint8) int {
	if !r.bit(p[3]) {
		if !r.bit(p[4]) {
			return 2
		}
		return 3 + r.num(p[5])
	}
	if !r.bit(p[6]) {
		if !r.bit(p[7]) {
			return 5 + r.num(159)
		}
		v := 7 + 2*r.num(165)
		return v + r.num(145)
	}
	category := 2 * r.num(p[8])
	category += r.num(p[9+category>>1])
	extra := &categories[2+category&3]
	v := 0
	for _, p := range extra.probs {
		v = v<<1 | r.num(p)
	}
	return extra.base + v
}
