package crvideo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/crvideo/crvideo-go/internal/transfer"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// progressTime is how often progress is told at most.
const progressTime = 100 * time.Millisecond

// sending is a buffer or a file on its way to another user.
type sending struct {
	c     *Client
	l     *login
	op    string
	id    wire.TransferID
	offer wire.OfferTransferParams
	out   *transfer.Outgoing
	done  func(error) // called once
	leave func() bool // the login's end is no concern any more

	progress func(sent int64) // nil: nobody wants to know; called on the goroutine that reads
	told     time.Time        // of the last progress; of that goroutine, as is sent
	sent     int64

	epoch string // of the process that has taken it; guarded by channel.mu
}

func bufferOffer(uid string, data []byte) wire.OfferTransferParams {
	return wire.OfferTransferParams{UID: uid, Kind: wire.TransferBuffer, Size: int64(len(data))}
}

func newBuffer(data []byte) io.Reader { return bytes.NewReader(data) }

func fileOffer(uid string, file *OutgoingFile) wire.OfferTransferParams {
	return wire.OfferTransferParams{UID: uid, Kind: wire.TransferFile, Name: file.Name, Size: file.Size}
}

// sendContent is SendBuffer and SendFile.
func (c *Client) sendContent(ctx context.Context, op string, offer wire.OfferTransferParams, content io.Reader, opts []SendOption) error {
	if err := ctx.Err(); err != nil {
		return toError(op, err)
	}
	var o sendOptions
	for _, opt := range opts {
		opt(&o)
	}
	var progress func(int64)
	if o.progress != nil {
		progress = func(sent int64) { c.events.post(func() { o.progress(sent, offer.Size) }) }
	}
	end := make(chan error, 1)
	_, s := c.startSend(op, &offer, content, progress, func(err error) { end <- err })
	if s != nil {
		stop := context.AfterFunc(ctx, func() { s.cancel(toError(op, ctx.Err()), CodeTransferGone) })
		defer stop()
		s.fill(ctx, content)
	}
	return toError(op, <-end)
}

// startSend offers something to another user. done is called once in any case; without a sending it was.
func (c *Client) startSend(op string, offer *wire.OfferTransferParams, content io.Reader, progress func(int64), done func(error)) (string, *sending) {
	id := wire.NewTransferID()
	offer.ID = id.String()
	l, err := c.loggedIn(op)
	switch {
	case err != nil:
	case offer.Kind == wire.TransferBuffer && offer.Size > MaxBufferBytes:
		err = failf(op, CodeDataTooLarge, "%d bytes, at most %d are allowed", offer.Size, int64(MaxBufferBytes))
	case content == nil:
		err = failf(op, CodeBadParameter, "there is no content")
	default:
		err = checked(op, offer)
	}
	if err != nil {
		done(err)
		return offer.ID, nil
	}
	s := &sending{c: c, l: l, op: op, id: id, offer: *offer, out: transfer.NewOutgoing(id, offer.Size), progress: progress, done: done}
	l.channel.mu.Lock()
	l.channel.out[id] = s
	c.underWay.Add(1)
	s.leave = context.AfterFunc(l.ctx, func() { s.end(fail(op, CodeNotLoggedIn, nil)) })
	l.channel.mu.Unlock()
	if !c.spawn(func() { s.out.Pump(l.session().SendFrame) }) {
		s.end(fail(op, CodeNotInit, nil))
		return offer.ID, nil
	}
	s.propose(l.session().Bound().Go)
	return offer.ID, s
}

// propose offers it to the other one, by a request that is not made again on a server that has forgotten us: then it is
// offered again.
func (s *sending) propose(request func(string, any, func(json.RawMessage, *wire.Error))) {
	s.l.channel.mu.Lock()
	offer := s.offer
	s.l.channel.mu.Unlock()
	request(wire.MethodOfferTransfer, &offer, func(_ json.RawMessage, failure *wire.Error) {
		switch {
		case failure == nil:
			s.l.channel.mu.Lock()
			s.epoch = s.l.session().Epoch()
			s.l.channel.mu.Unlock()
		case failure.Code != wire.CodeNoSession:
			s.end(toError(s.op, failure))
		}
	})
}

// fill reads the content on the caller's goroutine.
func (s *sending) fill(ctx context.Context, content io.Reader) {
	read := false
	defer func() {
		if !read { // content panicked
			s.cancel(fail(s.op, CodeFile, nil), CodeFile)
		}
	}()
	err := s.out.Fill(ctx, content)
	read = true
	switch {
	case err == nil:
	case ctx.Err() != nil:
		s.cancel(toError(s.op, ctx.Err()), CodeTransferGone)
	default: // unless it has ended, which is why
		s.cancel(fail(s.op, CodeFile, err), CodeFile)
	}
}

// end ends it here, and tells whether it had not ended yet.
func (s *sending) end(err error) bool {
	ch := s.l.channel
	ch.mu.Lock()
	current := ch.out[s.id] == s
	if current {
		delete(ch.out, s.id)
	}
	ch.mu.Unlock()
	if !current {
		return false
	}
	s.leave()
	s.done(err)
	s.out.Finish(err)
	s.c.underWay.Add(-1)
	return true
}

// cancel ends it here and for the other one.
func (s *sending) cancel(err error, code Code) bool {
	if !s.end(err) {
		return false
	}
	s.l.endTransfer(s.id, code)
	return true
}

// acked hears how much the other one is done with.
func (s *sending) acked(offset int64) {
	news, err := s.out.Ack(offset)
	s.check(err)
	if news {
		s.tell(offset)
	}
}

// tell tells of progress: not too often, but of the last.
func (s *sending) tell(offset int64) {
	if s.progress == nil || offset < s.offer.Size && time.Since(s.told) < progressTime || offset == s.sent && offset > 0 {
		return
	}
	s.told, s.sent = time.Now(), offset
	s.progress(offset)
}

// check ends a transfer whose other side asks for what nobody can give.
func (s *sending) check(err error) {
	if err != nil {
		s.cancel(fail(s.op, CodeInvalidData, err), CodeInvalidData)
	}
}
