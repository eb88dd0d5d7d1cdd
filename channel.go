package crvideo

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Limits of the transparent channel. A server may have lower ones for files.
const (
	MaxCmdBytes    = wire.MaxCmdBytes    // 64 KiB: a command
	MaxBufferBytes = wire.MaxBufferBytes // 100 MiB: a buffer, and a file that is not offered but given as a whole
)

// memoryBytes bounds what is taken into memory at a time of buffers and files that have not been handled yet. Of what is
// more the senders have to wait.
const memoryBytes = 256 << 20

// kept is how many ended transfers and commands are remembered, so that none comes twice.
const kept = 1024

// channel is what a login sends to other users and gets from them, beside rooms.
type channel struct {
	mu    sync.Mutex // taken after Client.mu; never held while calling out
	out   map[wire.TransferID]*sending
	in    map[wire.TransferID]*receiving
	ended recent[Code] // what came from others, and how it ended
	cmds  recent[struct{}]
	held  int64         // bytes in memory
	freed chan struct{} // closed and replaced when held gets less
}

func newChannel() *channel {
	return &channel{out: map[wire.TransferID]*sending{}, in: map[wire.TransferID]*receiving{}, freed: make(chan struct{})}
}

// recent remembers the last of something, by who sent it and under which ID.
type recent[V any] struct {
	values map[string]V
	order  []string
}

func (r *recent[V]) get(from, id string) (V, bool) {
	v, ok := r.values[id+from]
	return v, ok
}

func (r *recent[V]) add(from, id string, v V) {
	if r.values == nil {
		r.values = map[string]V{}
	}
	if _, there := r.values[id+from]; !there {
		if len(r.order) == kept {
			delete(r.values, r.order[0])
			r.order = append(r.order[:0], r.order[1:]...)
		}
		r.order = append(r.order, id+from)
	}
	r.values[id+from] = v
}

// SendCmd sends a text of at most 64 KiB to a user of the app, in a room or not, who gets NotifyCmdData (CRVideo_SendCmd). It
// returns when the server has it for the other one, who may yet be coming back after a lost connection. Commands of one
// user arrive once, and in their order but for those that are under way when a server is restarted. Errors: 5 bad UID, 12 not logged in, 21 not permitted, 1100 too large, 1102 no such
// user is logged in, 1202 the other one has not read the last megabyte.
func (c *Client) SendCmd(ctx context.Context, uid, data string) error {
	_, err := await(ctx, "SendCmd", func(done func(nothing, error)) func() {
		c.startCmd(uid, data, func(_ string, err error) { done(nothing{}, err) })
		return noAbandon
	})
	return err
}

func (c *Client) startCmd(uid, data string, done func(taskID string, err error)) (taskID string) {
	const op = "SendCmd"
	request := &wire.SendCmdParams{ID: wire.NewTransferID().String(), UID: uid, Data: data}
	l, err := c.loggedIn(op)
	switch {
	case err != nil:
	case wire.CheckCmd(data) != nil:
		err = fail(op, CodeCmdTooLarge, wire.CheckCmd(data))
	default:
		err = checked(op, request)
	}
	if err != nil {
		done(request.ID, err)
		return request.ID
	}
	cmd := &command{c: c, l: l, SendCmdParams: request, done: func(err error) { done(request.ID, toError(op, err)) }}
	cmd.send()
	return request.ID
}

// command is one that is under way.
type command struct {
	*wire.SendCmdParams
	c     *Client
	l     *login
	done  func(error) // called once
	again time.Time   // when a server that has forgotten us lost it, perhaps after it had arrived; zero: none has
}

// send sends it, once more under the same ID after a restart of the server: then for as long as the other one may take
// to be back, too. Only so it is certain that it has not arrived when it fails.
func (cmd *command) send() {
	cmd.l.session().Bound().Go(wire.MethodSendCmd, cmd.SendCmdParams, func(_ json.RawMessage, failure *wire.Error) {
		switch {
		case failure == nil:
			cmd.done(nil)
		case failure.Code == wire.CodeNoSession:
			cmd.again = time.Now()
			cmd.send()
		case failure.Code != wire.CodeNoTarget || time.Since(cmd.again) > cmdPatience || !cmd.c.spawn(cmd.later):
			cmd.done(failure)
		}
	})
}

const (
	cmdPatience = 30 * time.Second // with somebody who may be coming back
	cmdPause    = 200 * time.Millisecond
)

