package crvideo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/crvideo/crvideo-go/internal/transfer"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// returnTime is how long what was coming waits for its sender after a restart of the server: longer than the server waits for
// us.
const returnTime = 45 * time.Second

// receiving is a buffer or a file on its way from another user.
type receiving struct {
	c     *Client
	l     *login
	id    wire.TransferID
	info  wire.TransferIn
	in    *transfer.Incoming
	leave func() bool

	// guarded by channel.mu
	taken    bool // somebody has decided over it
	accepted bool
	epoch    string      // of the process that offered it
	back     *time.Timer // runs while the sender has to come back
}

// transferIn hears of something that another user sends; once more after a restart.
func transferIn(c *Client, l *login, p *wire.TransferIn) {
	id, ok := wire.ParseTransferID(p.ID)
	if !ok || p.Size < 0 {
		return
	}
	ch, epoch := l.channel, l.session().Epoch()
	ch.mu.Lock()
	if code, was := ch.ended.get(p.From, p.ID); was { // the sender has not heard of it
		ch.mu.Unlock()
		l.endTransfer(id, code)
		return
	}
	if r := ch.in[id]; r != nil {
		same := r.info == *p
		if same {
			r.epoch = epoch
			if r.back != nil {
				r.back.Stop()
				r.back = nil
			}
		}
		again := same && r.accepted
		ch.mu.Unlock()
		if again {
			r.accept()
		}
		return
	}
	r := &receiving{c: c, l: l, id: id, info: *p, in: transfer.NewIncoming(p.Size), epoch: epoch}
	ch.in[id] = r
	c.underWay.Add(1)
	r.leave = context.AfterFunc(l.ctx, func() { r.drop(fail("receive", CodeNotLoggedIn, nil)) })
	ch.mu.Unlock()
	r.decide()
}

// decide lets the application decide over a file if it wants to, and takes what somebody listens for into memory.
func (r *receiving) decide() {
	on := r.c.on
	heard := r.c.events.isRead()
	switch {
	case r.info.Kind == wire.TransferBuffer:
		heard = heard || on.bufferData.isSet()
	case on.fileOffer.isSet():
		r.offer()
		return
	default:
		heard = heard || on.fileData.isSet()
	}
	switch {
	case !heard:
		r.end(nil, CodeCallRefused)
	case r.info.Size > MaxBufferBytes:
		r.end(nil, CodeDataTooLarge)
	case r.take() && !r.c.spawn(r.load):
		r.drop(nil)
	}
}

// offer tells the application of a file.
func (r *receiving) offer() {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if r.c.login == r.l {
		file := &IncomingFile{r}
		emit(r.c, &r.c.on.fileOffer, NotifyFileOffer{TaskID: r.info.ID, UID: r.info.From, FileName: file.Name(), Size: r.info.Size, File: file})
	}
}

// take tells whether nobody has decided over it yet.
func (r *receiving) take() bool {
	r.l.channel.mu.Lock()
	defer r.l.channel.mu.Unlock()
	taken := r.taken
	r.taken = true
	return !taken
}

// load takes it into memory, and tells of it when it is there.
func (r *receiving) load() {
	if !r.l.channel.hold(r.in.Done(), r.info.Size) {
		return
	}
	free := func() { r.l.channel.hold(nil, -r.info.Size) }
	content := make(memory, 0, r.info.Size)
	if r.copyTo(r.l.ctx, "receive", &content) != nil {
		free()
		return
	}
	if !r.settle(nil, CodeOK) { // canceled in the last moment
		free()
		return
	}
	c := r.c
	c.mu.Lock()
	told := c.login == r.l
	switch {
	case !told:
	case r.info.Kind == wire.TransferBuffer:
		told = emit(c, &c.on.bufferData, NotifyBufferData{r.info.From, content})
	default:
		told = emit(c, &c.on.fileData, NotifyFileData{r.info.From, content, (&IncomingFile{r}).Name()})
	}
	told = told && c.events.post(free) // after its handler
	c.mu.Unlock()
	if !told {
		free()
	}
	r.l.endTransfer(r.id, CodeOK)
}

// memory is written to; there is room for all of it.
type memory []byte

func (m *memory) Write(p []byte) (int, error) {
	*m = append(*m, p...)
	return len(p), nil
}

