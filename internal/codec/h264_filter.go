package codec

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// maxParameterSets bounds the parameter sets kept, in NAL units. The format allows for 32 + 256; encoders use two or three.
const maxParameterSets = 16

// maxAccessUnit is the size of the largest access unit that is decoded, in bytes.
const maxAccessUnit = 8 << 20

// h264Filter decides what of an access unit the decoder gets to see: slices, and in front of a key frame the parameter sets
// that were in force when it came. Parameter sets that change anywhere else make the stream wait for a key frame.
type h264Filter struct {
	params  []byte // in force, Annex B
	pending [][]byte
	running bool // a key frame has been passed on, and nothing was lost since
	buf     []byte
}

// next returns what to decode, nothing if the access unit has no slices. Fresh: with parameter sets that the decoder does
// not know, so that it must start anew. The result is valid until the next call.
func (f *h264Filter) next(au []byte) (in []byte, fresh bool, err error) {
	if len(au) > maxAccessUnit {
		f.lost()
		return nil, false, fmt.Errorf("h264 decoder: access unit of %d bytes", len(au))
	}
	found, key, hasSlices, err := f.scan(au)
	if err != nil {
		f.lost()
		return nil, false, err
	}
	switch {
	case !found:
		f.lost()
		return nil, false, errors.New("h264 decoder: not an Annex B access unit")
	case !hasSlices:
		return nil, false, nil
	case key:
		f.buf, fresh = f.buf[:0], f.adopt()
		if len(f.params) == 0 {
			f.lost()
			return nil, false, errors.New("h264 decoder: key frame without parameter sets")
		}
		f.buf = append(f.buf, f.params...)
		fresh = fresh || !f.running
		f.running = true
	case !f.running || f.changed():
		f.lost()
		return nil, false, ErrKeyFrameNeeded
	default:
		f.buf = f.buf[:0]
	}
	for nal, rest := nextNAL(au); nal != nil; nal, rest = nextNAL(rest) {
		if len(nal) > nalHeaderBytes && (nal[0]&31 == nalSlice || nal[0]&31 == nalIDR) {
			f.buf = append(append(f.buf, startCode...), nal...)
		}
	}
	return f.buf, fresh, nil
}

// lost makes everything up to the next key frame an error.
func (f *h264Filter) lost() { f.running = false }

// scan looks at every NAL unit and remembers the parameter sets among them.
func (f *h264Filter) scan(au []byte) (found, key, hasSlices bool, err error) {
	plain := false
	for nal, rest := nextNAL(au); nal != nil; nal, rest = nextNAL(rest) {
		if len(nal) <= nalHeaderBytes {
			continue
		}
		if nal[0]&0x80 != 0 {
			return false, false, false, errors.New("h264 decoder: forbidden bit is set")
		}
		found = true
		switch t := nal[0] & 31; {
		case t == nalSlice:
			plain = true
		case t == nalIDR:
			key = true
		case t >= nalPartitionA && t <= nalPartitionC:
			return false, false, false, errors.New("h264 decoder: data partitioning is not decoded")
		case t == nalSPS:
			if _, _, err := checkSPS(nal); err != nil {
				return false, false, false, fmt.Errorf("h264 decoder: %w", err)
			}
			fallthrough
		case t == nalPPS:
			if err := f.remember(nal); err != nil {
				return false, false, false, err
			}
		}
	}
	if key && plain {
		return false, false, false, errors.New("h264 decoder: key frame mixed with other slices")
	}
	return found, key, key || plain, nil
}

// remember keeps a parameter set in place of an older one with the same id. Sequence parameter sets stay in front of the
// picture parameter sets that refer to them.
func (f *h264Filter) remember(nal []byte) error {
	id := parameterSetID(nal)
	for i, p := range f.pending {
		if parameterSetID(p) == id {
			if !bytes.Equal(p, nal) {
				f.pending[i] = bytes.Clone(nal)
			}
			return nil
		}
	}
	if len(f.pending) == maxParameterSets {
		f.pending = nil
		return errors.New("h264 decoder: too many parameter sets")
	}
	at := len(f.pending)
	if nal[0]&31 == nalSPS {
		at = 0
	}
	f.pending = slices.Insert(f.pending, at, bytes.Clone(nal))
	return nil
}

// parameterSetID returns a number that differs for parameter sets that do not replace each other.
func parameterSetID(nal []byte) uint32 {
	skip := nalHeaderBytes
	if nal[0]&31 == nalSPS {
		skip += 3
	}
	if len(nal) <= skip {
		return uint32(nal[0] & 31)
	}
	r := bitReader{b: nal[skip:]} // an id is so short that no byte of it can be escaped
	return r.ue()<<8 | uint32(nal[0]&31)
}

// adopt puts the remembered parameter sets in force, and tells whether that changes anything.
func (f *h264Filter) adopt() bool {
	if !f.changed() {
		return false
	}
	f.params = f.joined()
	return true
}

func (f *h264Filter) changed() bool {
	rest := f.params
	for _, p := range f.pending {
		if !bytes.HasPrefix(rest, startCode) || !bytes.HasPrefix(rest[len(startCode):], p) {
			return true
		}
		rest = rest[len(startCode)+len(p):]
	}
	return len(rest) != 0
}

// joined returns the remembered parameter sets as Annex B.
func (f *h264Filter) joined() []byte {
	var out []byte
	for _, p := range f.pending {
		out = append(append(out, startCode...), p...)
	}
	return out
}
