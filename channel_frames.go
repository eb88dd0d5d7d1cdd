package crvideo

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// frame takes one frame of the server. It runs on the session's read goroutine, in order.
func (l *login) frame(f *wire.Frame) {
	l.channel.mu.Lock()
	out, in := l.channel.out[f.ID], l.channel.in[f.ID]
	l.channel.mu.Unlock()
	switch {
	case out != nil && f.Kind == wire.FrameAck:
		out.acked(f.Offset)
	case out != nil && f.Kind == wire.FrameFrom:
		out.check(out.out.From(f.Offset))
	case in != nil && f.Kind == wire.FrameEnd:
		in.in.End(f.Offset, f.Payload)
	case in != nil && f.Kind == wire.FrameData:
		if err := in.in.Data(f.Offset, f.Payload); err != nil {
			in.end(fail("receive", CodeInvalidData, err), CodeInvalidData)
		}
	}
}

// transferAccepted hears that the other one wants what we send.
func transferAccepted(_ *Client, l *login, p *wire.TransferAccepted) {
	id, _ := wire.ParseTransferID(p.ID)
	l.channel.mu.Lock()
	s := l.channel.out[id]
	l.channel.mu.Unlock()
	if s != nil {
		s.check(s.out.Accepted(p.Offset, p.Window))
	}
}

// transferEnded hears that the other one, or the server, has ended a transfer.
func transferEnded(_ *Client, l *login, p *wire.TransferEnded) {
	id, _ := wire.ParseTransferID(p.ID)
	l.channel.mu.Lock()
	s, r := l.channel.out[id], l.channel.in[id]
	l.channel.mu.Unlock()
	switch {
	case s != nil && p.Code == wire.CodeOK:
		s.tell(s.offer.Size)
		s.end(nil)
	case s != nil:
		s.end(failf(s.op, fromWire(p.Code), "ended by the other one or the server"))
	case r != nil:
		r.drop(failf("receive", fromWire(p.Code), "ended by the sender or the server"))
	}
}

// all are the transfers that there are.
func (ch *channel) all() (out []*sending, in []*receiving) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for _, s := range ch.out {
		out = append(out, s)
	}
	for _, r := range ch.in {
		in = append(in, r)
	}
	return out, in
}

// lost stops what is being sent until the server has said where to go on. It is called before the new connection is used.
func (l *login) lost() {
	out, _ := l.channel.all()
	for _, s := range out {
		s.out.Lost()
	}
}

// back tells what has come of what was sent to us before the connection was lost, and once more what is done with.
func (l *login) back() {
	_, in := l.channel.all()
	for _, r := range in {
		done, have := r.in.Reached()
		r.say(wire.FrameAck, done)
		r.say(wire.FrameFrom, have)
	}
}

// say sends a frame to the sender.
func (r *receiving) say(kind wire.FrameKind, offset int64) {
	f := wire.Frame{Kind: kind, ID: r.id, Offset: offset}
	r.l.session().SendNow(f.Append(nil))
}

// restoreTransfers offers what is being sent once more to a server that has forgotten it. If it is the same process, it has
// told the other one that we are gone.
func (l *login) restoreTransfers() {
	epoch := l.session().Epoch()
	out, in := l.channel.all()
	for _, s := range out {
		l.channel.mu.Lock()
		s.offer.Again = true
		forgotten := s.epoch == epoch
		l.channel.mu.Unlock()
		if forgotten {
			s.end(fail(s.op, CodeSessionUnknown, nil))
			continue
		}
		s.out.Forgotten()
		s.propose(l.session().Renewal().Go)
	}
	for _, r := range in {
		l.channel.mu.Lock()
		forgotten := r.epoch == epoch
		if !forgotten && r.back == nil {
			r.back = time.AfterFunc(returnTime, func() { r.drop(fail("receive", CodeSessionUnknown, nil)) })
		}
		l.channel.mu.Unlock()
		if forgotten {
			r.drop(fail("receive", CodeSessionUnknown, nil))
		}
	}
}
