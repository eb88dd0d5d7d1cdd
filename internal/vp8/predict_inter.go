package vp8

import "encoding/binary"

// predictInter predicts a macroblock from another picture (18).
func (d *Decoder) predictInter(mb *mbInfo, x, y int) {
	ref := d.refs[mb.ref]
	b := d.bounds(x, y)
	if mb.mode != modeSplit {
		v := mb.mv.limit(&b)
		d.predictLuma(ref, 16*x, 16*y, 16, v)
		d.predictChroma(ref, 8*x, 8*y, 8, d.wholePixels(v))
		return
	}
	if mb.split < splitSixteen {
		for i := range 4 {
			v := mb.mvs[i>>1*8+i&1*2].limit(&b)
			d.predictLuma(ref, 16*x+i&1*8, 16*y+i>>1*8, 8, v)
		}
	} else {
		for i, v := range mb.mvs {
			d.predictLuma(ref, 16*x+i&3*4, 16*y+i>>2*4, 4, v.limit(&b))
		}
	}
	var vs [4]motion
	for i := range vs {
		at := i>>1*8 + i&1*2
		a, b, c, e := mb.mvs[at], mb.mvs[at+1], mb.mvs[at+4], mb.mvs[at+5]
		vs[i] = motion{
			x: quarter(int(a.x) + int(b.x) + int(c.x) + int(e.x)),
			y: quarter(int(a.y) + int(b.y) + int(c.y) + int(e.y)),
		}
		vs[i] = d.wholePixels(vs[i])
	}
	for i, v := range vs {
		d.predictChroma(ref, 8*x+i&1*4, 8*y+i>>1*4, 4, v.limit(&b))
	}
}

// quarter divides a sum of four by four, rounded away from zero.
func quarter(sum int) int16 {
	if sum < 0 {
		return int16(-((2 - sum) / 4))
	}
	return int16((sum + 2) / 4)
}

// wholePixels makes a vector of chroma one of whole pixels where the version says so. Vectors of luma are such from the
// encoder already.
func (d *Decoder) wholePixels(v motion) motion {
	if d.hdr.version == 3 {
		v.x, v.y = v.x&^7, v.y&^7
	}
	return v
}

// limit brings a vector that points so far beyond the picture that only the border's pixels are seen to where the border
// surely reaches.
func (v motion) limit(b *bounds) motion {
	return motion{
		x: limit(v.x, b.left, b.right),
		y: limit(v.y, b.top, b.bottom),
	}
}

func limit(v int16, low, high int) int16 {
	if int(v) < low-3*4 {
		return int16(low)
	}
	if int(v) > high+2*4 {
		return int16(high)
	}
	return v
}

// predictLuma predicts size*size pixels with a vector in quarters of a pixel.
func (d *Decoder) predictLuma(ref *frame, x, y, size int, v motion) {
	d.predictPlane(&d.cur.planes[0], &ref.planes[0], x, y, size, int(v.x)*2, int(v.y)*2)
}

// predictChroma predicts size*size pixels of both chroma planes with a vector in eighths of a pixel.
func (d *Decoder) predictChroma(ref *frame, x, y, size int, v motion) {
	for i := 1; i < 3; i++ {
		d.predictPlane(&d.cur.planes[i], &ref.planes[i], x, y, size, int(v.x), int(v.y))
	}
}

// predictPlane predicts size*size pixels that have moved by vx and vy eighths of a pixel.
func (d *Decoder) predictPlane(dst, ref *plane, x, y, size, vx, vy int) {
	to, from := dst.at(x, y), ref.at(x+vx>>3, y+vy>>3)
	fx, fy := vx&7, vy&7
	stride := dst.stride
	switch {
	case fx|fy == 0:
		copyBlock(dst.pix[to:], ref.pix[from:], stride, size)
	case d.hdr.version != 0 && d.hdr.version < 4:
		d.bilinear(dst.pix[to:], ref.pix[from:], stride, size, fx, fy)
	case fy == 0:
		filterSix(dst.pix[to:], stride, ref.pix, from, stride, 1, size, size, &sixTaps[fx])
	case fx == 0:
		filterSix(dst.pix[to:], stride, ref.pix, from, stride, stride, size, size, &sixTaps[fy])
	default:
		tmp := d.scratch[:]
		filterSix(tmp, 16, ref.pix, from-2*stride, stride, 1, size, size+5, &sixTaps[fx])
		filterSix(dst.pix[to:], stride, tmp, 2*16, 16, 16, size, size, &sixTaps[fy])
	}
}

