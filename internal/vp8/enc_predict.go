package vp8

// edges are the samples around a block of up to 16x16.
type edges struct {
	above, left       [16]uint8
	corner            uint8
	hasAbove, hasLeft bool
}

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

func fill(s []uint8, v uint8) {
	for i := range s {
		s[i] = v
	}
}

// predict fills a block of n x n in out, which has n samples a line.
func (e *edges) predict(out []uint8, mode, n int) {
	switch mode {
	case modeDC:
		fill(out[:n*n], e.mean(n))
	case modeV:
		for i := range n {
			copy(out[i*n:], e.above[:n])
		}
	case modeH:
		for i := range n {
			fill(out[i*n:(i+1)*n], e.left[i])
		}
	case modeTM:
		for i := range n {
			line, base := out[i*n:(i+1)*n], int32(e.left[i])-int32(e.corner)
			for j := range line {
				line[j] = clamp(base + int32(e.above[j]))
			}
		}
	}
}

// mean is over what there is.
func (e *edges) mean(n int) uint8 {
	sum, count := 0, 0
	if e.hasAbove {
		for _, v := range e.above[:n] {
			sum += int(v)
		}
		count += n
	}
	if e.hasLeft {
		for _, v := range e.left[:n] {
			sum += int(v)
		}
		count += n
	}
	if count == 0 {
		return 128
	}
	return uint8((sum + count/2) / count)
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

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
