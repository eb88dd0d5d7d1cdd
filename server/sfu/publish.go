package sfu

import (
	"slices"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Publish makes what the client sends on an m-line a stream of the room. Packets from before are discarded. It is
// refused (*wire.Error, wire.CodeBadParameter) if the client cannot send on that m-line, or not with that codec, or if
// the m-line or the stream's number is in use.
func (p *Peer) Publish(s wire.Stream, mid string) error {
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
	case u.track.Load() != nil:
		return wire.Errorf(wire.CodeBadParameter, "mid %.20q: is in use by stream %d", mid, u.track.Load().num)
	case r.streams[s.Num] != nil:
		return wire.Errorf(wire.CodeBadParameter, "stream %d exists", s.Num)
	}
	t := newTrack(p, u, s)
	r.streams[s.Num] = t
	r.order = append(r.order, t)
	tracks := append(slices.Clone(*p.tracks.Load()), t)
	p.tracks.Store(&tracks)
	r.limitSound()
	r.reconcileAll()
	u.track.Store(t)
	return nil
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
	}
}

// unpublish takes a stream out, with mu held.
func (r *Room) unpublish(t *track) {
	t.uplink.track.Store(nil)
	delete(r.streams, t.num)
	r.order = slices.DeleteFunc(r.order, func(o *track) bool { return o == t })
	tracks := slices.DeleteFunc(slices.Clone(*t.peer.tracks.Load()), func(o *track) bool { return o == t })
	t.peer.tracks.Store(&tracks)
	for _, s := range *t.subscribers.Load() {
		delete(s.peer.assigned, t)
		s.release()
	}
}

// Subscribe declares the whole set of video streams that the peer wants. Numbers of streams that are not there (yet)
// are kept: the stream is forwarded as soon as it is published.
func (p *Peer) Subscribe(video []uint32) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(p.video)
	for _, num := range video {
		p.video[num] = struct{}{}
	}
	r.reconcile(p)
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