func copyBlock(dst, src []byte, stride, size int) {
	for y := range size {
		d, s := dst[y*stride:], src[y*stride:]
		switch size {
		case 16:
			*(*[16]byte)(d) = *(*[16]byte)(s)
		case 8:
			*(*[8]byte)(d) = *(*[8]byte)(s)
		default:
			*(*[4]byte)(d) = *(*[4]byte)(s)
		}
	}
}

// Eight pixels are worked on at once: those with even numbers in the four 16-bit lanes of one word, and the others in those
// of another.
const (
	lanes = 0x0001_0001_0001_0001
	low   = 0x00ff * lanes
)

// filterSix filters w*h pixels with six pixels each that are step apart: 1 for a horizontal filter, the stride for a vertical
// one. Some pixels to the right of what is needed are read.
func filterSix(dst []byte, dstStride int, src []byte, pos, stride, step, w, h int, taps *[6]uint64) {
	t0, t1, t2, t3, t4, t5 := taps[0], taps[1], taps[2], taps[3], taps[4], taps[5]
	for y := range h {
		for x := 0; x < w; x += 8 {
			at := pos + y*stride + x - 2*step
			a := binary.LittleEndian.Uint64(src[at:])
			b := binary.LittleEndian.Uint64(src[at+step:])
			c := binary.LittleEndian.Uint64(src[at+2*step:])
			d := binary.LittleEndian.Uint64(src[at+3*step:])
			e := binary.LittleEndian.Uint64(src[at+4*step:])
			f := binary.LittleEndian.Uint64(src[at+5*step:])
			even := a&low*t0 + c&low*t2 + d&low*t3 + f&low*t5 + tapBias*lanes - (b&low*t1 + e&low*t4)
			odd := a>>8&low*t0 + c>>8&low*t2 + d>>8&low*t3 + f>>8&low*t5 + tapBias*lanes - (b>>8&low*t1 + e>>8&low*t4)
			v := unbias(even>>7&(0x1ff*lanes)) | unbias(odd>>7&(0x1ff*lanes))<<8
			if w >= 8 {
				binary.LittleEndian.PutUint64(dst[y*dstStride+x:], v)
			} else {
				binary.LittleEndian.PutUint32(dst[y*dstStride+x:], uint32(v))
			}
		}
	}
}

// tapBias keeps the sum of the taps positive: it is more than the taps that are subtracted can make, a multiple of 128,
// with half of 128 for rounding.
const tapBias = 64*128 + 64

// unbias takes the 64 that tapBias has become off each lane, and brings it into the range of a pixel.
func unbias(v uint64) uint64 {
	v = (v | 0x8000*lanes) - 64*lanes
	positive := v >> 15 & lanes
	v &= positive<<16 - positive
	over := v >> 8 & lanes
	return (v | (over<<8 - over)) & low
}

// bilinear filters size*size pixels with their neighbours to the right and below (18.3).
func (d *Decoder) bilinear(dst, src []byte, stride, size, fx, fy int) {
	tmp := d.scratch[:]
	filterTwo(tmp, 16, src, stride, 1, size, size+1, uint64(fx))
	filterTwo(dst, stride, tmp, 16, 16, size, size, uint64(fy))
}

// filterTwo filters w*h pixels, each with the one that is step further, which has the weight of f eighths.
func filterTwo(dst []byte, dstStride int, src []byte, stride, step, w, h int, f uint64) {
	for y := range h {
		for x := 0; x < w; x += 8 {
			at := y*stride + x
			a := binary.LittleEndian.Uint64(src[at:])
			b := binary.LittleEndian.Uint64(src[at+step:])
			even := a&low*(8-f) + b&low*f + 4*lanes
			odd := a>>8&low*(8-f) + b>>8&low*f + 4*lanes
			v := even>>3&low | odd>>3&low<<8
			if w >= 8 {
				binary.LittleEndian.PutUint64(dst[y*dstStride+x:], v)
			} else {
				binary.LittleEndian.PutUint32(dst[y*dstStride+x:], uint32(v))
			}
		}
	}
}
