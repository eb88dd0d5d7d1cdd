package vp8

// The constants of the transform (14.3), in 1/65536: the sine of pi/8 and the cosine less one, both by the root of two.
const (
	sinPi8  = 35468
	cosPi8m = 20091
)

// addBlock adds the inverse transform of c, of which the first n coefficients may be other than 0, to a 4x4 block of dst,
// and clears c.
func addBlock(dst []byte, stride int, c *[16]int16, n int) {
	if n <= 1 {
		addMean(dst, stride, (int32(c[0])+4)>>3)
		c[0] = 0
		return
	}
	var t [16]int32
	for i := range 4 {
		c0, c1, c2, c3 := int32(c[i]), int32(c[4+i]), int32(c[8+i]), int32(c[12+i])
		a, b := c0+c2, c0-c2
		e := c1*sinPi8>>16 - (c3 + c3*cosPi8m>>16)
		f := c1 + c1*cosPi8m>>16 + c3*sinPi8>>16
		t[i], t[4+i], t[8+i], t[12+i] = a+f, b+e, b-e, a-f
	}
	for i := range 4 {
		c0, c1, c2, c3 := t[4*i], t[4*i+1], t[4*i+2], t[4*i+3]
		a, b := c0+c2+4, c0-c2+4
		e := c1*sinPi8>>16 - (c3 + c3*cosPi8m>>16)
		f := c1 + c1*cosPi8m>>16 + c3*sinPi8>>16
		d := (*[4]byte)(dst[i*stride:])
		d[0] = clamp(int32(d[0]) + (a+f)>>3)
		d[1] = clamp(int32(d[1]) + (b+e)>>3)
		d[2] = clamp(int32(d[2]) + (b-e)>>3)
		d[3] = clamp(int32(d[3]) + (a-f)>>3)
	}
	*c = [16]int16{}
}

func addMean(dst []byte, stride int, v int32) {
	if v == 0 {
		return
	}
	for i := range 4 {
		d := (*[4]byte)(dst[i*stride:])
		d[0] = clamp(int32(d[0]) + v)
		d[1] = clamp(int32(d[1]) + v)
		d[2] = clamp(int32(d[2]) + v)
		d[3] = clamp(int32(d[3]) + v)
	}
}

// spreadY2 gives the 16 luma blocks their first coefficients, which are in the Y2 block, and clears that.
func (res *residual) spreadY2() {
	c := &res.coeffs[24]
	if res.ends[24] <= 1 {
		v := int16((int32(c[0]) + 3) >> 3)
		for i := range 16 {
			res.coeffs[i][0] = v
		}
		c[0] = 0
		return
	}
	var out [16]int16
	inverseWHT(&out, c)
	for i, v := range out {
		res.coeffs[i][0] = v
	}
	*c = [16]int16{}
}

// inverseWHT is the inverse Walsh-Hadamard transform (14.3).
func inverseWHT(out, c *[16]int16) {
	var t [16]int32
	for i := range 4 {
		c0, c1, c2, c3 := int32(c[i]), int32(c[4+i]), int32(c[8+i]), int32(c[12+i])
		a, b, e, f := c0+c3, c1+c2, c1-c2, c0-c3
		t[i], t[4+i], t[8+i], t[12+i] = a+b, e+f, a-b, f-e
	}
	for i := range 4 {
		c0, c1, c2, c3 := t[4*i], t[4*i+1], t[4*i+2], t[4*i+3]
		a, b, e, f := c0+c3+3, c1+c2, c1-c2, c0-c3+3
		out[4*i], out[4*i+1] = int16((a+b)>>3), int16((e+f)>>3)
		out[4*i+2], out[4*i+3] = int16((a-b)>>3), int16((f-e)>>3)
	}
}
