package sfu

import (
	"slices"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Publish makes what the client sends on an m-line a stream of the room. Packets from before are discarded. It is
// refused (*wire.Error, wire.CodeBadParameter) if the client cannot send on that m-line, or not with that codec, or if
// the m-line or the stream's number is in use. layers are the sizes in which the client sends it, the largest first, and
// must be in its offer; none: there is one only.
func (p *Peer) Publish(s wire.Stream, mid string, layers ...Layer) error {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.left {
		return wire.Errorf(wire.CodeRoomAbsent, "the peer has left")
	}
	u := p.uplinks[mid]
	if u == nil || p.layout.Load().byMid[mid] != u {
		return wire.Errorf(wire.CodeBadParameter, "mid %.20q: nothing can be sent on it", mid)
	}
	switch kind := wire.CodecKind(s.Codec); {
	case kind != u.kind.String():
		return wire.Errorf(wire.CodeBadParameter, "mid %.20q: codec %.40q is not for %s", mid, s.Codec, u.kind)
	case !u.payloads.Load().has(s.Codec):
		return wire.Errorf(wire.CodeBadParameter, "mid %.20q: codec %s was not negotiated", mid, s.Codec)
	case u.current() != nil:
		return wire.Errorf(wire.CodeBadParameter, "mid %.20q: is in use by stream %d", mid, u.current().num)
	case r.streams[s.Num] != nil:
		return wire.Errorf(wire.CodeBadParameter, "stream %d exists", s.Num)
	}
	all, bad := p.newStream(u, s, layers)
	if bad != nil {
		return bad
	}
	r.streams[s.Num] = all[0]
	r.order = append(r.order, all[0])
	tracks := append(slices.Clone(*p.tracks.Load()), all...)
	p.tracks.Store(&tracks)
	r.limitSound()
	r.reconcileAll()
	u.publish(all)
	r.lookAtLayers()
	return nil
}

// newStream makes the tracks of a stream.
func (p *Peer) newStream(u *uplink, s wire.Stream, layers []Layer) ([]*track, *wire.Error) {
	if len(layers) == 0 {
		layers = []Layer{{}}
	} else if len(layers) > maxLayers {
		return nil, wire.Errorf(wire.CodeBadParameter, "%d layers, at most %d are allowed", len(layers), maxLayers)
	}
	all := make([]*track, 0, len(layers))
	for _, l := range layers {
		at := 0
		if l.RID != "" {
			if at = u.rid(l.RID); at < 0 {
				return nil, wire.Errorf(wire.CodeBadParameter, "mid %.20q: has no rid %.20q", u.mid, l.RID)
			}
		}
		t := newTrack(p, u, s, l)
		t.declared.Store(u.declared(at))
		all = append(all, t)
	}
	for i, t := range all {
		t.first, t.smaller = all[0], i < len(all)-1
	}
	all[0].layers = all
	return all, nil
}

// Resize tells that a stream comes in other sizes from now on, in as many layers of the same names as before.
func (p *Peer) Resize(num uint32, layers []Layer) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.streams[num]
	if t == nil || t.peer != p || len(layers) != len(t.layers) {
		return
	}
	for i, l := range t.layers {
		l.size = layers[i]
		l.nominal.Store(int64(layers[i].Bitrate))
	}
	r.lookAtLayers()
}

// Unpublish ends a stream of this peer. An unknown number is ignored.
func (p *Peer) Unpublish(num uint32) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.streams[num]; t != nil && t.peer == p {
		r.unpublish(t)
		r.limitSound()
		r.reconcileAll()
		r.lookAtLayers()
	}
}

// unpublish takes a stream out, with mu held.
func (r *Room) unpublish(t *track) {
	t.uplink.publish(nil)
	delete(r.streams, t.num)
	r.order = slices.DeleteFunc(r.order, func(o *track) bool { return o == t })
	tracks := slices.DeleteFunc(slices.Clone(*t.peer.tracks.Load()), func(o *track) bool { return o.first == t })
	t.peer.tracks.Store(&tracks)
	for _, s := range t.slots() {
		delete(s.peer.assigned, t)
		s.release()
	}
}

// Subscribe declares the whole set of video streams that the peer wants. Numbers of streams that are not there (yet)
// are kept: the stream is forwarded as soon as it is published.
func (p *Peer) Subscribe(video []Wish) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(p.video)
	for _, w := range video {
		p.video[w.Num] = w.Height
	}
	for t, s := range p.assigned {
		if height, wanted := p.video[t.num]; wanted {
			s.aimed.height = height
		}
	}
	r.reconcile(p)
	r.lookAtLayers()
}

// SubscribeAudio chooses whose sound is forwarded to the peer, by PeerConfig.ID, if it gets sound at all; nil is
// everybody's. all: of these everybody is forwarded, not only the loudest. wants is called with locks held: it must not call
// into this package, and always say the same.
func (p *Peer) SubscribeAudio(wants func(id string) bool, all bool) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	p.hears, p.hearsAll = wants, all
	r.reconcile(p)
}

// wants tells whether t is to be forwarded to p, with room.mu held.
func (p *Peer) wants(t *track) bool {
	if t.peer == p {
		return false
	}
	if t.kind == webrtc.RTPCodecTypeAudio {
		return p.cfg.Audio && (p.hears == nil || p.hears(t.peer.cfg.ID)) && (p.hearsAll || p.room.selection.heard(t))
	}
	_, wanted := p.video[t.num]
	return wanted
}
