package vp8

import "encoding/binary"

// edges are the samples around a block of up to 16x16.
type edges struct {
	above, left       [16]uint8
	corner            uint8
	hasAbove, hasLeft bool
}

// predict fills a block of n x n in one piece (12.2). One line of it is stride from the next.
func (e *edges) predict(out []uint8, stride, mode, n int) {
	switch mode {
	case modeV:
		for i := range n {
			copy(out[i*stride:], e.above[:n])
		}
	case modeH:
		for i := range n {
			fill8(out[i*stride:][:n], e.left[i])
		}
	case modeTM:
		for i := range n {
			line, base := out[i*stride:][:n], int32(e.left[i])-int32(e.corner)
			for j := range line {
				line[j] = clamp(base + int32(e.above[j]))
			}
		}
	default:
		v := e.mean(n)
		for i := range n {
			fill8(out[i*stride:][:n], v)
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

// fill8 sets all of s, whose length is a multiple of 8.
func fill8(s []uint8, v uint8) {
	all := uint64(v) * 0x0101010101010101
	for ; len(s) >= 8; s = s[8:] {
		binary.LittleEndian.PutUint64(s, all)
	}
}

func fill(s []uint8, v uint8) {
	for i := range s {
		s[i] = v
	}
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
