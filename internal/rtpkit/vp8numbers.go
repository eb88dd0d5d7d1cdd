package rtpkit

// VP8Numbers are the running numbers in the payload descriptor of a VP8 packet (RFC 7741, 4.2), by which browsers
// tell pictures apart. A stream that is put together from several ones has to go on counting where it was.
type VP8Numbers struct {
	Picture uint16 // 15 bits; of a short one the lower 7
	Base    uint8  // TL0PICIDX: of the pictures of the lowest temporal layer
}

// vp8Places are where the numbers are in a payload, 0: nowhere.
func vp8Places(p []byte) (picture, base int, long bool) {
	if len(p) < 2 || p[0]&0x80 == 0 {
		return 0, 0, false
	}
	ext, n := p[1], 2
	if ext&0x80 != 0 && len(p) > n {
		picture, long = n, p[n]&0x80 != 0
		if n++; long {
			n++
		}
	}
	if ext&0x40 != 0 {
		base = n
		n++
	}
	if len(p) < n {
		return 0, 0, false // cut off
	}
	return picture, base, long
}

// ReadVP8Numbers reads what there is; the rest is zero.
func ReadVP8Numbers(p []byte) (n VP8Numbers) {
	picture, base, long := vp8Places(p)
	switch {
	case long:
		n.Picture = uint16(p[picture]&0x7f)<<8 | uint16(p[picture+1])
	case picture > 0:
		n.Picture = uint16(p[picture] & 0x7f)
	}
	if base > 0 {
		n.Base = p[base]
	}
	return n
}

// Minus is what must be added to o to get n. The same added to zero is the way back.
func (n VP8Numbers) Minus(o VP8Numbers) VP8Numbers {
	return VP8Numbers{n.Picture - o.Picture, n.Base - o.Base} // wrap
}

// Plus adds, as ShiftVP8Numbers does in a payload.
func (n VP8Numbers) Plus(o VP8Numbers) VP8Numbers {
	return VP8Numbers{n.Picture + o.Picture, n.Base + o.Base} // wrap
}

// Next are the numbers of a picture that follows.
func (n VP8Numbers) Next() VP8Numbers { return VP8Numbers{n.Picture + 1, n.Base + 1} } // wrap

// ShiftVP8Numbers adds to the numbers in a payload, in place.
func ShiftVP8Numbers(p []byte, by VP8Numbers) {
	if by == (VP8Numbers{}) {
		return
	}
	picture, base, long := vp8Places(p)
	switch {
	case long:
		v := (uint16(p[picture]&0x7f)<<8 | uint16(p[picture+1])) + by.Picture
		p[picture], p[picture+1] = 0x80|byte(v>>8), byte(v)
	case picture > 0:
		p[picture] = (p[picture] + byte(by.Picture)) & 0x7f
	}
	if base > 0 {
		p[base] += by.Base
	}
}
