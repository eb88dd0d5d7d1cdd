package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// Incoming is the receiver's end.
type Incoming struct {
	state
	size int64

	step   int64   // after how many bytes it is told that they are done with
	pieces []piece // that have come and nobody has taken
	have   int64   // everything before it has come
	eaten  int64   // and was taken
	sum    []byte  // as the sender says; nil: it has not said it
}

// NewIncoming makes the receiver's end.
func NewIncoming(size int64) *Incoming {
	in := &Incoming{size: size, step: chunk}
	in.init()
	return in
}

// Granted is called when it is known how many bytes may be on their way: four times in it the sender is told of progress,
// before that with every chunk.
func (in *Incoming) Granted(window int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.step = max(window/4, chunk)
}

// Reached is how far it has got: everything before done was taken and will not be asked for again, everything before have
// has come, so the sender must go on there.
func (in *Incoming) Reached() (done, have int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.eaten, in.have
}

// Data takes the payload of a data frame, of which it keeps a copy. What has come already is ignored, and what comes
// after a gap, too: the gap is a lost connection's, and the sender is being told.
func (in *Incoming) Data(offset int64, payload []byte) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := int64(len(payload))
	switch {
	case in.endedLocked() || offset != in.have:
		return nil
	case in.have+n > in.size || in.have+n-in.eaten > Window || !aligned(in.have+n, in.size) || n > chunk:
		return fmt.Errorf("%w: %d bytes at %d, where %d of %d were done with", ErrProtocol, n, offset, in.eaten, in.size)
	}
	p := newPiece()
	p.n = copy(p.mem[:], payload)
	in.pieces = append(in.pieces, p)
	in.have += n
	in.changedLocked()
	return nil
}

// End takes the checksum of everything.
func (in *Incoming) End(offset int64, sum []byte) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.endedLocked() || in.sum != nil || offset != in.have || offset != in.size {
		return
	}
	in.sum = bytes.Clone(sum)
	in.changedLocked()
}

// CopyTo writes everything to w, and returns nil when it has written it all and the checksum is right. ack is called with
// what is done with. Only one may run; w is called on the caller's goroutine. It does not end the transfer.
func (in *Incoming) CopyTo(ctx context.Context, w io.Writer, ack func(offset int64)) error {
	sum := sha256.New()
	var told int64
	for {
		p, eaten, err := in.take(ctx)
		switch {
		case err != nil:
			return err
		case p.n == 0 && bytes.Equal(sum.Sum(nil), in.sum): // which does not change any more
			return nil
		case p.n == 0:
			return ErrChecksum
		}
		n, err := w.Write(p.bytes())
		if err == nil && n < p.n {
			err = io.ErrShortWrite
		}
		sum.Write(p.bytes())
		p.free()
		if err != nil {
			return err
		}
		if eaten += int64(n); in.eat(n) <= eaten-told || eaten == in.size {
			told = eaten
			ack(eaten)
		}
	}
}

// take waits for the next piece; an empty one: there is none any more.
func (in *Incoming) take(ctx context.Context) (p piece, eaten int64, err error) {
	for {
		in.mu.Lock()
		eaten = in.eaten
		wake, wait := in.wake, false
		switch {
		case in.endedLocked() && in.err == nil:
			err = errors.New("the transfer is over")
		case in.endedLocked():
			err = in.err
		case ctx.Err() != nil:
			err = ctx.Err()
		case len(in.pieces) > 0:
			p, in.pieces = in.pieces[0], in.pieces[1:]
		case eaten < in.size || in.sum == nil:
			wait = true
		}
		in.mu.Unlock()
		if !wait {
			return p, eaten, err
		}
		select {
		case <-wake:
		case <-ctx.Done():
		}
	}
}

// eat makes room, and tells the step.
func (in *Incoming) eat(n int) int64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.eaten += int64(n)
	return in.step
}

// Finish ends the transfer; nil: it is complete. It tells whether it had not ended yet.
func (in *Incoming) Finish(err error) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.finishLocked(err)
}
