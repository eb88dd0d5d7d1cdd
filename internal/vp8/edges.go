package vp8

// Before an edge stand the pixels p0, p1, ..., behind it q0, q1, ..., counted from the edge on. The RFC calculates with
// pixels less 128, which makes no difference except where it clamps.

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

// within says whether the step at an edge is no larger than one that coding makes (15.2).
func within(p1, p0, q0, q1, limit int32) bool { return 2*abs(p0-q0)+abs(p1-q1)>>1 <= limit }

// calm says whether no neighbours on one side differ by more than limit (15.3).
func calm(p3, p2, p1, p0, q0, q1, q2, q3, limit int32) bool {
	twice := uint32(2 * limit)
	return uint32(p3-p2+limit) <= twice && uint32(p2-p1+limit) <= twice && uint32(p1-p0+limit) <= twice &&
		uint32(q3-q2+limit) <= twice && uint32(q2-q1+limit) <= twice && uint32(q1-q0+limit) <= twice
}

// rough says whether a picture has an edge of its own there, so that only the pixels next to it are touched.
func rough(p1, p0, q0, q1, variance int32) bool {
	return uint32(p1-p0+variance) > uint32(2*variance) || uint32(q1-q0+variance) > uint32(2*variance)
}

// narrow smooths the two pixels next to the edge.
func narrow(p1, p0, q0, q1 int32) (uint8, uint8) {
	a := clampS(clampS(p1-q1) + 3*(q0-p0))
	return clamp(p0 + clampS(a+3)>>3), clamp(q0 - clampS(a+4)>>3)
}

// middle smooths two pixels on both sides of an edge within a macroblock.
func middle(p1, p0, q0, q1 int32) (uint8, uint8, uint8, uint8) {
	a := clampS(3 * (q0 - p0))
	b := clampS(a+4) >> 3
	c := (b + 1) >> 1
	return clamp(p1 + c), clamp(p0 + clampS(a+3)>>3), clamp(q0 - b), clamp(q1 - c)
}

// wide smooths three pixels on both sides of an edge between macroblocks.
func wide(p2, p1, p0, q0, q1, q2 int32) (uint8, uint8, uint8, uint8, uint8, uint8) {
	a := clampS(clampS(p1-q1) + 3*(q0-p0))
	b, c, d := (27*a+63)>>7, (18*a+63)>>7, (9*a+63)>>7
	return clamp(p2 + d), clamp(p1 + c), clamp(p0 + b), clamp(q0 - b), clamp(q1 - c), clamp(q2 - d)
}

// simpleEdge smooths 16 positions of an edge (15.2): along it leads from one to the next, across it over the edge.
func simpleEdge(pix []byte, at, across, along int, limit int32) {
	for range 16 {
		p1, p0 := int32(pix[at-2*across]), int32(pix[at-across])
		q0, q1 := int32(pix[at]), int32(pix[at+across])
		if within(p1, p0, q0, q1, limit) {
			pix[at-across], pix[at] = narrow(p1, p0, q0, q1)
		}
		at += along
	}
}

// uprightEdge smooths n positions of a vertical edge: one between macroblocks if outer, or one within (15.3).
func uprightEdge(pix []byte, at, stride, n int, l *edgeLimits, outer bool) {
	limit, interior, variance := l.of(outer)
	for range n {
		c := (*[8]byte)(pix[at-4:])
		p3, p2, p1, p0 := int32(c[0]), int32(c[1]), int32(c[2]), int32(c[3])
		q0, q1, q2, q3 := int32(c[4]), int32(c[5]), int32(c[6]), int32(c[7])
		if within(p1, p0, q0, q1, limit) && calm(p3, p2, p1, p0, q0, q1, q2, q3, interior) {
			switch {
			case rough(p1, p0, q0, q1, variance):
				c[3], c[4] = narrow(p1, p0, q0, q1)
			case outer:
				c[1], c[2], c[3], c[4], c[5], c[6] = wide(p2, p1, p0, q0, q1, q2)
			default:
				c[2], c[3], c[4], c[5] = middle(p1, p0, q0, q1)
			}
		}
		at += stride
	}
}

// levelEdge smooths n positions of a horizontal edge.
func levelEdge(pix []byte, at, stride, n int, l *edgeLimits, outer bool) {
	limit, interior, variance := l.of(outer)
	r0, r1, r2, r3 := pix[at-4*stride:][:n], pix[at-3*stride:][:n], pix[at-2*stride:][:n], pix[at-stride:][:n]
	r4, r5, r6, r7 := pix[at:][:n], pix[at+stride:][:n], pix[at+2*stride:][:n], pix[at+3*stride:][:n]
	for i := range n {
		p3, p2, p1, p0 := int32(r0[i]), int32(r1[i]), int32(r2[i]), int32(r3[i])
		q0, q1, q2, q3 := int32(r4[i]), int32(r5[i]), int32(r6[i]), int32(r7[i])
		if within(p1, p0, q0, q1, limit) && calm(p3, p2, p1, p0, q0, q1, q2, q3, interior) {
			switch {
			case rough(p1, p0, q0, q1, variance):
				r3[i], r4[i] = narrow(p1, p0, q0, q1)
			case outer:
				r1[i], r2[i], r3[i], r4[i], r5[i], r6[i] = wide(p2, p1, p0, q0, q1, q2)
			default:
				r2[i], r3[i], r4[i], r5[i] = middle(p1, p0, q0, q1)
			}
		}
	}
}
