package server

import (
	"context"
	"errors"
	"sync"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// join makes the member's media from its first offer. Without an offer there is none.
func (m *member) join(ctx context.Context, offer string) (mediaPeer, string, *wire.Error) {
	if offer == "" {
		return nil, "", nil
	}
	media, failed := m.room.mediaRoom()
	if failed != nil {
		return nil, "", failed
	}
	m.media = media
	peer, answer, err := media.Join(ctx, mediaPeerConfig{
		ID:       m.uid,
		Audio:    !m.noAudio,
		OneLimit: m.oneLimit,
		OnState: func(state string, over bool) {
			m.log.Info("media state", "state", state) // one that failed stays in the room: its client negotiates anew
			if over {
				m.mediaOver.Store(true)
			}
		},
		OnSlotsNeeded: func(audio, video int) { m.slots.needed(m.sess, wire.SlotsNeeded{Audio: audio, Video: video}) },
		OnLayers: func(num uint32, layers []int) {
			m.sess.tell(wire.NotifyVideoWanted, wire.VideoWanted{Num: num, Layers: append([]int{}, layers...)})
		},
	}, offer)
	if err != nil {
		return nil, "", m.mediaError("join", err)
	}
	return peer, answer, nil
}

// mediaError gives an engine's failure its code: its own if the client is at fault.
func (m *member) mediaError(op string, err error) *wire.Error {
	var own *wire.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return wire.Errorf(wire.CodeTimeout, "the media engine did not answer in time")
	}
	m.log.Error("media failure", "op", op, "err", err)
	return wire.Errorf(wire.CodeServiceFailure, "media failure")
}

// leave marks a member as gone and gives its media back, which nothing of the member refers to then: answers to old
// requests keep a member in memory for long. The room must be locked.
func (m *member) leave() mediaPeer {
	peer := m.peer
	m.left, m.peer = true, nil
	return peer
}

// closeMedia ends the media of somebody who has left, if there is any. Nobody waits for it.
func (r *room) closeMedia(peer mediaPeer) {
	if peer != nil {
		r.srv.background(peer.Close)
	}
}

// slotGate holds back the engine's calls for slots until the client knows that it is in the room.
type slotGate struct {
	mu     sync.Mutex
	opened bool
	held   wire.SlotsNeeded
}

func (g *slotGate) needed(s *session, n wire.SlotsNeeded) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.opened {
		g.held = wire.SlotsNeeded{Audio: max(g.held.Audio, n.Audio), Video: max(g.held.Video, n.Video)}
		return
	}
	s.tell(wire.NotifySlotsNeeded, n)
}

func (g *slotGate) open(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = true
	if g.held != (wire.SlotsNeeded{}) {
		s.tell(wire.NotifySlotsNeeded, g.held)
	}
}
