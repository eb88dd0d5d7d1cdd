package sfu

import "github.com/pion/webrtc/v4"

const (
	kindAudio = iota
	kindVideo
)

func kindIndex(k webrtc.RTPCodecType) int {
	if k == webrtc.RTPCodecTypeAudio {
		return kindAudio
	}
	return kindVideo
}

func (r *Room) reconcileAll() {
	for _, p := range *r.members.Load() {
		r.reconcile(p)
	}
}

// reconcile makes the peer's slots carry what it wants, with mu held. Streams that find no slot wait for one in the
// order they were published in, and the peer is asked for more slots.
func (r *Room) reconcile(p *Peer) {
	if p.left {
		return
	}
	for t, s := range p.assigned {
		if !p.wants(t) || !s.usable {
			s.release()
			delete(p.assigned, t)
		}
	}
	var short [2]int
	unsupported := 0
	for _, t := range r.order {
		if p.assigned[t] != nil || !p.wants(t) {
			continue
		}
		switch s, possible := p.freeSlot(t); {
		case s != nil:
			p.assigned[t] = s
			s.assign(t, p.video[t.num])
			r.lookAtLayers()
		case possible:
			short[kindIndex(t.kind)]++
		default:
			unsupported++
		}
	}
	p.counts.unsupported.Store(int64(unsupported))
	p.askForSlots(short)
}

// freeSlot finds a free slot for a stream. If there is none it tells whether another slot would help: not if the
// client has some of the kind, and none knows the codec.
func (p *Peer) freeSlot(t *track) (free *slot, possible bool) {
	known := false
	for _, s := range p.slots {
		if s.kind != t.kind || !s.usable {
			continue
		}
		known = true
		if !s.supports(t) {
			continue
		}
		if s.stream == nil {
			return s, true
		}
		possible = true
	}
	return nil, possible || !known
}

// askForSlots tells the client what is short, once for each number.
func (p *Peer) askForSlots(short [2]int) {
	room := maxMediaLines - len(p.layout.Load().byMid) - len(p.slots)
	short[kindAudio] = max(0, min(short[kindAudio], room))
	short[kindVideo] = max(0, min(short[kindVideo], room-short[kindAudio]))
	if short == [2]int{} {
		p.asked = short
		return
	}
	if short[kindAudio] <= p.asked[kindAudio] && short[kindVideo] <= p.asked[kindVideo] {
		return
	}
	p.asked = short
	if p.cfg.OnSlotsNeeded != nil {
		p.notifier.post(func() { p.cfg.OnSlotsNeeded(short[kindAudio], short[kindVideo]) })
	}
}
