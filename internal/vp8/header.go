package vp8

import (
	"errors"
	"fmt"
)

// The largest picture, either way up.
const (
	maxSide = 4096
	maxArea = 4096 * 2304
)

var errTruncated = errors.New("vp8: truncated frame")

// frameTag is what a frame begins with, not entropy-coded (9.1).
type frameTag struct {
	key           bool
	version       int
	show          bool
	firstLen      int // the size of the first partition
	width, height int // of a key frame
}

func readTag(frame []byte) (t frameTag, rest []byte, err error) {
	if len(frame) < 3 {
		return t, nil, errTruncated
	}
	bits := int(frame[0]) | int(frame[1])<<8 | int(frame[2])<<16
	t = frameTag{key: bits&1 == 0, version: bits >> 1 & 7, show: bits>>4&1 != 0, firstLen: bits >> 5}
	rest = frame[3:]
	if t.key {
		if len(rest) < 7 {
			return t, nil, errTruncated
		}
		if rest[0] != 0x9d || rest[1] != 0x01 || rest[2] != 0x2a {
			return t, nil, errors.New("vp8: a key frame without its start code")
		}
		// The upper two bits ask for the picture to be shown larger, which nobody does.
		t.width, t.height = (int(rest[3])|int(rest[4])<<8)&0x3fff, (int(rest[5])|int(rest[6])<<8)&0x3fff
		if t.width == 0 || t.height == 0 || t.width > maxSide || t.height > maxSide || t.width*t.height > maxArea {
			return t, nil, fmt.Errorf("vp8: picture of %dx%d", t.width, t.height)
		}
		rest = rest[7:]
	}
	if t.firstLen == 0 || t.firstLen > len(rest) {
		return t, nil, errTruncated
	}
	return t, rest, nil
}

// segmentation gives the macroblocks of a picture different quantizers and filters (9.3). It holds from frame to frame.
type segmentation struct {
	enabled   bool
	updateMap bool
	absolute  bool // instead of added to those of the frame
	quant     [4]int
	filter    [4]int
	treeProbs [3]uint8
}

func (s *segmentation) read(r *boolReader) {
	s.updateMap = false
	if s.enabled = r.flag(); !s.enabled {
		return
	}
	s.updateMap = r.flag()
	if r.flag() {
		s.absolute = r.flag()
		for i := range s.quant {
			s.quant[i] = r.optional(7)
		}
		for i := range s.filter {
			s.filter[i] = r.optional(6)
		}
	}
	if s.updateMap {
		for i := range s.treeProbs {
			s.treeProbs[i] = 255
			if r.flag() {
				s.treeProbs[i] = uint8(r.literal(8))
			}
		}
	}
}

// filterHeader says how the edges of blocks are smoothed (9.3, 9.6). The deltas hold from frame to frame.
type filterHeader struct {
	simple     bool
	level      int
	sharpness  int
	deltas     bool
	refDeltas  [4]int // by what is predicted from
	modeDeltas [4]int // 4x4 blocks, no motion, motion, several vectors
}

func (f *filterHeader) read(r *boolReader) {
	f.simple = r.flag()
	f.level = r.literal(6)
	f.sharpness = r.literal(3)
	if f.deltas = r.flag(); f.deltas && r.flag() {
		for _, deltas := range []*[4]int{&f.refDeltas, &f.modeDeltas} {
			for i := range deltas {
				if r.flag() {
					deltas[i] = r.signed(6)
				}
			}
		}
	}
}

// quantHeader is the index of the quantizer, and what is added to it for some kinds of coefficients (9.6).
type quantHeader struct {
	index                              int
	y1DC, y2DC, y2AC, chromaDC, chroma int
}

func (q *quantHeader) read(r *boolReader) {
	q.index = r.literal(7)
	for _, delta := range []*int{&q.y1DC, &q.y2DC, &q.y2AC, &q.chromaDC, &q.chroma} {
		*delta = r.optional(4)
	}
}

// probabilities are those that hold from frame to frame, unless a frame says that its own are for itself only.
type probabilities struct {
	coeffs [4][8][3][11]uint8
	mv     [2][numMV]uint8
	yMode  [4]uint8
	uvMode [3]uint8
}

