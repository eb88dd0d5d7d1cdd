package server

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// fakeEngine is a media engine that forwards nothing and remembers what it was told. Offers must begin with "offer".
type fakeEngine struct {
	mu      sync.Mutex
	peers   map[string]*fakePeer // the last of each member
	open    int                  // peers that are not closed
	joining chan struct{}        // if set, Join waits until it is closed
	joined  chan struct{}        // if set, gets a token when a Join begins
	loudest string               // the member who speaks
	paths   []mediaPath
}

func (e *fakeEngine) Name() string       { return wire.EngineSFU }
func (e *fakeEngine) Addr() net.Addr     { return &net.UDPAddr{} }
func (e *fakeEngine) TCPAddr() net.Addr  { return nil }
func (e *fakeEngine) NewRoom() mediaRoom { return &fakeRoom{e} }
func (e *fakeEngine) Close() error       { return nil }
func (e *fakeEngine) Stats() mediaStats  { return mediaStats{PacketsIn: 42, Paths: e.paths} }

// peer gives the last peer of a member.
func (e *fakeEngine) peer(uid string) *fakePeer {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.peers[uid]
}

// forgetPeers makes the engine refer to no peer any more.
func (e *fakeEngine) forgetPeers() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.peers)
}

func (e *fakeEngine) openPeers() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open
}

type fakeRoom struct{ engine *fakeEngine }

func (r *fakeRoom) Close() {}

func (r *fakeRoom) Loudest() string {
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	return r.engine.loudest
}

// speak makes a member the one who speaks.
func (e *fakeEngine) speak(uid string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.loudest = uid
}

func (r *fakeRoom) Join(ctx context.Context, cfg mediaPeerConfig, offer string) (mediaPeer, string, error) {
	e := r.engine
	if e.joined != nil {
		e.joined <- struct{}{}
	}
	if e.joining != nil {
		select {
		case <-e.joining:
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
	}
	switch {
	case offer == "broken":
		return nil, "", fmt.Errorf("out of order")
	case !strings.HasPrefix(offer, "offer"):
		return nil, "", wire.Errorf(wire.CodeBadParameter, "offer: not SDP")
	}
	p := &fakePeer{engine: e, cfg: cfg, published: make(map[uint32]string), answer: "answer to " + offer}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.peers == nil {
		e.peers = make(map[string]*fakePeer)
	}
	e.peers[cfg.ID] = p
	e.open++
	return p, p.answer, nil
}

type fakePeer struct {
	engine *fakeEngine
	cfg    mediaPeerConfig

	mu        sync.Mutex
	published map[uint32]string // mid of each stream
	wanted    []uint32
	closed    bool
	answer    string
}

func (p *fakePeer) Answer() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answer
}

func (p *fakePeer) Offer(_ context.Context, offer string) (string, error) {
	if !strings.HasPrefix(offer, "offer") {
		return "", wire.Errorf(wire.CodeBadParameter, "offer: not SDP")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = "answer to " + offer
	return p.answer, nil
}

func (p *fakePeer) Resize(uint32, []wire.Layer) {}

func (p *fakePeer) Publish(s wire.Stream, mid string, _ []wire.Layer) error {
	if mid == "9" {
		return wire.Errorf(wire.CodeBadParameter, "no such mid")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published[s.Num] = mid
	return nil
}

func (p *fakePeer) Unpublish(num uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.published, num)
}

func (p *fakePeer) SubscribeAudio(func(string) bool, bool) {}

func (p *fakePeer) Subscribe(video []mediaWish) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = p.wanted[:0]
	for _, w := range video {
		p.wanted = append(p.wanted, w.num)
	}
}

func (p *fakePeer) subscribed() []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.wanted)
}

func (p *fakePeer) streams() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.published)
}

func (p *fakePeer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.engine.open--
}
