package rtpkit

import (
	"slices"
	"time"
)

// How Gaps asks for missing packets.
const (
	ReorderGrace    = 5 * time.Millisecond  // a packet may come so late before it is asked for
	MinNackInterval = 20 * time.Millisecond // between two requests for a packet, or the round-trip time if that is longer
	MaxNackTries    = 10                    // then the packet is given up
	MaxNackAge      = time.Second           // then the packet is given up
	maxGap          = 512                   // a longer jump is a new start, not a loss
	maxAfterPause   = 32                    // the same after a pause of MaxNackAge: what was sent meanwhile is too old
)

// Gaps knows which sequence numbers of one stream are missing, and when to ask for them. The zero value is ready. It
// is not safe for concurrent use.
type Gaps struct {
	started bool
	highest uint16
	last    time.Time // when the highest one came
	missing []gap     // in order of sequence
}

type gap struct {
	seq   uint16
	since time.Time
	asked time.Time
	tries int
}

// Received takes note of an original packet. It tells whether the packet was expected: new, or missing until now.
// False is a duplicate or one that was given up.
func (g *Gaps) Received(seq uint16, now time.Time) bool {
	if !g.started {
		g.started, g.highest, g.last = true, seq, now
		return true
	}
	ahead := seq - g.highest
	switch {
	case ahead == 0:
		return false
	case ahead < 1<<15: // ahead of all others
		if ahead > maxGap || ahead > maxAfterPause && now.Sub(g.last) > MaxNackAge {
			g.missing = g.missing[:0]
		} else {
			for s := g.highest + 1; s != seq; s++ {
				g.missing = append(g.missing, gap{seq: s, since: now})
			}
			if extra := len(g.missing) - maxGap; extra > 0 {
				g.missing = slices.Delete(g.missing, 0, extra)
			}
		}
		g.highest, g.last = seq, now
		return true
	case -ahead > maxGap: // far behind: the sender started anew
		g.missing, g.highest, g.last = g.missing[:0], seq, now
		return true
	}
	return g.Repaired(seq)
}

// Repaired takes note of a repeated packet (RTX). It tells whether the packet was missing until now.
func (g *Gaps) Repaired(seq uint16) bool {
	for i := range g.missing {
		if g.missing[i].seq == seq {
			g.missing = slices.Delete(g.missing, i, i+1)
			return true
		}
	}
	return false
}

// Due appends to into the sequence numbers that are to be asked for now, and takes them as asked. Packets that were
// asked for MaxNackTries times or are missing for MaxNackAge are given up.
func (g *Gaps) Due(now time.Time, rtt time.Duration, into []uint16) []uint16 {
	interval := max(rtt, MinNackInterval)
	kept := g.missing[:0]
	for _, m := range g.missing {
		age := now.Sub(m.since)
		due := age >= ReorderGrace && (m.tries == 0 || now.Sub(m.asked) >= interval)
		if age >= MaxNackAge || due && m.tries >= MaxNackTries {
			continue
		}
		if due {
			m.asked, m.tries = now, m.tries+1
			into = append(into, m.seq)
		}
		kept = append(kept, m)
	}
	g.missing = kept
	return into
}

// Open returns how many packets are missing and not given up.
func (g *Gaps) Open() int { return len(g.missing) }

// Missing tells whether seq is missing and not given up.
func (g *Gaps) Missing(seq uint16) bool {
	return slices.ContainsFunc(g.missing, func(m gap) bool { return m.seq == seq })
}

// Reset forgets everything: the next packet is the first.
func (g *Gaps) Reset() { *g = Gaps{missing: g.missing[:0]} }