var defaultProbabilities = probabilities{defaultCoeffProbs, defaultMVProbs, interYModeProbs, interUVModeProbs}

// readCoeffs reads which probabilities of coefficients change (9.9).
func (p *probabilities) readCoeffs(r *boolReader) {
	for i := range p.coeffs {
		for j := range p.coeffs[i] {
			for k := range p.coeffs[i][j] {
				for l := range p.coeffs[i][j][k] {
					if r.bit(coeffUpdateProbs[i][j][k][l]) {
						p.coeffs[i][j][k][l] = uint8(r.literal(8))
					}
				}
			}
		}
	}
}

// readModes reads which probabilities of modes and motion vectors change (9.10).
func (p *probabilities) readModes(r *boolReader) {
	if r.flag() {
		for i := range p.yMode {
			p.yMode[i] = uint8(r.literal(8))
		}
	}
	if r.flag() {
		for i := range p.uvMode {
			p.uvMode[i] = uint8(r.literal(8))
		}
	}
	for i := range p.mv {
		for j := range p.mv[i] {
			if r.bit(mvUpdateProbs[i][j]) {
				p.mv[i][j] = uint8(max(1, 2*r.literal(7)))
			}
		}
	}
}

// header is what a frame says of itself alone.
type header struct {
	frameTag
	quant                        quantHeader
	refreshGolden, refreshAltref bool
	copyGolden, copyAltref       int // from: 0 nothing, 1 the last frame, 2 the other one
	refreshLast                  bool
	keepProbs                    bool // they hold for later frames too
	skipping                     bool // macroblocks say whether they have coefficients at all
	skipProb                     uint8
	intraProb, lastProb, gfProb  uint8
}

// readHeader reads the header of the frame, whose first partition r begins with; rest is what follows the partition.
func (d *Decoder) readHeader(r *boolReader, rest []byte) error {
	h := &d.hdr
	if h.key {
		r.flag() // the colour space: there is only one
		r.flag() // whether pixels may go out of range: they are always held in it
		d.seg = segmentation{}
		d.filter = filterHeader{}
		d.signBias = [numRefs]bool{}
		d.probs = defaultProbabilities
	}
	d.seg.read(r)
	d.filter.read(r)
	if err := d.splitPartitions(rest, 1<<r.literal(2)); err != nil {
		return err
	}
	h.quant.read(r)
	h.refreshGolden, h.refreshAltref, h.refreshLast = true, true, true
	h.copyGolden, h.copyAltref = 0, 0
	if !h.key {
		h.refreshGolden, h.refreshAltref = r.flag(), r.flag()
		if !h.refreshGolden {
			h.copyGolden = r.literal(2)
		}
		if !h.refreshAltref {
			h.copyAltref = r.literal(2)
		}
		if h.copyGolden == 3 || h.copyAltref == 3 {
			return errors.New("vp8: a reference is copied from nowhere")
		}
		d.signBias[refGolden], d.signBias[refAltref] = r.flag(), r.flag()
	}
	if h.keepProbs = r.flag(); !h.keepProbs {
		d.savedProbs = d.probs
	}
	if !h.key {
		h.refreshLast = r.flag()
	}
	d.probs.readCoeffs(r)
	h.skipProb = 0
	if h.skipping = r.flag(); h.skipping {
		h.skipProb = uint8(r.literal(8))
	}
	if !h.key {
		h.intraProb, h.lastProb, h.gfProb = uint8(r.literal(8)), uint8(r.literal(8)), uint8(r.literal(8))
		d.probs.readModes(r)
	}
	if r.overrun() {
		return errTruncated
	}
	return nil
}

// splitPartitions finds the n partitions with the coefficients (9.5).
func (d *Decoder) splitPartitions(data []byte, n int) error {
	sizes := data
	if len(data) < 3*(n-1) {
		return errTruncated
	}
	data = data[3*(n-1):]
	d.numParts = n
	for i := range n {
		size := len(data)
		if i < n-1 {
			size = int(sizes[3*i]) | int(sizes[3*i+1])<<8 | int(sizes[3*i+2])<<16
		}
		if size > len(data) {
			return errTruncated
		}
		d.parts[i].init(data[:size])
		data = data[size:]
	}
	return nil
}
