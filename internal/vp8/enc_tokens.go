package vp8

type (
	coeffProbs  [blockTypes][8][3][11]uint8
	coeffCounts [blockTypes][8][3][11][2]uint32
)

// A sink takes the decisions of the token tree: it counts or writes them.
type tokenSink interface {
	decide(b *[11]uint8, c *[11][2]uint32, node int, bit bool)
	extra(bit bool, prob uint8)
}

// categories are the ranges of large levels: their first value, and the probabilities of the bits that follow.
var categories = [6]struct {
	base  int
	probs []uint8
}{
	{5, []uint8{159}},
	{7, []uint8{165, 145}},
	{11, []uint8{173, 148, 140}},
	{19, []uint8{176, 155, 140, 135}},
	{35, []uint8{180, 157, 141, 134, 130}},
	{67, []uint8{254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}},
}

// tokens walks through the levels of a block (n of them up to the last that is not zero).
func tokens[S tokenSink](s S, probs *coeffProbs, counts *coeffCounts, block, context, first, n int, levels *[16]int16) {
	afterZero := false
	for i := first; i < 16; i++ {
		band := coeffBands[i]
		p, c := &probs[block][band][context], &counts[block][band][context]
		if !afterZero {
			s.decide(p, c, 0, i < n)
			if i >= n {
				return
			}
		}
		v := int(levels[i])
		negative := v < 0
		if negative {
			v = -v
		}
		s.decide(p, c, 1, v != 0)
		if v == 0 {
			context, afterZero = 0, true
			continue
		}
		afterZero = false
		context = min(v, 2)
		s.decide(p, c, 2, v > 1)
		if v > 1 {
			level(s, p, c, v)
		}
		s.extra(negative, 128)
	}
}

// level is the part of the tree for levels above 1.
func level[S tokenSink](s S, p *[11]uint8, c *[11][2]uint32, v int) {
	s.decide(p, c, 3, v > 4)
	if v <= 4 {
		s.decide(p, c, 4, v > 2)
		if v > 2 {
			s.decide(p, c, 5, v > 3)
		}
		return
	}
	k := 0
	for k < 5 && v >= categories[k+1].base {
		k++
	}
	s.decide(p, c, 6, k >= 2)
	switch {
	case k < 2:
		s.decide(p, c, 7, k == 1)
	default:
		s.decide(p, c, 8, k >= 4)
		s.decide(p, c, 9+(k-2)/2, k&1 != 0)
	}
	rest := v - categories[k].base
	for i, prob := range categories[k].probs {
		s.extra(rest>>(len(categories[k].probs)-1-i)&1 != 0, prob)
	}
}

// counter is the sink of the first walk.
type counter struct{}

func (counter) decide(_ *[11]uint8, c *[11][2]uint32, node int, bit bool) {
	if bit {
		c[node][1]++
	} else {
		c[node][0]++
	}
}

func (counter) extra(bool, uint8) {}

// writer is the sink of the second walk.
type writer struct{ *boolWriter }

func (w writer) decide(p *[11]uint8, _ *[11][2]uint32, node int, bit bool) { w.put(bit, p[node]) }
func (w writer) extra(bit bool, prob uint8)                                { w.put(bit, prob) }
