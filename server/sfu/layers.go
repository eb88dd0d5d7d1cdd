package sfu

import (
	"slices"
	"time"

	"github.com/pion/webrtc/v4"
)

// How the size is chosen in which a stream goes to a subscriber, and which sizes its publisher is to send.
const (
	maxLayers = 3
	// enlarged is how much larger a picture is shown than it is sent, before a larger one is sent.
	enlarged = 4.0 / 3

	layerEnough = 0.9                     // of a layer's rate, suffices to keep it
	layerSpare  = 1.15                    // of a larger one's, to go up
	layerStay   = time.Second             // before going up
	layerLook   = time.Second             // between two looks while there is a choice
	layerQuiet  = 1500 * time.Millisecond // without a packet: does not come, whatever the publisher was told
	layerLinger = 2 * time.Second         // that a layer is sent on when nobody watches it any more
)

// Layer is one of the sizes in which a stream is published.
type Layer struct {
	RID                    string // as in the offer
	Width, Height, Bitrate int    // pixels, bit/s; 0: is not sent at present
}

// Wish is a stream that a peer wants.
type Wish struct {
	Num    uint32
	Height int // pixels in which it is shown; 0: as large as it is
}

// layered is what a video stream with its layers knows beside them; with room.mu held.
type layered struct {
	told    []bool      // layers that the publisher was told to send; nil: nothing yet
	needed  []time.Time // when each was last watched
	changed time.Time   // when it was told something last
}

// aimed is what the layer for a slot is chosen by, with room.mu held.
type aimed struct {
	height int
	since  time.Time // of the last choice of another one
}

// lookAtLayers makes the control goroutine choose layers. It never waits.
func (r *Room) lookAtLayers() {
	r.layersDue.Store(true)
	r.wakeUp()
}

// steer chooses the layers for all subscribers, and tells publishers which to send. It runs on the control goroutine,
// and tells when to look again; zero: not before something changes.
func (r *Room) steer(now time.Time) (next time.Time) {
	if !r.layersDue.Swap(false) && (r.layersAt.IsZero() || now.Before(r.layersAt)) {
		return r.layersAt
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.order {
		if t.kind == webrtc.RTPCodecTypeVideo && !t.peer.left {
			next = sooner(next, t.steer(now))
		}
	}
	r.layersAt = next
	return next
}

// slots are all that carry the stream, in whatever size.
func (t *track) slots() (all []*slot) {
	for _, l := range t.layers {
		for _, s := range *l.subscribers.Load() {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// steer is of the first layer of a stream.
func (t *track) steer(now time.Time) (next time.Time) {
	all := t.slots()
	needed := make([]bool, len(t.layers))
	aims := make([]int, 0, len(all))
	for _, s := range all {
		aims = append(aims, s.aim())
	}
	for i, s := range all {
		if len(t.layers) > 1 {
			others := append(slices.Clone(aims[:i]), aims[i+1:]...)
			aims[i] = t.choose(s, aims[i], others, now)
			s.turn(t.layers[aims[i]], now)
		}
		for at, l := range t.layers {
			needed[at] = needed[at] || s.needs(l)
		}
	}
	if len(all) > 0 && len(t.layers) > 1 {
		next = now.Add(layerLook)
	}
	return sooner(next, t.tell(needed, now))
}

// count is how many of the layers are there now, which are the first ones; the others have no size.
func (t *track) count() int {
	n := len(t.layers)
	for n > 1 && t.layers[n-1].size.Height == 0 {
		n--
	}
	return n
}

// wished is the smallest layer that is large enough.
func (t *track) wished(height int) int {
	i := t.count() - 1
	for ; i > 0; i-- {
		if height > 0 && float64(t.layers[i].size.Height)*enlarged >= float64(height) {
			break
		}
	}
	return i
}

// choose finds the layer for a slot that has, or is to have, the one at is. others are those of all other subscribers.
//
// Who is the only one to watch a layer keeps it, however little its path carries: the publisher will encode it with less.
// If others watch it too (or another one, where a limit is one of all) it goes down, so that it does not spoil their picture.
func (t *track) choose(s *slot, at int, others []int, now time.Time) int {
	want := t.wished(s.aimed.height)
	s.wished.Store(int32(want)) // at most 2
	share := float64(s.share.Load())
	best := want
	for last := t.count() - 1; best < last; best++ {
		shared := slices.Contains(others, best) || t.peer.cfg.OneLimit && len(others) > 0
		if share == 0 || !shared {
			break
		}
		enough := layerEnough
		if best < at {
			enough = layerSpare
		}
		if share >= enough*t.layers[best].demand() {
			break
		}
	}
	if best < at && share > 0 && now.Sub(s.aimed.since) < layerStay {
		return at
	}
	if t.quiet(best, now) { // browsers leave out the large ones when they have not enough bits or time for them
		for i := range t.layers {
			if other := (best + 1 + i) % len(t.layers); !t.quiet(other, now) && t.layers[other].started.Load() {
				return other
			}
		}
	}
	return best
}

// quiet tells that a layer does not come, though the publisher was told to send it.
func (t *track) quiet(layer int, now time.Time) bool {
	if t.layered.told == nil || !t.layered.told[layer] || now.Sub(t.layered.changed) < layerQuiet {
		return false
	}
	return now.Sub(time.Unix(0, t.layers[layer].lastAt.Load())) > layerQuiet
}

// demand is the rate that a layer has when nothing limits it, in bit/s.
func (t *track) demand() float64 {
	if seen := t.natural(); seen > 0 {
		return seen
	}
	return float64(t.nominal.Load())
}

// tell tells the publisher which layers to send, if that is something new. What nobody watches any more is sent on for a
// while, since views come and go.
func (t *track) tell(needed []bool, now time.Time) (next time.Time) {
	l := &t.layered
	if l.needed == nil {
		l.needed = make([]time.Time, len(t.layers))
		l.needed[0] = now // which is sent before anybody is told anything
	}
	send := make([]bool, len(needed))
	for i, yes := range needed {
		if yes {
			l.needed[i] = now
		}
		until := l.needed[i].Add(layerLinger)
		if send[i] = yes || now.Before(until); send[i] && !yes {
			next = sooner(next, until)
		}
	}
	if slices.Equal(send, l.told) || t.peer.cfg.OnLayers == nil {
		return next
	}
	l.told, l.changed = send, now
	var list []int
	for i, yes := range send {
		if yes {
			list = append(list, i)
		}
	}
	num, on := t.num, t.peer.cfg.OnLayers
	t.peer.notifier.post(func() { on(num, list) })
	return next
}
