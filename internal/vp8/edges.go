package vp8

// The filters work on pixels less 128. An edge runs along `along`; `across` leads from one pixel to the next over the edge,
// before which p0, p1, ... stand, and behind which q0, q1, ...

func clampS(v int32) int32 {
	if v < -128 {
		return -128
	}
	if v > 127 {
		return 127
	}
	return v
}

func abs(v int32) int32 {
	if v < 0 {
		return -v
	}
	return v
}

// simpleEdge smooths 16 positions of an edge (15.2).
func simpleEdge(pix []byte, at, across, along int, limit int32) {
	for range 16 {
		p1, p0 := int32(pix[at-2*across]), int32(pix[at-across])
		q0, q1 := int32(pix[at]), int32(pix[at+across])
		if 2*abs(p0-q0)+abs(p1-q1)>>1 <= limit {
			a := clampS(clampS(p1-q1) + 3*(q0-p0))
			pix[at] = clamp(q0 - clampS(a+4)>>3)
			pix[at-across] = clamp(p0 + clampS(a+3)>>3)
		}
		at += along
	}
}

// outerEdge smooths n positions of an edge between macroblocks (15.3).
func outerEdge(pix []byte, at, across, along, n int, l *edgeLimits) {
	limit, interior, variance := int32(l.outer), int32(l.interior), int32(l.variance)
	for range n {
		p3, p2, p1, p0 := int32(pix[at-4*across]), int32(pix[at-3*across]), int32(pix[at-2*across]), int32(pix[at-across])
		q0, q1, q2, q3 := int32(pix[at]), int32(pix[at+across]), int32(pix[at+2*across]), int32(pix[at+3*across])
		if 2*abs(p0-q0)+abs(p1-q1)>>1 <= limit &&
			abs(p3-p2) <= interior && abs(p2-p1) <= interior && abs(p1-p0) <= interior &&
			abs(q1-q0) <= interior && abs(q2-q1) <= interior && abs(q3-q2) <= interior {
			a := clampS(clampS(p1-q1) + 3*(q0-p0))
			if abs(p1-p0) > variance || abs(q1-q0) > variance {
				pix[at] = clamp(q0 - clampS(a+4)>>3)
				pix[at-across] = clamp(p0 + clampS(a+3)>>3)
			} else {
				b := (27*a + 63) >> 7
				pix[at], pix[at-across] = clamp(q0-b), clamp(p0+b)
				b = (18*a + 63) >> 7
				pix[at+across], pix[at-2*across] = clamp(q1-b), clamp(p1+b)
				b = (9*a + 63) >> 7
				pix[at+2*across], pix[at-3*across] = clamp(q2-b), clamp(p2+b)
			}
		}
		at += along
	}
}

// innerEdge smooths n positions of an edge between blocks of one macroblock (15.3).
func innerEdge(pix []byte, at, across, along, n int, l *edgeLimits) {
	limit, interior, variance := int32(l.inner), int32(l.interior), int32(l.variance)
	for range n {
		p3, p2, p1, p0 := int32(pix[at-4*across]), int32(pix[at-3*across]), int32(pix[at-2*across]), int32(pix[at-across])
		q0, q1, q2, q3 := int32(pix[at]), int32(pix[at+across]), int32(pix[at+2*across]), int32(pix[at+3*across])
		if 2*abs(p0-q0)+abs(p1-q1)>>1 <= limit &&
			abs(p3-p2) <= interior && abs(p2-p1) <= interior && abs(p1-p0) <= interior &&
			abs(q1-q0) <= interior && abs(q2-q1) <= interior && abs(q3-q2) <= interior {
			if abs(p1-p0) > variance || abs(q1-q0) > variance {
				a := clampS(clampS(p1-q1) + 3*(q0-p0))
				pix[at] = clamp(q0 - clampS(a+4)>>3)
				pix[at-across] = clamp(p0 + clampS(a+3)>>3)
			} else {
				a := clampS(3 * (q0 - p0))
				b := clampS(a+4) >> 3
				pix[at] = clamp(q0 - b)
				pix[at-across] = clamp(p0 + clampS(a+3)>>3)
				b = (b + 1) >> 1
				pix[at+across], pix[at-2*across] = clamp(q1-b), clamp(p1+b)
			}
		}
		at += along
	}
}
