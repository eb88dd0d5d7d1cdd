// Package transfer moves a stream of known length from one user to another, whatever becomes of the connections between
// them. It knows nothing of networks: its owner carries frames from an Outgoing to an Incoming and back, and tells both
// when a connection was lost. Neither holds more than a window.
package transfer

import (
	"errors"
	"sync"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const chunk = wire.ChunkBytes

// Window is how many bytes a receiver takes before it has done with the first of them.
const Window = 512 << 10

var (
	// ErrChecksum is the end of a transfer whose bytes are not those that were sent.
	ErrChecksum = errors.New("the checksum is wrong")
	// ErrProtocol is the end of one whose other side does what nobody allowed.
	ErrProtocol = errors.New("the other side breaks the protocol")
)

// chunks are reused: a fast transfer would otherwise be all garbage.
var chunks = sync.Pool{New: func() any { return new([chunk]byte) }}

// piece is a part of the stream, in a chunk of the pool.
type piece struct {
	mem *[chunk]byte
	n   int
}

func newPiece() piece { return piece{mem: chunks.Get().(*[chunk]byte)} } // nothing else is in it

func (p piece) bytes() []byte { return p.mem[:p.n] }

func (p piece) free() { chunks.Put(p.mem) }

// aligned tells whether a piece may begin or the stream end at an offset.
func aligned(offset, size int64) bool { return offset%chunk == 0 || offset == size }

// state is what both ends have: it ends once, and wakes whoever waits for a change.
type state struct {
	mu   sync.Mutex
	wake chan struct{} // closed and replaced with every change
	done chan struct{} // closed at the end
	err  error         // why it ended; nil: as it should
}

func (s *state) init() { s.wake, s.done = make(chan struct{}), make(chan struct{}) }

// Done is closed when the transfer has ended.
func (s *state) Done() <-chan struct{} { return s.done }

// Err is why it has ended: nil if it is complete, or has not ended.
func (s *state) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *state) endedLocked() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *state) changedLocked() {
	close(s.wake)
	s.wake = make(chan struct{})
}

// finishLocked ends it, and tells whether it had not ended yet.
func (s *state) finishLocked(err error) bool {
	if s.endedLocked() {
		return false
	}
	s.err = err
	close(s.done)
	s.changedLocked()
	return true
}