// hold waits until so much may be taken into memory, which is false if end comes first, and gives it back if it is negative.
func (ch *channel) hold(end <-chan struct{}, bytes int64) bool {
	for {
		ch.mu.Lock()
		freed := ch.freed
		if bytes < 0 || ch.held+bytes <= memoryBytes {
			ch.held += bytes
			if bytes < 0 {
				close(ch.freed)
				ch.freed = make(chan struct{})
			}
			ch.mu.Unlock()
			return true
		}
		ch.mu.Unlock()
		select {
		case <-freed:
		case <-end:
			return false
		}
	}
}

// copyTo accepts it and writes it to w on the caller's goroutine. With an error it has ended, without one it is the caller's to
// end.
func (r *receiving) copyTo(ctx context.Context, op string, w io.Writer) error {
	r.l.channel.mu.Lock()
	r.accepted = true
	r.l.channel.mu.Unlock()
	r.accept()
	written := false
	defer func() {
		if !written { // w panicked
			r.end(nil, CodeFile)
		}
	}()
	err := r.in.CopyTo(ctx, w, func(offset int64) { r.say(wire.FrameAck, offset) })
	written = true
	if err == nil {
		return nil
	}
	failure := r.failure(ctx, op, err)
	told := failure.Code
	if ctx.Err() != nil {
		told = CodeTransferGone
	}
	r.end(failure, told)
	return failure
}

// failure says what a copy failed with.
func (r *receiving) failure(ctx context.Context, op string, err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own): // it ended meanwhile
		return fail(op, own.Code, own.Err)
	case errors.Is(err, transfer.ErrChecksum), errors.Is(err, transfer.ErrProtocol):
		return fail(op, CodeInvalidData, err)
	case ctx.Err() != nil:
		return fail(op, CodeTimeout, ctx.Err())
	}
	return fileError(op, err)
}

// fileError is one of writing a file.
func fileError(op string, err error) *Error {
	if errors.Is(err, syscall.ENOSPC) {
		return fail(op, CodeDiskFull, err)
	}
	return fail(op, CodeFile, err)
}

// accept has the sender begin, or go on after a restart.
func (r *receiving) accept() {
	done, _ := r.in.Reached() // what has come after that comes again: it is still in the way
	request := &wire.AcceptTransferParams{ID: r.info.ID, Offset: done, Window: transfer.Window}
	r.l.session().Bound().Go(wire.MethodAcceptTransfer, request, func(raw json.RawMessage, failure *wire.Error) {
		var granted wire.TransferAccepted
		switch {
		case failure == nil:
			failure = decodeResult(wire.MethodAcceptTransfer, raw, &granted)
		case failure.Code == wire.CodeNoSession: // it will be offered again
			return
		}
		if failure != nil {
			r.end(failf("receive", fromWire(failure.Code), "%s", failure.Message), fromWire(failure.Code))
			return
		}
		r.in.Granted(granted.Window)
		done, _ := r.in.Reached() // what was said of it before that was said in vain
		r.say(wire.FrameAck, done)
	})
}

// drop ends it here, and tells whether it had not ended yet. A nil err is that of success.
func (r *receiving) drop(err *Error) bool {
	ch := r.l.channel
	ch.mu.Lock()
	current := ch.in[r.id] == r
	if current {
		delete(ch.in, r.id)
		if r.back != nil {
			r.back.Stop()
		}
	}
	ch.mu.Unlock()
	if current {
		r.leave()
		r.finish(err)
		r.c.underWay.Add(-1)
	}
	return current
}

func (r *receiving) finish(err *Error) {
	if err == nil {
		r.in.Finish(nil)
		return
	}
	r.in.Finish(err)
}

// settle ends it here, and remembers what the sender is to be told whenever it asks.
func (r *receiving) settle(err *Error, code Code) bool {
	r.l.channel.mu.Lock()
	if r.l.channel.in[r.id] == r {
		r.l.channel.ended.add(r.info.From, r.info.ID, code)
	}
	r.l.channel.mu.Unlock()
	return r.drop(err)
}

// unsettle is for what failed after all.
func (r *receiving) unsettle(code Code) {
	r.l.channel.mu.Lock()
	defer r.l.channel.mu.Unlock()
	r.l.channel.ended.add(r.info.From, r.info.ID, code)
}

// end ends it here and for the sender.
func (r *receiving) end(err *Error, code Code) bool {
	if !r.settle(err, code) {
		return false
	}
	r.l.endTransfer(r.id, code)
	return true
}
