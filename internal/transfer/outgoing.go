package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Outgoing is the sender's end. What it has read and the receiver has not done with is kept, a window at most: so it can
// go back to where a connection was lost, and its reader need not.
type Outgoing struct {
	state
	id   wire.TransferID
	size int64

	pieces  []piece // from base to read
	base    int64   // the receiver is done with everything before it
	next    int64   // to be sent
	read    int64   // from the application
	window  int64   // 0: nobody has accepted
	sum     []byte  // of everything; nil: not all is read
	endSent bool
	stalled bool // until we are told where to go on
	turn    int  // how often we were told
}

// NewOutgoing makes the sender's end of a transfer that is not accepted yet.
func NewOutgoing(id wire.TransferID, size int64) *Outgoing {
	o := &Outgoing{id: id, size: size}
	o.init()
	return o
}

// Fill reads the stream, as fast as the receiver takes it, and returns when all of it is read, or with the reason why not:
// ctx's error, that of the reader, or that of the transfer. Exactly size bytes are read.
func (o *Outgoing) Fill(ctx context.Context, r io.Reader) error {
	sum := sha256.New()
	for {
		n, err := o.room(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			o.complete(sum.Sum(nil))
			return nil
		}
		p := newPiece()
		p.n, err = io.ReadFull(r, p.mem[:n])
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("it is shorter than the %d bytes that were announced: %w", o.size, io.ErrUnexpectedEOF)
		}
		if err != nil {
			p.free()
			return err
		}
		sum.Write(p.bytes())
		o.add(p)
	}
}

// room waits until there is room for the next piece, and tells its size; 0: there is none any more.
func (o *Outgoing) room(ctx context.Context) (int, error) {
	for {
		o.mu.Lock()
		ended, err, wake := o.endedLocked(), o.err, o.wake
		n := min(o.size-o.read, chunk)
		ready := o.window > 0 && (n == 0 || o.read+n <= o.base+o.window)
		o.mu.Unlock()
		switch {
		case ended && err == nil:
			return 0, errors.New("the transfer is over")
		case ended:
			return 0, err
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case ready:
			return int(n), nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
		}
	}
}

func (o *Outgoing) add(p piece) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pieces = append(o.pieces, p)
	o.read += int64(p.n)
	o.changedLocked()
}

func (o *Outgoing) complete(sum []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sum = sum
	o.changedLocked()
}

// Pump sends frames until the end. send tells whether there is a connection; if not, the Outgoing waits until it is told
// where to go on.
func (o *Outgoing) Pump(send func(frame []byte) bool) {
	buf := make([]byte, 0, wire.MaxFrameBytes)
	for {
		frame, turn, wake := o.frame(buf)
		if frame == nil {
			select {
			case <-wake:
				continue
			case <-o.done:
				o.release()
				return
			}
		}
		if !send(frame) {
			o.stall(turn)
		}
	}
}

// frame is the next one, a copy of what is kept; nil if there is none before wake is closed.
func (o *Outgoing) frame(buf []byte) (frame []byte, turn int, wake <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := wire.Frame{Kind: wire.FrameData, ID: o.id, Offset: o.next}
	switch {
	case o.endedLocked(), o.window == 0, o.stalled:
		return nil, 0, o.wake
	case o.next < o.read:
		p := o.pieces[(o.next-o.base)/chunk]
		f.Payload = p.bytes()
		o.next += int64(p.n)
	case o.sum != nil && o.next == o.size && !o.endSent:
		f.Kind, f.Payload = wire.FrameEnd, o.sum
		o.endSent = true
	default:
		return nil, 0, o.wake
	}
	return f.Append(buf[:0]), o.turn, nil
}

// stall stops until From or Accepted, unless one of them has come since.
func (o *Outgoing) stall(turn int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turn == turn {
		o.stalled = true
	}
}

// Lost is called before a connection takes the place of one that was lost: From will follow.
func (o *Outgoing) Lost() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stalled = o.window > 0
}

// Forgotten is called when a server has lost the transfer, and it is offered again: Accepted will follow.
func (o *Outgoing) Forgotten() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.window = 0
}

// Accepted is called when the receiver has accepted, and is done with everything before an offset.
func (o *Outgoing) Accepted(offset, window int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if window < chunk {
		return fmt.Errorf("%w: a window of %d bytes", ErrProtocol, window)
	}
	if err := o.fromLocked(offset); err != nil {
		return err
	}
	o.window = window
	o.releaseLocked(offset)
	return nil
}

// From is called when the other side wants everything from an offset on.
func (o *Outgoing) From(offset int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.fromLocked(offset)
}

func (o *Outgoing) fromLocked(offset int64) error {
	if offset < o.base || offset > o.read || !aligned(offset, o.size) {
		return fmt.Errorf("%w: it wants bytes from %d, there are those from %d to %d", ErrProtocol, offset, o.base, o.read)
	}
	o.next, o.endSent, o.stalled = offset, false, false
	o.turn++
	o.changedLocked()
	return nil
}

// Ack is called when the receiver is done with everything before an offset. It tells whether that is news.
func (o *Outgoing) Ack(offset int64) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case offset <= o.base:
		return false, nil
	case offset > o.read || !aligned(offset, o.size):
		return false, fmt.Errorf("%w: it has %d bytes of %d that were sent", ErrProtocol, offset, o.read)
	}
	o.next = max(o.next, offset)
	o.releaseLocked(offset)
	o.changedLocked()
	return true, nil
}

// releaseLocked gives back what is before an offset.
func (o *Outgoing) releaseLocked(offset int64) {
	for !o.endedLocked() && len(o.pieces) > 0 && o.base+int64(o.pieces[0].n) <= offset {
		o.base += int64(o.pieces[0].n)
		o.pieces[0].free()
		o.pieces = o.pieces[1:]
	}
}

// Finish ends the transfer; nil: the receiver has it all. It tells whether it had not ended yet.
func (o *Outgoing) Finish(err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.finishLocked(err)
}

// release gives back what is kept, when nobody sends any more.
func (o *Outgoing) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.pieces {
		p.free()
	}
	o.pieces = nil
}
