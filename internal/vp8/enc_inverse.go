package vp8

// reconstruct adds what a decoder makes of the coefficients to the prediction.
func reconstruct(dst []uint8, dstStride int, pred []uint8, predStride int, c *[16]int16) {
	const sine, cosine = 35468, 20091 // sqrt(2) sin(pi/8), sqrt(2) cos(pi/8) - 1, in 1/65536
	var t [16]int32
	for i := range 4 {
		v0, v1, v2, v3 := int32(c[i]), int32(c[4+i]), int32(c[8+i]), int32(c[12+i])
		a, b := v0+v2, v0-v2
		p := v1*sine>>16 - v3 - v3*cosine>>16
		q := v1 + v1*cosine>>16 + v3*sine>>16
		t[i], t[12+i], t[4+i], t[8+i] = a+q, a-q, b+p, b-p
	}
	for i := range 4 {
		v0, v1, v2, v3 := t[i*4], t[i*4+1], t[i*4+2], t[i*4+3]
		a, b := v0+v2+4, v0-v2+4
		p := v1*sine>>16 - v3 - v3*cosine>>16
		q := v1 + v1*cosine>>16 + v3*sine>>16
		d, s := dst[i*dstStride:i*dstStride+4], pred[i*predStride:i*predStride+4]
		d[0], d[3] = clamp(int32(s[0])+(a+q)>>3), clamp(int32(s[3])+(a-q)>>3)
		d[1], d[2] = clamp(int32(s[1])+(b+p)>>3), clamp(int32(s[2])+(b-p)>>3)
	}
}

// inverseWHT gives the DC values of the 16 luma blocks back.
func inverseWHT(out, in *[16]int16) {
	var t [16]int32
	for i := range 4 {
		a, b := int32(in[i])+int32(in[12+i]), int32(in[4+i])+int32(in[8+i])
		c, d := int32(in[4+i])-int32(in[8+i]), int32(in[i])-int32(in[12+i])
		t[i], t[4+i], t[8+i], t[12+i] = a+b, c+d, a-b, d-c
	}
	for i := range 4 {
		a, b := t[i*4]+t[i*4+3], t[i*4+1]+t[i*4+2]
		c, d := t[i*4+1]-t[i*4+2], t[i*4]-t[i*4+3]
		out[i*4], out[i*4+1] = int16((a+b+3)>>3), int16((c+d+3)>>3)
		out[i*4+2], out[i*4+3] = int16((a-b+3)>>3), int16((d-c+3)>>3)
	}
}
