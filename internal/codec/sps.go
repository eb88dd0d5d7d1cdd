package codec

import (
	"errors"
	"fmt"
)

var errShort = errors.New("truncated")

// checkSPS reads the part of a sequence parameter set that decides about size and tools, so that a forged one can neither make
// the decoder allocate gigabytes nor lead it into code that it does not have.
func checkSPS(nal []byte) (width, height int, err error) {
	if len(nal) < nalHeaderBytes+3 {
		return 0, 0, fmt.Errorf("sps: %w", errShort)
	}
	profile := nal[1]
	r := bitReader{b: unescape(nal[nalHeaderBytes+3:])}
	if id := r.ue(); id > 31 {
		return 0, 0, fmt.Errorf("sps: id %d", id)
	}
	switch profile {
	case 66, 77, 88:
	case 100:
		if format := r.ue(); format != 1 {
			return 0, 0, fmt.Errorf("sps: chroma format %d, only 4:2:0 is decoded", format)
		}
		if luma, chroma := r.ue(), r.ue(); luma != 0 || chroma != 0 {
			return 0, 0, errors.New("sps: more than 8 bits a sample")
		}
		r.bits(1) // transform bypass
		if r.bits(1) != 0 {
			return 0, 0, errors.New("sps: scaling matrices are not decoded")
		}
	default:
		return 0, 0, fmt.Errorf("sps: profile %d is not decoded", profile)
	}
	if n := r.ue(); n > 12 { // log2_max_frame_num_minus4
		return 0, 0, fmt.Errorf("sps: frame number of %d bits", n+4)
	}
	switch order := r.ue(); order {
	case 0:
		if n := r.ue(); n > 12 {
			return 0, 0, fmt.Errorf("sps: picture order of %d bits", n+4)
		}
	case 1:
		r.bits(1)
		r.ue() // signed, but read only to be skipped
		r.ue()
		n := r.ue()
		if n > 255 {
			return 0, 0, fmt.Errorf("sps: cycle of %d frames", n)
		}
		for range n {
			r.ue()
		}
	case 2:
	default:
		return 0, 0, fmt.Errorf("sps: picture order type %d", order)
	}
	if refs := r.ue(); refs > 16 {
		return 0, 0, fmt.Errorf("sps: %d reference frames", refs)
	}
	r.bits(1) // gaps in frame numbers
	w, h := r.ue(), r.ue()
	progressive := r.bits(1)
	if r.failed {
		return 0, 0, fmt.Errorf("sps: %w", errShort)
	}
	if progressive == 0 {
		return 0, 0, errors.New("sps: interlaced video is not decoded")
	}
	if w >= maxWidth/16 || h >= maxHeight/16 {
		return 0, 0, fmt.Errorf("sps: larger than %dx%d", maxWidth, maxHeight)
	}
	return int(w+1) * 16, int(h+1) * 16, nil
}

// unescape removes the emulation prevention bytes.
func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	zeros := 0
	for _, c := range b {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}

// bitReader reads a raw byte sequence payload. After its end it returns zeros and failed is true.
type bitReader struct {
	b      []byte
	pos    int
	failed bool
}

func (r *bitReader) bits(n int) uint32 {
	var v uint32
	for range n {
		v <<= 1
		if r.pos>>3 >= len(r.b) {
			r.failed = true
			continue
		}
		v |= uint32(r.b[r.pos>>3]>>(7-r.pos&7)) & 1
		r.pos++
	}
	return v
}

// ue reads an unsigned Exp-Golomb code.
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.bits(1) == 0 {
		zeros++
		if zeros > 31 || r.failed {
			r.failed = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}
