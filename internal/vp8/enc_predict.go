package vp8

// around reads the edges of the block of n x n at column and row of a plane.
func (e *edges) around(plane []uint8, stride, x, y, n int) {
	e.hasAbove, e.hasLeft = y > 0, x > 0
	at := y*stride + x
	switch {
	case !e.hasAbove:
		e.corner = 127
	case !e.hasLeft:
		e.corner = 129
	default:
		e.corner = plane[at-stride-1]
	}
	if e.hasAbove {
		copy(e.above[:n], plane[at-stride:])
	} else {
		fill(e.above[:n], 127)
	}
	if !e.hasLeft {
		fill(e.left[:n], 129)
		return
	}
	for i := range n {
		e.left[i] = plane[at+i*stride-1]
	}
}

// difference is the sum of absolute differences of two blocks of n x n; it may end early at limit.
func difference(a []uint8, aStride int, b []uint8, bStride, n int, limit int32) (sum int32) {
	for i := range n {
		x, y := a[i*aStride:i*aStride+n], b[i*bStride:i*bStride+n]
		for j, v := range x {
			d := int32(v) - int32(y[j])
			if d < 0 {
				d = -d
			}
			sum += d
		}
		if sum >= limit {
			break
		}
	}
	return sum
}
