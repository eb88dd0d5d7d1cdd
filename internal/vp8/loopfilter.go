package vp8

// edgeLimits say which differences at an edge come from coding and are to be smoothed (15.2).
type edgeLimits struct {
	outer, inner uint8 // across the edges of macroblocks and of the blocks in them
	interior     uint8 // between neighbours on one side
	variance     uint8 // above it a picture has an edge of its own there
}

// of are the limits of an edge between macroblocks, or of one within.
func (l *edgeLimits) of(outer bool) (limit, interior, variance int32) {
	limit = int32(l.inner)
	if outer {
		limit = int32(l.outer)
	}
	return limit, int32(l.interior), int32(l.variance)
}

// setFilters works out the filter for each level.
func (d *Decoder) setFilters() {
	f := &d.filter
	for level := range d.limits {
		interior := level
		if f.sharpness > 0 {
			interior = min(interior>>1, 9-f.sharpness)
			if f.sharpness > 4 {
				interior = min(level>>2, 9-f.sharpness)
			}
		}
		interior = max(interior, 1)
		variance := 0
		switch {
		case level >= 40:
			variance = 2
		case level >= 15:
			variance = 1
		}
		if !d.hdr.key && level >= 20 {
			variance++
		}
		d.limits[level] = edgeLimits{
			outer: uint8(2*(level+2) + interior), inner: uint8(2*level + interior),
			interior: uint8(interior), variance: uint8(variance),
		}
	}
	for i := range d.levels {
		level := f.level
		if d.seg.enabled {
			if d.seg.absolute {
				level = 0
			}
			level = min(max(level+d.seg.filter[i], 0), 63)
		}
		for ref := range numRefs {
			for kind := range 4 {
				v := level
				if f.deltas {
					v += f.refDeltas[ref]
					if ref != refIntra || kind == 0 {
						v += f.modeDeltas[kind]
					}
				}
				d.levels[i][ref][kind] = uint8(min(max(v, 0), 63))
			}
		}
	}
}

// filterKinds are the kinds of modes for which the filter may differ.
var filterKinds = [...]uint8{
	modeDC: 1, modeV: 1, modeH: 1, modeTM: 1, modeB: 0,
	modeZero: 1, modeNearest: 2, modeNear: 2, modeNew: 2, modeSplit: 3,
}

// smooth filters the edges of all macroblocks and of the blocks in them (15).
func (d *Decoder) smooth() {
	if d.filter.level == 0 {
		return
	}
	d.setFilters()
	for y := range d.rows {
		for x := range d.cols {
			mb := d.mb(x, y)
			level := d.levels[mb.segment&3][mb.ref][filterKinds[mb.mode]]
			if level == 0 {
				continue
			}
			l := &d.limits[level]
			inside := !mb.empty || mb.mode == modeB || mb.mode == modeSplit
			if d.filter.simple {
				d.smoothSimple(l, x, y, inside)
			} else {
				d.smoothNormal(l, x, y, inside)
			}
		}
	}
}

func (d *Decoder) smoothSimple(l *edgeLimits, x, y int, inside bool) {
	p := &d.cur.planes[0]
	at := p.at(16*x, 16*y)
	if x > 0 {
		simpleEdge(p.pix, at, 1, p.stride, int32(l.outer))
	}
	if inside {
		for i := 4; i < 16; i += 4 {
			simpleEdge(p.pix, at+i, 1, p.stride, int32(l.inner))
		}
	}
	if y > 0 {
		simpleEdge(p.pix, at, p.stride, 1, int32(l.outer))
	}
	if inside {
		for i := 4; i < 16; i += 4 {
			simpleEdge(p.pix, at+i*p.stride, p.stride, 1, int32(l.inner))
		}
	}
}

func (d *Decoder) smoothNormal(l *edgeLimits, x, y int, inside bool) {
	for i := range d.cur.planes {
		p := &d.cur.planes[i]
		size := 16
		if i > 0 {
			size = 8
		}
		at := p.at(size*x, size*y)
		if x > 0 {
			uprightEdge(p.pix, at, p.stride, size, l, true)
		}
		if inside {
			for j := 4; j < size; j += 4 {
				uprightEdge(p.pix, at+j, p.stride, size, l, false)
			}
		}
		if y > 0 {
			levelEdge(p.pix, at, p.stride, size, l, true)
		}
		if inside {
			for j := 4; j < size; j += 4 {
				levelEdge(p.pix, at+j*p.stride, p.stride, size, l, false)
			}
		}
	}
}
