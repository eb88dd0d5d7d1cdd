package vp8

import "math/bits"

// boolWriter is the arithmetic coder of RFC 6386, section 7.
type boolWriter struct {
	buf   []byte
	low   uint32
	width uint32 // of the interval, 128 to 255 between two bits
	count int    // of bits in low beyond those that make the next byte
}

// reset begins anew and keeps the memory.
func (w *boolWriter) reset() { *w = boolWriter{buf: w.buf[:0], width: 255, count: -24} }

// put writes a bit that is false with a probability of prob in 256.
func (w *boolWriter) put(bit bool, prob uint8) {
	split := 1 + ((w.width-1)*uint32(prob))>>8
	if bit {
		w.low += split
		w.width -= split
	} else {
		w.width = split
	}
	shift := bits.LeadingZeros8(uint8(w.width))
	w.width <<= shift
	w.count += shift
	if w.count >= 0 {
		offset := shift - w.count
		if w.low<<(offset-1)&0x80000000 != 0 {
			w.carry()
		}
		w.buf = append(w.buf, byte(w.low>>(24-offset)))
		w.low = w.low << offset & 0xffffff
		shift = w.count
		w.count -= 8
	}
	w.low <<= shift
}

// carry adds one to what is written already.
func (w *boolWriter) carry() {
	i := len(w.buf) - 1
	for ; w.buf[i] == 0xff; i-- {
		w.buf[i] = 0
	}
	w.buf[i]++
}

// literal writes the n lowest bits of v, the highest first.
func (w *boolWriter) literal(v, n int) {
	for n--; n >= 0; n-- {
		w.put(v>>n&1 != 0, 128)
	}
}

func (w *boolWriter) flag(on bool) { w.put(on, 128) }

// bytes ends the partition.
func (w *boolWriter) bytes() []byte {
	for range 32 {
		w.put(false, 128)
	}
	return w.buf
}
