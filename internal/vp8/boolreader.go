package vp8

import (
	"encoding/binary"
	"math/bits"
)

// endless is added to boolReader.count at the end of the data, where zeros follow.
const endless = 1 << 30

// boolReader is the boolean entropy decoder (7).
type boolReader struct {
	data  []byte // what is not yet in value
	value uint64 // the next bits, from the top
	rng   uint32 // 128 to 255
	count int    // how many bits of value are there, beyond the first eight
}

func (r *boolReader) init(data []byte) {
	*r = boolReader{data: data, rng: 255, count: -8}
	r.fill()
}

// fill takes as many whole bytes into value as fit.
func (r *boolReader) fill() {
	if len(r.data) >= 8 {
		// The bits of a byte that fits only in part are there already when it is taken as a whole.
		r.value |= binary.BigEndian.Uint64(r.data) >> uint(r.count+8)
		n := (56 - r.count) >> 3
		r.count += 8 * n
		r.data = r.data[n:]
		return
	}
	for shift := 48 - r.count; shift >= 0 && len(r.data) > 0; shift -= 8 {
		r.value |= uint64(r.data[0]) << uint(shift)
		r.data = r.data[1:]
		r.count += 8
	}
	if len(r.data) == 0 {
		r.count += endless
	}
}

// bit reads one bit, which is 0 with the probability prob/256.
func (r *boolReader) bit(prob uint8) bool {
	if r.count < 0 {
		r.fill()
	}
	split := 1 + (r.rng-1)*uint32(prob)>>8
	rng, value := split, r.value
	bigSplit := uint64(split) << 56
	one := value >= bigSplit
	if one {
		rng = r.rng - split
		value -= bigSplit
	}
	shift := uint(bits.LeadingZeros8(uint8(rng))) & 7
	r.rng = rng << shift
	r.value = value << shift
	r.count -= int(shift)
	return one
}

// num reads one bit as a number.
func (r *boolReader) num(prob uint8) int {
	if r.bit(prob) {
		return 1
	}
	return 0
}

// flag reads a bit that is as often 0 as 1.
func (r *boolReader) flag() bool { return r.bit(128) }

// literal reads a number of n bits.
func (r *boolReader) literal(n int) (v int) {
	for ; n > 0; n-- {
		v = v<<1 | r.num(128)
	}
	return v
}

// signed reads a number of n bits and its sign.
func (r *boolReader) signed(n int) int {
	v := r.literal(n)
	if r.flag() {
		return -v
	}
	return v
}

// optional reads a flag, and the signed number of n bits that follows if it is set.
func (r *boolReader) optional(n int) int {
	if r.flag() {
		return r.signed(n)
	}
	return 0
}

// overrun says whether more was read than there was. An encoder may leave out zeros at the end, but hardly more than two
// bytes of them.
func (r *boolReader) overrun() bool {
	return r.count > 64 && r.count < endless-16
}
