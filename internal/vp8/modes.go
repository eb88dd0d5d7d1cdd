package vp8

// How a macroblock is predicted (RFC 6386, 8.2, 16.2). The order is that of the RFC's trees and tables.
const (
	modeDC = iota // the mean of the row above and of the column to the left
	modeV         // the row above
	modeH         // the column to the left
	modeTM        // both, with the corner taken off
	modeB         // each 4x4 block in a way of its own (luma only)

	modeNearest // with the motion vector that most of the neighbours have
	modeNear    // with the one that is next
	modeZero    // without motion
	modeNew     // with a vector of its own
	modeSplit   // with several
)

// How a 4x4 block is predicted (8.3).
const (
	bDC = iota
	bTM
	bVE
	bHE
	bLD
	bRD
	bVR
	bVL
	bHD
	bHU
	numBModes
)

// What a macroblock is predicted from.
const (
	refIntra = iota // the picture itself
	refLast
	refGolden
	refAltref
	numRefs
)

// macroblock is what a frame says of one macroblock. Those after it read it too.
type mbInfo struct {
	mode, uvMode uint8
	ref          uint8
	segment      uint8 // of earlier frames, unless this one says it
	empty        bool  // it has no coefficients
	split        uint8 // of modeSplit
	mv           motion
	bModes       [16]uint8  // of modeB
	mvs          [16]motion // of modeSplit
}

// readModes reads how the macroblock at column x and row y is predicted.
func (d *Decoder) readModes(r *boolReader, mb *mbInfo, x, y int) {
	if d.seg.updateMap {
		p := &d.seg.treeProbs
		if r.bit(p[0]) {
			mb.segment = uint8(2 + r.num(p[2]))
		} else {
			mb.segment = uint8(r.num(p[1]))
		}
	} else if d.hdr.key {
		mb.segment = 0
	}
	mb.empty = d.hdr.skipping && r.bit(d.hdr.skipProb)
	mb.mv = motion{}
	switch {
	case d.hdr.key:
		d.readKeyModes(r, mb, x, y)
	case r.bit(d.hdr.intraProb):
		d.readInterModes(r, mb, x, y)
	default:
		d.readIntraModes(r, mb)
	}
}

func (d *Decoder) readKeyModes(r *boolReader, mb *mbInfo, x, y int) {
	mb.ref = refIntra
	p := &keyYModeProbs
	switch {
	case !r.bit(p[0]):
		mb.mode = modeB
		above, left := d.mb(x, y-1), d.mb(x-1, y)
		for i := range 16 {
			var a, l uint8
			if i < 4 {
				a = above.edgeMode(i + 12)
			} else {
				a = mb.bModes[i-4]
			}
			if i&3 == 0 {
				l = left.edgeMode(i + 3)
			} else {
				l = mb.bModes[i-1]
			}
			mb.bModes[i] = readBMode(r, &keyBModeProbs[a][l])
		}
	case !r.bit(p[1]):
		mb.mode = uint8(modeDC + r.num(p[2]))
	default:
		mb.mode = uint8(modeH + r.num(p[3]))
	}
	mb.uvMode = readUVMode(r, &keyUVModeProbs)
}

// edgeMode is the mode of 4x4 block i, which is next to another macroblock.
func (mb *mbInfo) edgeMode(i int) uint8 {
	switch mb.mode {
	case modeB:
		return mb.bModes[i]
	case modeV:
		return bVE
	case modeH:
		return bHE
	case modeTM:
		return bTM
	}
	return bDC
}

// readIntraModes reads the modes of a macroblock that is predicted from the picture itself, in an inter frame.
func (d *Decoder) readIntraModes(r *boolReader, mb *mbInfo) {
	mb.ref = refIntra
	p := &d.probs.yMode
	switch {
	case !r.bit(p[0]):
		mb.mode = modeDC
	case !r.bit(p[1]):
		mb.mode = uint8(modeV + r.num(p[2]))
	case !r.bit(p[3]):
		mb.mode = modeTM
	default:
		mb.mode = modeB
		for i := range mb.bModes {
			mb.bModes[i] = readBMode(r, &interBModeProbs)
		}
	}
	mb.uvMode = readUVMode(r, &d.probs.uvMode)
}

func readUVMode(r *boolReader, p *[3]uint8) uint8 {
	switch {
	case !r.bit(p[0]):
		return modeDC
	case !r.bit(p[1]):
		return modeV
	}
	return uint8(modeH + r.num(p[2]))
}

func readBMode(r *boolReader, p *[numBModes - 1]uint8) uint8 {
	switch {
	case !r.bit(p[0]):
		return bDC
	case !r.bit(p[1]):
		return bTM
	case !r.bit(p[2]):
		return bVE
	case !r.bit(p[3]):
		if !r.bit(p[4]) {
			return bHE
		}
		return uint8(bRD + r.num(p[5]))
	case !r.bit(p[6]):
		return bLD
	case !r.bit(p[7]):
		return bVL
	}
	return uint8(bHD + r.num(p[8]))
}
