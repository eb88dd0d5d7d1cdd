package sfu

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Room is a set of peers that see each other's streams.
type Room struct {
	sfu *SFU

	mu        sync.Mutex
	closed    bool
	streams   map[uint32]*track
	order     []*track // streams as they were published
	selection selection

	members     atomic.Pointer[[]*Peer] // changed with mu held
	layersDue   atomic.Bool             // layers must be looked at
	layersAt    time.Time               // or then; of the control goroutine, zero: never
	begin       sync.Once
	done        chan struct{}
	wake        chan struct{}
	controlDone chan struct{}
	batch       batch // of the control goroutine
}

func newRoom(s *SFU) *Room {
	r := &Room{
		sfu: s, streams: make(map[uint32]*track), selection: selection{most: s.loudest},
		done: make(chan struct{}), wake: make(chan struct{}, 1), controlDone: make(chan struct{}),
	}
	r.members.Store(new([]*Peer))
	return r
}

// Join makes a peer from its first offer and returns the answer, which contains all candidates. An offer that cannot
// be used is refused with a *wire.Error (wire.CodeBadParameter), a closed room with wire.CodeRoomAbsent; then nothing
// is left of the peer.
func (r *Room) Join(ctx context.Context, cfg PeerConfig, sdp string) (*Peer, string, error) {
	o, bad := parseOffer(sdp)
	if bad != nil {
		return nil, "", bad
	}
	p, err := newPeer(r, cfg)
	if err != nil {
		return nil, "", wire.Errorf(wire.CodeInternal, "new peer: %v", err)
	}
	p.negotiation.Lock()
	answer, err := p.negotiate(ctx, o)
	p.negotiation.Unlock()
	if err == nil {
		err = r.enter(p)
	}
	if err != nil {
		p.Close()
		return nil, "", err
	}
	r.wakeUp()
	return p, answer, nil
}

func (r *Room) enter(p *Peer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return wire.Errorf(wire.CodeRoomAbsent, "the room is closed")
	}
	r.begin.Do(func() { go r.control() })
	members := append(slices.Clone(*r.members.Load()), p)
	r.members.Store(&members)
	r.reconcile(p)
	return nil
}

// leave takes everything of a peer out of the room. When it returns nobody writes to the peer any more.
func (r *Room) leave(p *Peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.left {
		return
	}
	p.left = true
	members := slices.DeleteFunc(slices.Clone(*r.members.Load()), func(m *Peer) bool { return m == p })
	r.members.Store(&members)
	for _, s := range p.slots {
		s.release()
		s.close()
	}
	clear(p.assigned)
	for _, t := range *p.tracks.Load() {
		if t == t.first {
			r.unpublish(t)
		}
	}
	r.limitSound()
	r.reconcileAll()
	r.lookAtLayers()
}

// Close closes all peers and ends the room. It may be called more than once, and inside a callback.
func (r *Room) Close() {
	r.mu.Lock()
	first := !r.closed
	r.closed = true
	members := *r.members.Load()
	r.mu.Unlock()
	if !first {
		return
	}
	var all sync.WaitGroup
	for _, p := range members {
		all.Go(p.Close)
	}
	all.Wait()
	close(r.done)
	r.begin.Do(func() { close(r.controlDone) }) // it never ran
	<-r.controlDone
	r.sfu.forget(r)
}

// wakeUp makes the control goroutine look at what is due. It never waits.
func (r *Room) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
