package vp8

// motion is a motion vector, in quarters of a pixel.
type motion struct{ x, y int16 }

// clamp keeps a vector from pointing further than a macroblock beyond the picture.
func (v motion) clamp(b *bounds) motion {
	return motion{
		x: int16(min(max(int(v.x), b.left), b.right)),
		y: int16(min(max(int(v.y), b.top), b.bottom)),
	}
}

// bounds are how far the vectors of a macroblock may point, in quarters of a pixel.
type bounds struct{ left, right, top, bottom int }

func (d *Decoder) bounds(x, y int) bounds {
	return bounds{left: -(x + 1) * 64, right: (d.cols - x) * 64, top: -(y + 1) * 64, bottom: (d.rows - y) * 64}
}

// neighbours are the vectors that a macroblock may take over (16.3).
type neighbours struct {
	mvs    [4]motion // none, nearest, near, and what is left
	counts [4]uint8  // how often they are there; the last is of the neighbours with several vectors
}

// near finds the vectors around the macroblock at x and y, which is predicted from ref.
func (d *Decoder) near(n *neighbours, ref uint8, x, y int) {
	last := 0
	for i, mb := range [...]*mbInfo{d.mb(x, y-1), d.mb(x-1, y), d.mb(x-1, y-1)} {
		if mb.ref == refIntra {
			continue
		}
		weight := uint8(2)
		if i == 2 {
			weight = 1
		}
		v := mb.mv
		if v == (motion{}) {
			n.counts[0] += weight
			continue
		}
		if d.signBias[mb.ref] != d.signBias[ref] {
			v = motion{-v.x, -v.y}
		}
		if last == 0 || v != n.mvs[last] {
			last++
			n.mvs[last] = v
		}
		n.counts[last] += weight
	}
}

// sort puts the vector first that is there most often. It is not called before the mode without motion is ruled out,
// since that is told by the counts as they are found.
func (n *neighbours) sort() {
	if n.counts[3] > 0 && n.mvs[3] == n.mvs[1] {
		n.counts[1]++
	}
	if n.counts[2] > n.counts[1] {
		n.counts[1], n.counts[2] = n.counts[2], n.counts[1]
		n.mvs[1], n.mvs[2] = n.mvs[2], n.mvs[1]
	}
}

// readInterModes reads from which frame the macroblock at x and y is predicted, and with which motion.
func (d *Decoder) readInterModes(r *boolReader, mb *mbInfo, x, y int) {
	mb.ref = refLast
	if r.bit(d.hdr.lastProb) {
		mb.ref = uint8(refGolden + r.num(d.hdr.gfProb))
	}
	var n neighbours
	d.near(&n, mb.ref, x, y)
	if !r.bit(modeContexts[n.counts[0]][0]) {
		mb.mode = modeZero
		return
	}
	n.sort()
	b := d.bounds(x, y)
	if !r.bit(modeContexts[n.counts[1]][1]) {
		mb.mode, mb.mv = modeNearest, n.mvs[1].clamp(&b)
		return
	}
	if !r.bit(modeContexts[n.counts[2]][2]) {
		mb.mode, mb.mv = modeNear, n.mvs[2].clamp(&b)
		return
	}
	var best motion
	if n.counts[1] >= n.counts[0] {
		best = n.mvs[1].clamp(&b)
	}
	above, left, corner := d.mb(x, y-1), d.mb(x-1, y), d.mb(x-1, y-1)
	splits := 2*isSplit(above) + 2*isSplit(left) + isSplit(corner)
	if r.bit(modeContexts[splits][3]) {
		mb.mode = modeSplit
		d.readSplit(r, mb, above, left, best)
		mb.mv = mb.mvs[15]
		return
	}
	mb.mode, mb.mv = modeNew, d.readMotion(r, best)
}

func isSplit(mb *mbInfo) int {
	if mb.mode == modeSplit {
		return 1
	}
	return 0
}

// readSplit reads the vectors of a macroblock that has several.
func (d *Decoder) readSplit(r *boolReader, mb, above, left *mbInfo, best motion) {
	switch {
	case !r.bit(splitProbs[0]):
		mb.split = splitSixteen
	case !r.bit(splitProbs[1]):
		mb.split = splitQuarters
	default:
		mb.split = uint8(splitTopBottom + r.num(splitProbs[2]))
	}
	for _, part := range splitParts[mb.split] {
		i := int(part[0])
		var a, l motion
		if i < 4 {
			a = above.edgeMotion(i + 12)
		} else {
			a = mb.mvs[i-4]
		}
		if i&3 == 0 {
			l = left.edgeMotion(i + 3)
		} else {
			l = mb.mvs[i-1]
		}
		var v motion
		switch p := subMVProbs(l, a); {
		case !r.bit(p[0]):
			v = l
		case !r.bit(p[1]):
			v = a
		case r.bit(p[2]):
			v = d.readMotion(r, best)
		}
		for _, j := range part {
			mb.mvs[j&15] = v
		}
	}
}

// edgeMotion is the vector of 4x4 block i, which is next to another macroblock.
func (mb *mbInfo) edgeMotion(i int) motion {
	if mb.mode == modeSplit {
		return mb.mvs[i]
	}
	return mb.mv
}

func subMVProbs(left, above motion) *[3]uint8 {
	zero := motion{}
	switch {
	case left == above && above == zero:
		return &subMVSameAndZeros
	case left == above:
		return &subMVSame
	case above == zero:
		return &subMVAboveZero
	case left == zero:
		return &subMVLeftZero
	}
	return &subMVNormal
}

// readMotion reads a vector that is told by how it differs from best.
func (d *Decoder) readMotion(r *boolReader, best motion) motion {
	best.y += int16(readComponent(r, &d.probs.mv[0]))
	best.x += int16(readComponent(r, &d.probs.mv[1]))
	return best
}

func readComponent(r *boolReader, p *[numMV]uint8) (v int) {
	if r.bit(p[mvIsLong]) {
		for i := range 3 {
			v |= r.num(p[mvLong+i]) << i
		}
		for i := mvBits - 1; i > 3; i-- {
			v |= r.num(p[mvLong+i]) << i
		}
		if v < 16 || r.bit(p[mvLong+3]) { // a number without larger bits would not be a long one without this
			v |= 8
		}
	} else {
		v = readShort(r, (*[7]uint8)(p[mvShort:]))
	}
	if v != 0 && r.bit(p[mvSign]) {
		return -v
	}
	return v
}

func readShort(r *boolReader, p *[7]uint8) int {
	if !r.bit(p[0]) {
		if !r.bit(p[1]) {
			return r.num(p[2])
		}
		return 2 + r.num(p[3])
	}
	if !r.bit(p[4]) {
		return 4 + r.num(p[5])
	}
	return 6 + r.num(p[6])
}
