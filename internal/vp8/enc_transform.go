package vp8

// forwardDCT transforms the difference between a block of 4x4 samples and its prediction.
func forwardDCT(out *[16]int16, src []uint8, srcStride int, pred []uint8, predStride int) {
	var t [16]int32
	for i := range 4 {
		s, p := src[i*srcStride:i*srcStride+4], pred[i*predStride:i*predStride+4]
		d0, d1, d2, d3 := int32(s[0])-int32(p[0]), int32(s[1])-int32(p[1]), int32(s[2])-int32(p[2]), int32(s[3])-int32(p[3])
		a, b, c, d := (d0+d3)*8, (d1+d2)*8, (d1-d2)*8, (d0-d3)*8
		t[i*4], t[i*4+2] = a+b, a-b
		t[i*4+1] = (c*2217 + d*5352 + 14500) >> 12
		t[i*4+3] = (d*2217 - c*5352 + 7500) >> 12
	}
	for i := range 4 {
		a, b, c, d := t[i]+t[12+i], t[4+i]+t[8+i], t[4+i]-t[8+i], t[i]-t[12+i]
		out[i], out[8+i] = int16((a+b+7)>>4), int16((a-b+7)>>4)
		v := (c*2217 + d*5352 + 12000) >> 16
		if d != 0 {
			v++
		}
		out[4+i] = int16(v)
		out[12+i] = int16((d*2217 - c*5352 + 51000) >> 16)
	}
}

// forwardWHT transforms the 16 DC values of a macroblock's luma blocks.
func forwardWHT(out, in *[16]int16) {
	var t [16]int32
	for i := range 4 {
		v0, v1, v2, v3 := int32(in[i*4]), int32(in[i*4+1]), int32(in[i*4+2]), int32(in[i*4+3])
		a, d, c, b := (v0+v2)*4, (v1+v3)*4, (v1-v3)*4, (v0-v2)*4
		t[i*4] = a + d
		if a != 0 {
			t[i*4]++
		}
		t[i*4+1], t[i*4+2], t[i*4+3] = b+c, b-c, a-d
	}
	for i := range 4 {
		a, d, c, b := t[i]+t[8+i], t[4+i]+t[12+i], t[4+i]-t[12+i], t[i]-t[8+i]
		for j, v := range [4]int32{a + d, b + c, b - c, a - d} {
			if v < 0 {
				v++
			}
			out[j*4+i] = int16((v + 3) >> 3)
		}
	}
}

// quantizer has the steps of one frame.
type quantizer struct {
	y1, y2, uv [2]int32 // DC, AC
}

func newQuantizer(q int) quantizer {
	dc, ac := int32(dcQuant[q]), int32(acQuant[q])
	return quantizer{
		y1: [2]int32{dc, ac},
		y2: [2]int32{2 * dc, max(ac*155/100, 8)},
		uv: [2]int32{min(dc, 132), ac},
	}
}

// quantize writes the levels of c in zigzag order, and what a decoder makes of them to c. It returns the number of levels up
// to the last one that is not zero. What lies close to zero becomes zero: it costs more bits than it is worth.
func quantize(levels, c *[16]int16, step *[2]int32, first int) (n int) {
	for i := first; i < 16; i++ {
		z := zigzag[i]
		s := step[min(i, 1)]
		v := int32(c[z])
		negative := v < 0
		if negative {
			v = -v
		}
		bias := s / 2
		if i > 0 {
			bias = s * 3 / 8
		}
		if v+bias < s { // nearly all: no division
			levels[i], c[z] = 0, 0
			continue
		}
		n = i + 1
		l := min((v+bias)/s, maxLevel)
		if negative {
			l = -l
		}
		levels[i], c[z] = int16(l), int16(l*s)
	}
	return n
}

const maxLevel = 2047
