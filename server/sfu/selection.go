package sfu

import (
	"cmp"
	"slices"
	"time"

	"github.com/pion/webrtc/v4"
)

// How the members are chosen whose sound is forwarded while more of them have a microphone open than are forwarded.
const (
	// DefaultLoudest is how many they are.
	DefaultLoudest = 8

	chooseInterval = 100 * time.Millisecond // between two looks
	levelFade      = 0.9                    // of a level, from look to look: pauses between words are no silence
	levelAhead     = 6                      // decibels by which another one must be louder to take a place
	leastStay      = time.Second            // of one that was chosen
	unheard        = 90                     // the level of who does not tell it, in decibels above silence
)

// selection is whose sound is forwarded, with room.mu held. It costs nothing while everybody's is.
type selection struct {
	most   int // below 0: everybody
	chosen map[*track]time.Time
	soon   time.Time
}

// heard tells whether a stream of sound is forwarded to who did not choose for itself.
func (s *selection) heard(t *track) bool {
	if s.chosen == nil {
		return true
	}
	_, ok := s.chosen[t]
	return ok
}

// limitSound begins and ends choosing as microphones are opened and closed, with mu held.
func (r *Room) limitSound() {
	s := &r.selection
	microphones := 0
	for _, t := range r.order {
		if t.kind == webrtc.RTPCodecTypeAudio {
			microphones++
		}
	}
	if s.most < 0 || microphones <= s.most {
		s.chosen = nil
		return
	}
	if s.chosen == nil { // those who were heard until now are heard until another one is louder
		s.chosen = make(map[*track]time.Time, s.most)
		s.soon = time.Now().Add(chooseInterval)
		r.wakeUp()
	}
	for t := range s.chosen {
		if r.streams[t.num] != t {
			delete(s.chosen, t)
		}
	}
	for _, t := range r.order {
		if t.kind == webrtc.RTPCodecTypeAudio && len(s.chosen) < s.most {
			if _, ok := s.chosen[t]; !ok {
				s.chosen[t] = time.Time{}
			}
		}
	}
}

// choose looks who is loudest, on the control goroutine. It tells when to look again; zero: not before the next change.
func (r *Room) choose(now time.Time) (next time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.selection
	if s.chosen == nil {
		return time.Time{}
	}
	if now.Before(s.soon) {
		return s.soon
	}
	s.soon = now.Add(chooseInterval)
	var in, out []*track
	for _, t := range r.order {
		if t.kind != webrtc.RTPCodecTypeAudio {
			continue
		}
		t.level = max(t.level*levelFade, float64(t.heard()))
		if s.heard(t) {
			in = append(in, t)
		} else {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(in, func(a, b *track) int { return cmp.Compare(a.level, b.level) })  // quietest first
	slices.SortStableFunc(out, func(a, b *track) int { return cmp.Compare(b.level, a.level) }) // loudest first
	changed := false
	for _, t := range out {
		i := slices.IndexFunc(in, func(o *track) bool { return now.Sub(s.chosen[o]) >= leastStay })
		if t.level < loudEnough || i < 0 || t.level < in[i].level+levelAhead {
			break
		}
		delete(s.chosen, in[i])
		s.chosen[t], changed = now, true
		in = slices.Delete(in, i, i+1)
	}
	if changed {
		r.reconcileAll()
	}
	return s.soon
}

// heard is how loud the stream was since the last look.
func (t *track) heard() uint32 {
	if loud := t.lately.Swap(0); loud > 0 || t.loud.Load() != 0 {
		return loud
	}
	return unheard
}
