package vp8

import "math"

// cost is how many bits it takes to write what has a probability of n in 256, in 1/256 bit.
var cost = func() (c [257]uint16) {
	for n := 1; n < 257; n++ {
		c[n] = uint16(math.Round(-math.Log2(float64(n)/256) * 256))
	}
	return c
}()

// zeroContexts are the probabilities that a macroblock did not move, by how many of its neighbours did not.
var zeroContexts = [6]uint8{7, 14, 135, 60, 159, 234}

// writeHeader writes the head of the first partition.
func (e *Encoder) writeHeader(key bool, q int) {
	w := &e.modes
	w.reset()
	if key {
		w.literal(0, 2) // colour space, clamping
	}
	w.flag(false)    // segments
	w.literal(0, 10) // loop filter: kind, level, sharpness
	w.flag(false)    // its deltas
	w.literal(0, 2)  // one token partition
	w.literal(q, 7)
	w.literal(0, 5) // no other steps for other coefficients
	if !key {
		w.literal(0, 2) // neither golden nor alternate picture is replaced by this one,
		w.literal(0, 4) // nor by another
		w.literal(0, 2) // signs of their vectors
	}
	w.flag(true) // probabilities stay
	if !key {
		w.flag(true) // the next picture refers to this one
	}
	e.writeProbs()
	e.skipProb = e.share(func(mb *macroblock) bool { return mb.skip })
	w.flag(true)
	w.literal(int(e.skipProb), 8)
	if key {
		return
	}
	e.intraProb = e.share(func(mb *macroblock) bool { return mb.inter })
	w.literal(int(e.intraProb), 8)
	w.literal(255, 8) // all refer to the picture before
	w.literal(128, 8)
	w.literal(0, 2) // probabilities of modes stay
	for i := range mvUpdateProbs {
		for _, p := range mvUpdateProbs[i] {
			w.put(false, p)
		}
	}
}

// share is the probability that yes is false.
func (e *Encoder) share(yes func(*macroblock) bool) uint8 {
	no := 0
	for i := range e.mbs {
		if !yes(&e.mbs[i]) {
			no++
		}
	}
	return uint8(min(max(no*256/len(e.mbs), 1), 255))
}

// writeProbs changes the probabilities of tokens where that saves more bits than it takes.
func (e *Encoder) writeProbs() {
	for i := range e.probs {
		for j := range e.probs[i] {
			for k := range e.probs[i][j] {
				for l := range e.probs[i][j][k] {
					p := &e.probs[i][j][k][l]
					better, gain := improve(*p, e.counts[i][j][k][l], coeffUpdateProbs[i][j][k][l])
					e.modes.put(gain, coeffUpdateProbs[i][j][k][l])
					if gain {
						e.modes.literal(int(better), 8)
						*p = better
					}
				}
			}
		}
	}
}

// improve returns the probability that fits what was counted, and whether it is worth to be told.
func improve(p uint8, n [2]uint32, update uint8) (better uint8, gain bool) {
	total := n[0] + n[1]
	if total == 0 {
		return p, false
	}
	better = uint8(min(max((n[0]*255+total/2)/total, 1), 255))
	if better == p {
		return p, false
	}
	costs := 8*256 + int(cost[256-int(update)]) - int(cost[update])
	saved := int(n[0])*(int(cost[p])-int(cost[better])) + int(n[1])*(int(cost[256-int(p)])-int(cost[256-int(better)]))
	return better, saved > costs
}

// writeModes writes what is said of each macroblock.
func (e *Encoder) writeModes(key bool) {
	w := &e.modes
	for i := range e.mbs {
		mb := &e.mbs[i]
		w.put(mb.skip, e.skipProb)
		if key {
			writeKeyYMode(w, mb.yMode)
			writeUVMode(w, mb.uvMode, &keyUVModeProbs)
			continue
		}
		w.put(mb.inter, e.intraProb)
		if mb.inter {
			w.put(false, 255)
			w.put(false, zeroContexts[e.neighbours(i)])
			continue
		}
		writeInterYMode(w, mb.yMode)
		writeUVMode(w, mb.uvMode, &interUVModeProbs)
	}
}

// neighbours is the weight of those around macroblock i that are as they were.
func (e *Encoder) neighbours(i int) (n int) {
	columns := e.cur.columns
	hasLeft, hasAbove := i%columns > 0, i >= columns
	if hasAbove && e.mbs[i-columns].inter {
		n += 2
	}
	if hasLeft && e.mbs[i-1].inter {
		n += 2
	}
	if hasAbove && hasLeft && e.mbs[i-columns-1].inter {
		n++
	}
	return n
}

func writeKeyYMode(w *boolWriter, mode uint8) {
	w.put(true, keyYModeProbs[0]) // not of 4x4
	w.put(mode >= modeH, keyYModeProbs[1])
	if mode >= modeH {
		w.put(mode == modeTM, keyYModeProbs[3])
	} else {
		w.put(mode == modeV, keyYModeProbs[2])
	}
}

func writeInterYMode(w *boolWriter, mode uint8) {
	w.put(mode != modeDC, interYModeProbs[0])
	switch mode {
	case modeV, modeH:
		w.put(false, interYModeProbs[1])
		w.put(mode == modeH, interYModeProbs[2])
	case modeTM:
		w.put(true, interYModeProbs[1])
		w.put(false, interYModeProbs[3])
	}
}

func writeUVMode(w *boolWriter, mode uint8, probs *[3]uint8) {
	w.put(mode != modeDC, probs[0])
	if mode == modeDC {
		return
	}
	w.put(mode != modeV, probs[1])
	if mode != modeV {
		w.put(mode == modeTM, probs[2])
	}
}
