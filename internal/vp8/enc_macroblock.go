package vp8

// Blocks of a macroblock: 16 of luma, 4 and 4 of chroma, and the one with the DC values of luma.
const (
	firstU  = 16
	firstV  = 20
	blockDC = 24
	blocks  = 25
)

// macroblock is what is written about one.
type macroblock struct {
	inter         bool // from the same place of the picture before
	skip          bool // nothing but the prediction
	yMode, uvMode uint8
	last          [blocks]uint8 // number of levels up to the last that is not zero
	levels        [blocks][16]int16
}

// interBias is what the picture before may be worse than the best prediction from within, in luma levels of all 256
// samples: it takes fewer bits to say, and looks steadier.
const interBias = 256

// encodeMacroblock decides about the macroblock at column mx and row my, and reconstructs it.
func (e *Encoder) encodeMacroblock(mb *macroblock, mx, my int, key bool, q *quantizer) {
	at, uvAt := my*16*e.cur.stride+mx*16, my*8*e.cur.uvStride+mx*8
	pred, predU, predV := e.predY[:], e.predU[:], e.predV[:]
	stride, uvStride := 16, 8
	best := int32(1 << 30)
	mb.inter = false
	if !key {
		best = difference(e.src.y[at:], e.src.stride, e.ref.y[at:], e.ref.stride, 16, best) - interBias
		mb.inter = true
	}
	if best > 0 {
		e.edges.around(e.cur.y, e.cur.stride, mx*16, my*16, 16)
		if mode, d := e.bestMode(e.src.y[at:], e.src.stride, 16, best, pred); d < best {
			mb.inter, mb.yMode = false, mode
		}
	}
	if mb.inter {
		pred, predU, predV = e.ref.y[at:], e.ref.u[uvAt:], e.ref.v[uvAt:]
		stride, uvStride = e.ref.stride, e.ref.uvStride
	} else {
		e.chroma(mb, mx, my, uvAt)
	}
	e.luma(mb, at, pred, stride, q)
	for i := range 4 {
		x, y := i&1*4, i>>1*4
		o, p := uvAt+y*e.cur.uvStride+x, y*uvStride+x
		e.plain(mb, firstU+i, e.cur.u[o:], e.src.u[o:], predU[p:], uvStride, q)
		e.plain(mb, firstV+i, e.cur.v[o:], e.src.v[o:], predV[p:], uvStride, q)
	}
	mb.skip = true
	for _, n := range mb.last {
		if n != 0 {
			mb.skip = false
			break
		}
	}
}

// bestMode leaves the best prediction of n x n samples in pred, if it is better than limit.
func (e *Encoder) bestMode(src []uint8, stride, n int, limit int32, pred []uint8) (best uint8, least int32) {
	least = limit
	for mode := range modeTM + 1 {
		if mode == modeTM && !(e.edges.hasAbove && e.edges.hasLeft) {
			continue
		}
		e.edges.predict(e.try[:], n, mode, n)
		if d := difference(src, stride, e.try[:], n, n, least); d < least {
			best, least = uint8(mode), d
			copy(pred, e.try[:n*n])
		}
	}
	return best, least
}

// chroma predicts both planes in the mode that is better for both.
func (e *Encoder) chroma(mb *macroblock, mx, my, at int) {
	e.edges.around(e.cur.u, e.cur.uvStride, mx*8, my*8, 8)
	e.edgesV.around(e.cur.v, e.cur.uvStride, mx*8, my*8, 8)
	least := int32(1 << 30)
	for mode := range modeTM + 1 {
		if mode == modeTM && !(e.edges.hasAbove && e.edges.hasLeft) {
			continue
		}
		u, v := e.try[:64], e.try[64:128]
		e.edges.predict(u, 8, mode, 8)
		e.edgesV.predict(v, 8, mode, 8)
		d := difference(e.src.u[at:], e.src.uvStride, u, 8, 8, least)
		d += difference(e.src.v[at:], e.src.uvStride, v, 8, 8, least)
		if d < least {
			mb.uvMode, least = uint8(mode), d
			copy(e.predU[:], u)
			copy(e.predV[:], v)
		}
	}
}

// luma encodes 16 blocks, whose DC values have a block of their own.
func (e *Encoder) luma(mb *macroblock, at int, pred []uint8, stride int, q *quantizer) {
	var dc, y2 [16]int16
	for i := range 16 {
		x, y := i&3*4, i>>2*4
		forwardDCT(&e.coeffs[i], e.src.y[at+y*e.src.stride+x:], e.src.stride, pred[y*stride+x:], stride)
		dc[i] = e.coeffs[i][0]
	}
	forwardWHT(&y2, &dc)
	mb.last[blockDC] = uint8(quantize(&mb.levels[blockDC], &y2, &q.y2, 0))
	inverseWHT(&dc, &y2)
	for i := range 16 {
		x, y := i&3*4, i>>2*4
		c := &e.coeffs[i]
		mb.last[i] = uint8(quantize(&mb.levels[i], c, &q.y1, 1))
		c[0] = dc[i]
		reconstruct(e.cur.y[at+y*e.cur.stride+x:], e.cur.stride, pred[y*stride+x:], stride, c)
	}
}

// plain encodes one block with its DC value.
func (e *Encoder) plain(mb *macroblock, block int, dst, src, pred []uint8, stride int, q *quantizer) {
	c := &e.coeffs[0]
	forwardDCT(c, src, e.src.uvStride, pred, stride)
	mb.last[block] = uint8(quantize(&mb.levels[block], c, &q.uv, 0))
	reconstruct(dst, e.cur.uvStride, pred, stride, c)
}

// reconstruct adds what a decoder makes of the coefficients to the prediction, and clears them.
func reconstruct(dst []uint8, dstStride int, pred []uint8, predStride int, c *[16]int16) {
	for i := range 4 {
		copy(dst[i*dstStride:][:4], pred[i*predStride:])
	}
	addBlock(dst, dstStride, c, len(c))
}