// later sends it again after a pause.
func (cmd *command) later() {
	pause := time.NewTimer(cmdPause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-cmd.l.ctx.Done():
	}
	cmd.send()
}

func cmdIn(c *Client, l *login, p *wire.CmdIn) {
	ch := l.channel
	ch.mu.Lock()
	_, again := ch.cmds.get(p.From, p.ID)
	if !again {
		ch.cmds.add(p.From, p.ID, struct{}{})
	}
	ch.mu.Unlock()
	if !again {
		emit(c, &c.on.cmdData, NotifyCmdData{p.From, p.Data})
	}
}

// SendBuffer sends up to 100 MiB to a user of the app, in a room or not, who gets NotifyBufferData (CRVideo_SendBuffer). It
// returns when the other one has it all, its checksum is right and the event is on its way. How fast that is the slower of
// the two connections says; lost connections and a server that is restarted only take time. data must not change
// meanwhile. When ctx ends the other one gets nothing. Errors: 5 bad UID, 6 the checksum is wrong, 12 not logged in,
// 21 not permitted, 603 the other one has logged out meanwhile, 604 did not accept within a minute, 606 does not want it (nobody
// listens to NotifyBufferData there), 1101 too large, 1102 no such user is logged in, 1201 the server has forgotten it, 1202 too many
// at a time, 1204 canceled by the other one, 8005 the other one's SDK is too old.
func (c *Client) SendBuffer(ctx context.Context, uid string, data []byte, opts ...SendOption) error {
	return c.sendContent(ctx, "SendBuffer", bufferOffer(uid, data), newBuffer(data), opts)
}

// OutgoingFile is what SendFile sends.
type OutgoingFile struct {
	Name    string    // at most 255 bytes; of a path only the last element reaches the other one
	Size    int64     // so many bytes of Content are read
	Content io.Reader // read once, as fast as the other one takes it
}

// SendFile sends a file to a user of the app, in a room or not (CRVideo_SendFile), who gets NotifyFileOffer and decides
// where it goes to, or NotifyFileData with the whole file. It returns when the other one has it all and its checksum is
// right. Content is read on the caller's goroutine and never later; no more than half a megabyte of it is kept. Errors are those of
// SendBuffer, 905 Content cannot be read or the other one cannot write, 902 the other one's disk is full. A file may
// have as many bytes as the server allows (1 GiB unless it is told otherwise), where it is not offered 100 MiB.
func (c *Client) SendFile(ctx context.Context, uid string, file OutgoingFile, opts ...SendOption) error {
	return c.sendContent(ctx, "SendFile", fileOffer(uid, &file), file.Content, opts)
}

// SendOption changes how SendBuffer and SendFile send.
type SendOption func(*sendOptions)

type sendOptions struct{ progress func(sent, total int64) }

// WithProgress has fn called, like an event handler, with what the other one is done with: at most ten times a second,
// and in the end with everything.
func WithProgress(fn func(sent, total int64)) SendOption {
	return func(o *sendOptions) { o.progress = fn }
}

// CancelSend ends a transfer of a buffer or a file, one's own or one that comes from somebody else, under the ID that
// SendProgress, NotifyFileOffer and the mirror's calls tell (CRVideo_CancelSend). Both sides fail with code 1204, and nothing of it is
// delivered. It does not wait. Errors: 12 not logged in, 1204 there is no such transfer any more.
func (c *Client) CancelSend(ctx context.Context, taskID string) error {
	const op = "CancelSend"
	if err := ctx.Err(); err != nil {
		return toError(op, err)
	}
	l, err := c.loggedIn(op)
	if err != nil {
		return err
	}
	id, _ := wire.ParseTransferID(taskID)
	l.channel.mu.Lock()
	out, in := l.channel.out[id], l.channel.in[id]
	l.channel.mu.Unlock()
	canceled := fail(op, CodeTransferGone, nil)
	if out != nil && out.cancel(canceled, CodeTransferGone) || in != nil && in.end(canceled, CodeTransferGone) {
		return nil
	}
	return canceled
}

// endTransfer tells the other one. A server that has forgotten the transfer meanwhile will ask.
func (l *login) endTransfer(id wire.TransferID, code Code) {
	l.session().Bound().Go(wire.MethodEndTransfer, &wire.EndTransferParams{ID: id.String(), Code: wire.Code(code)}, func(json.RawMessage, *wire.Error) {})
}
