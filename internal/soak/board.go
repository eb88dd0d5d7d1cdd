package soak

import (
	"context"
	"sync"

	"github.com/crvideo/crvideo-go"
)

// board is the rooms that there are. Who finds one gone makes another in its place. Every second one is regular: those
// are there again after a restart.
type board struct{ slots []*slot }

type slot struct {
	regular bool
	mu      sync.Mutex
	id      int64   // 0: none yet
	made    []int64 // all so far; some whose room was gone may be back after a restart
}

func newBoard(n int) *board {
	b := &board{}
	for i := range n {
		b.slots = append(b.slots, &slot{regular: i%2 == 0})
	}
	return b
}

// room is the room of a slot; make makes one if there is none.
func (s *slot) room(ctx context.Context, create func(context.Context, crvideo.CreateParams) (crvideo.MeetInfo, error)) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id != 0 {
		return s.id, nil
	}
	info, err := create(ctx, crvideo.CreateParams{Subject: "soak", Regular: s.regular})
	if err == nil {
		s.id = info.ID
		s.made = append(s.made, info.ID)
	}
	return info.ID, err
}

// gone tells that a room is not there any more.
func (s *slot) gone(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == id {
		s.id = 0
	}
}
