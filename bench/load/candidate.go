// Package load is the part of the benchmark that all candidates share: what they must be able to do, the media that they
// carry, the scenarios, and how a process is measured. It needs Linux, and nothing but the standard library, so that a
// candidate in a module of its own keeps the versions of everything that it brings along.
package load

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Kind is what a track carries.
type Kind int

// The kinds.
const (
	Audio Kind = iota
	Video
)

// Candidate is a server together with its client.
type Candidate interface {
	// Start runs the server as a child process and waits until it answers.
	Start(ctx context.Context) (Server, error)
}

// Server is a running server.
type Server interface {
	// NewRoom makes an empty room.
	NewRoom(ctx context.Context) (string, error)
	// Prepare does what a member does before it enters: connecting and logging in, where there is such a thing.
	Prepare(ctx context.Context, room string, cfg MemberConfig) (Member, error)
	// PID is the server's process.
	PID() int
	// Goroutines counts those of the server.
	Goroutines(ctx context.Context) (int, error)
	// Close ends the process.
	Close()
}

// MemberConfig says what a member does.
type MemberConfig struct {
	Name       string
	Hear       []string // whose sound it receives
	See        bool     // receives the camera of Publisher
	Speak      int      // publishes sound, as the speaker of this number from 1 (0: does not)
	Show       bool     // publishes a camera
	Arrivals   *Arrivals
	OnKeyFrame func() // the camera is asked for a key frame
}

// Publisher is the name of the member whose camera is watched.
const Publisher = "publisher"

// Member is a member of a room.
type Member interface {
	// Enter goes into the room and returns when media is connected.
	Enter(ctx context.Context) error
	// Publish opens the microphone or the camera that MemberConfig announced.
	Publish(ctx context.Context, kind Kind) (Track, error)
	// Packets counts the RTP packets that were received.
	Packets() uint64
	// Close leaves.
	Close()
}

// Track is what a member publishes on.
type Track interface {
	// Write sends one frame. Its data may be used again afterwards.
	Write(ctx context.Context, f Frame) error
	// Close ends the track.
	Close()
}

// Arrivals notes what a member receives.
type Arrivals struct {
	audio, key atomic.Int64 // when the first one came, in nanoseconds since 1970
	came       chan struct{}
}

// NewArrivals makes an Arrivals.
func NewArrivals() *Arrivals { return &Arrivals{came: make(chan struct{}, 2)} }

// Sound is called with every packet of sound.
func (a *Arrivals) Sound() { a.note(&a.audio) }

// KeyFrame is called with every key frame.
func (a *Arrivals) KeyFrame() { a.note(&a.key) }

func (a *Arrivals) note(first *atomic.Int64) {
	if first.Load() != 0 {
		return
	}
	if first.CompareAndSwap(0, time.Now().UnixNano()) {
		a.came <- struct{}{}
	}
}

// wait waits until n of the two came.
func (a *Arrivals) wait(ctx context.Context, n int) error {
	late := time.NewTimer(missing)
	defer late.Stop()
	for range n {
		select {
		case <-a.came:
		case <-late.C:
			return fmt.Errorf("%w: media did not come", errFailed)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func since(from time.Time, first *atomic.Int64) float64 {
	return float64(first.Load()-from.UnixNano()) / 1e6
}
