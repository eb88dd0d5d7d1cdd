package server

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const (
	chunk  = wire.ChunkBytes
	window = DefaultTransferWindow
)

// framed logs in with a client that takes transfers.
func framed(t *testing.T, s *Server, uid string) *client {
	t.Helper()
	p := loginParams(uid)
	p.Frames = true
	return loginWith(t, s, p)
}

// framedByPipe is such a client whose connection has no buffer.
func framedByPipe(t *testing.T, s *Server, uid string) *client {
	t.Helper()
	p := loginParams(uid)
	p.Frames = true
	return loginByPipeWith(t, s, p)
}

func (c *client) frame(kind wire.FrameKind, id wire.TransferID, offset int64, payload []byte) {
	c.t.Helper()
	f := wire.Frame{Kind: kind, ID: id, Offset: offset, Payload: payload}
	require.NoError(c.t, c.ws.WriteMessage(websocket.BinaryMessage, f.Append(nil)))
}

// data sends whole chunks.
func (c *client) data(id wire.TransferID, from, to int64) {
	c.t.Helper()
	for offset := from; offset < to; offset += chunk {
		c.frame(wire.FrameData, id, offset, make([]byte, chunk))
	}
}

// nextFrame waits for a frame; notifications before it are kept.
func (c *client) nextFrame() wire.Frame {
	c.t.Helper()
	for len(c.frames) == 0 {
		_ = c.ws.SetReadDeadline(time.Now().Add(bound))
		kind, data, err := c.ws.ReadMessage()
		require.NoError(c.t, err)
		if kind == websocket.BinaryMessage {
			f, failed := wire.DecodeFrame(data)
			require.Nil(c.t, failed)
			return f
		}
		m, err := wire.Decode(data)
		require.NoError(c.t, err)
		require.True(c.t, m.IsNotification(), string(data))
		c.lastSeq++
		c.notes = append(c.notes, m)
	}
	f := c.frames[0]
	c.frames = c.frames[1:]
	return f
}

// is checks the next frame.
func (c *client) is(kind wire.FrameKind, offset int64) {
	c.t.Helper()
	f := c.nextFrame()
	require.Equal(c.t, kind, f.Kind)
	require.Equal(c.t, offset, f.Offset)
}

// begun has ann send something that bob has accepted.
func begun(ann, bob *client, size int64) wire.TransferID {
	ann.t.Helper()
	id := wire.NewTransferID()
	p := wire.OfferTransferParams{ID: id.String(), UID: bob.uid, Kind: wire.TransferFile, Name: "tea.txt", Size: size}
	ann.must(wire.MethodOfferTransfer, p, nil)
	require.Equal(ann.t, wire.TransferIn{ID: p.ID, From: ann.uid, Kind: p.Kind, Name: p.Name, Size: size}, note[wire.TransferIn](bob, wire.NotifyTransferIn))
	var got wire.TransferAccepted
	bob.must(wire.MethodAcceptTransfer, wire.AcceptTransferParams{ID: p.ID}, &got)
	require.Equal(ann.t, wire.TransferAccepted{ID: p.ID, Window: window}, got)
	require.Equal(ann.t, got, note[wire.TransferAccepted](ann, wire.NotifyTransferAccepted))
	return id
}

func (c *client) ended(id wire.TransferID, code wire.Code) {
	c.t.Helper()
	require.Equal(c.t, wire.TransferEnded{ID: id.String(), Code: code}, note[wire.TransferEnded](c, wire.NotifyTransferEnded))
}

func TestSendCmd(t *testing.T) {
	s := start(t)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	p := wire.SendCmdParams{ID: anID, UID: "bob", Data: strings.Repeat("x", wire.MaxCmdBytes)}
	ann.must(wire.MethodSendCmd, p, nil)
	assert.Equal(t, wire.CmdIn{ID: anID, From: "ann", Data: p.Data}, note[wire.CmdIn](bob, wire.NotifyCmdIn))
	ann.fails(wire.CodeNoTarget, wire.MethodSendCmd, wire.SendCmdParams{ID: anID, UID: "cat"})
	ann.fails(wire.CodeBadParameter, wire.MethodSendCmd, wire.SendCmdParams{ID: anID, UID: "ann"})
	ann.fails(wire.CodeBadParameter, wire.MethodSendCmd, wire.SendCmdParams{ID: "x", UID: "bob"})
	ann.fails(wire.CodeBadParameter, wire.MethodSendCmd, wire.SendCmdParams{ID: anID, UID: "bob", Data: p.Data + "x"})

	// Whoever is away gets a megabyte later, and whoever sends more has to wait: it costs the other one nothing.
	bob.cut()
	require.Eventually(t, func() bool { return gather(t, s, "crvideo_sessions_cut") == 1 }, bound, tick)
	sent := 0
	for {
		m := ann.answer(ann.send(wire.MethodSendCmd, p))
		if m.Error != nil {
			assert.Equal(t, wire.CodeTooFast, m.Error.Code)
			break
		}
		sent++
		require.Less(t, sent, 20)
	}
	assert.Equal(t, 15, sent)
	bob.back(s)
	for range sent {
		note[wire.CmdIn](bob, wire.NotifyCmdIn)
	}
	ann.must(wire.MethodSendCmd, p, nil)
}

func TestTransfer(t *testing.T) {
	s := start(t)
	ann, bob := framed(t, s, "ann"), framed(t, s, "bob")
	id := begun(ann, bob, 2*chunk+5)
	ann.must(wire.MethodOfferTransfer, wire.OfferTransferParams{ID: id.String(), UID: "bob", Kind: wire.TransferFile, Name: "x"}, nil) // the same one
	first, last := bytes.Repeat([]byte("x"), chunk), []byte("adieu")
	ann.frame(wire.FrameData, id, 0, first)
	ann.data(id, chunk, 2*chunk)
	ann.frame(wire.FrameData, id, 2*chunk, last)
	ann.frame(wire.FrameEnd, id, 2*chunk+5, make([]byte, 32))
	assert.Equal(t, wire.Frame{Kind: wire.FrameData, ID: id, Payload: first}, bob.nextFrame())
	bob.is(wire.FrameData, chunk)
	assert.Equal(t, wire.Frame{Kind: wire.FrameData, ID: id, Offset: 2 * chunk, Payload: last}, bob.nextFrame())
	bob.is(wire.FrameEnd, 2*chunk+5)
	bob.frame(wire.FrameAck, id, 2*chunk+5, nil)
	ann.is(wire.FrameAck, 2*chunk+5)
	ann.fails(wire.CodeBadParameter, wire.MethodEndTransfer, wire.EndTransferParams{ID: id.String()}) // the receiver must say so
	bob.must(wire.MethodEndTransfer, wire.EndTransferParams{ID: id.String()}, nil)
	ann.ended(id, wire.CodeOK)
	bob.fails(wire.CodeTransferGone, wire.MethodEndTransfer, wire.EndTransferParams{ID: id.String()})
	assert.Zero(t, gather(t, s, "crvideo_transfers"))
	assert.EqualValues(t, 2*chunk+5, gather(t, s, "crvideo_transferred_bytes_total"))
	ann.quiet()
	bob.quiet()
}

func TestTransferRefusals(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.Transfers, l.TransferBytes = 2, 1000 }))
	ann, bob, old := framed(t, s, "ann"), framed(t, s, "bob"), login(t, s, "old")
	offer := func(uid string, size int64) wire.OfferTransferParams {
		return wire.OfferTransferParams{ID: wire.NewTransferID().String(), UID: uid, Kind: wire.TransferFile, Name: "x", Size: size}
	}
	ann.fails(wire.CodeNoTarget, wire.MethodOfferTransfer, offer("cat", 1))
	ann.fails(wire.CodeBadParameter, wire.MethodOfferTransfer, offer("ann", 1))
	ann.fails(wire.CodeNoPlatform, wire.MethodOfferTransfer, offer("old", 1))
	ann.fails(wire.CodeDataTooLarge, wire.MethodOfferTransfer, offer("bob", 1001))
	old.fails(wire.CodeBadParameter, wire.MethodOfferTransfer, offer("bob", 1))
	p := offer("bob", 1000)
	ann.must(wire.MethodOfferTransfer, p, nil)
	bob.fails(wire.CodeBadParameter, wire.MethodOfferTransfer, wire.OfferTransferParams{ID: p.ID, UID: "ann", Kind: wire.TransferBuffer})
	ann.fails(wire.CodeBadParameter, wire.MethodAcceptTransfer, wire.AcceptTransferParams{ID: p.ID})
	bob.fails(wire.CodeBadParameter, wire.MethodAcceptTransfer, wire.AcceptTransferParams{ID: p.ID, Offset: 7})
	bob.fails(wire.CodeBadParameter, wire.MethodAcceptTransfer, wire.AcceptTransferParams{ID: p.ID, Offset: 1001})
	old.fails(wire.CodeTransferGone, wire.MethodEndTransfer, wire.EndTransferParams{ID: p.ID, Code: 1}) // none of its business
	ann.must(wire.MethodOfferTransfer, offer("bob", 0), nil)
	ann.fails(wire.CodeTooFast, wire.MethodOfferTransfer, offer("bob", 0))
	framed(t, s, "eve").fails(wire.CodeTooFast, wire.MethodOfferTransfer, offer("bob", 0))
	bob.skip(2)
	bob.must(wire.MethodEndTransfer, wire.EndTransferParams{ID: p.ID, Code: wire.CodeRefused}, nil)
	require.Equal(t, wire.TransferEnded{ID: p.ID, Code: wire.CodeRefused}, note[wire.TransferEnded](ann, wire.NotifyTransferEnded))
	p = offer("bob", 0)
	ann.must(wire.MethodOfferTransfer, p, nil)
	ann.must(wire.MethodEndTransfer, wire.EndTransferParams{ID: p.ID, Code: wire.CodeTransferGone}, nil)
	bob.skip(1)
	require.Equal(t, wire.TransferEnded{ID: p.ID, Code: wire.CodeTransferGone}, note[wire.TransferEnded](bob, wire.NotifyTransferEnded))
	old.frame(wire.FrameData, wire.TransferID{}, 0, []byte("x"))
	old.closed(websocket.CloseUnsupportedData)
}

// What nobody allowed ends the transfer, and what is merely late or another one's changes nothing.
func TestHostileFrames(t *testing.T) {
	s := start(t)
	ann, bob, eve := framed(t, s, "ann"), framed(t, s, "bob"), framed(t, s, "eve")
	for name, do := range map[string]func(id wire.TransferID){
		"beyond the window": func(id wire.TransferID) { ann.data(id, 0, window+chunk) },
		"beyond the end":    func(id wire.TransferID) { ann.data(id, 0, chunk); bob.frame(wire.FrameFrom, id, 7, nil) },
		"small chunk":       func(id wire.TransferID) { ann.frame(wire.FrameData, id, 0, []byte("x")) },
		"back too far":      func(id wire.TransferID) { bob.frame(wire.FrameFrom, id, chunk, nil) },
	} {
		id := begun(ann, bob, 4*window)
		do(id)
		ann.ended(id, wire.CodeInvalidData)
		bob.ended(id, wire.CodeInvalidData)
		t.Log(name)
	}
	ann, bob = framed(t, s, "cat"), framed(t, s, "dan") // to whom no frame can come that is still on its way
	id := begun(ann, bob, 4*window)
	eve.data(id, 0, chunk)                            // not the sender
	eve.frame(wire.FrameAck, id, chunk, nil)          // nor the receiver
	bob.data(id, 0, chunk)                            // the wrong way
	ann.frame(wire.FrameAck, id, chunk, nil)          // so is this
	ann.data(id, chunk, 2*chunk)                      // where nothing is expected
	ann.frame(wire.FrameEnd, id, 0, make([]byte, 32)) // nor the end
	bob.frame(wire.FrameAck, id, chunk, nil)          // nothing was sent
	ann.data(wire.NewTransferID(), 0, chunk)          // of no transfer
	for _, c := range []*client{ann, bob, eve} {
		c.quiet()
		assert.Empty(t, c.frames)
	}
	ann.data(id, 0, chunk)
	bob.is(wire.FrameData, 0)
	require.NoError(t, eve.ws.WriteMessage(websocket.BinaryMessage, []byte("what?")))
	eve.closed(websocket.CloseUnsupportedData)
	giant := wire.Frame{Kind: wire.FrameData, ID: id, Payload: make([]byte, chunk+1)}
	require.NoError(t, ann.ws.WriteMessage(websocket.BinaryMessage, giant.Append(nil)))
	ann.closed(websocket.CloseUnsupportedData)
}

// Each side that comes back after a cut goes on where the other one has got to.
func TestTransferThroughCuts(t *testing.T) {
	s := start(t)
	ann, bob := framed(t, s, "ann"), framed(t, s, "bob")
	id := begun(ann, bob, 4*window)
	ann.data(id, 0, 8*chunk)
	for i := range int64(8) {
		bob.is(wire.FrameData, i*chunk)
	}
	bob.frame(wire.FrameAck, id, 4*chunk, nil)
	ann.is(wire.FrameAck, 4*chunk)

	ann.cut()
	ann.back(s)
	ann.quiet()
	ann.is(wire.FrameAck, 4*chunk)
	ann.is(wire.FrameFrom, 8*chunk)
	ann.data(id, 8*chunk, 10*chunk)
	bob.is(wire.FrameData, 8*chunk)

	bob.cut()
	bob.back(s)
	bob.frame(wire.FrameFrom, id, 5*chunk, nil) // the rest was on its way
	ann.is(wire.FrameFrom, 5*chunk)
	bob.frames = nil
	ann.data(id, 10*chunk, 11*chunk) // sent before it knew
	ann.data(id, 5*chunk, 7*chunk)
	bob.is(wire.FrameData, 5*chunk)
	bob.is(wire.FrameData, 6*chunk)
	bob.frame(wire.FrameAck, id, 9*chunk, nil) // what it had got meanwhile after all
	ann.is(wire.FrameAck, 9*chunk)
	ann.data(id, 7*chunk, 10*chunk)
	bob.is(wire.FrameData, 9*chunk)
}

func TestTransferEndsWithASide(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.TransferOfferTime = 50 * time.Millisecond }))
	ann, bob := framed(t, s, "ann"), framed(t, s, "bob")
	id := begun(ann, bob, window)
	bob.must(wire.MethodLogout, nil, nil)
	ann.ended(id, wire.CodeOffline)
	bob = framed(t, s, "bob")
	id = begun(ann, bob, window)
	framed(t, s, "ann")
	bob.ended(id, wire.CodeOffline)

	cat := framed(t, s, "cat")
	id = wire.NewTransferID()
	cat.must(wire.MethodOfferTransfer, wire.OfferTransferParams{ID: id.String(), UID: "bob", Kind: wire.TransferBuffer}, nil)
	cat.ended(id, wire.CodeNoAnswerCall)
	bob.skip(1)
	bob.ended(id, wire.CodeNoAnswerCall)
	assert.Zero(t, gather(t, s, "crvideo_transfers"))
}

// A transfer of an earlier process waits for its receiver to come back.
func TestTransferAgain(t *testing.T) {
	s := start(t)
	ann := framed(t, s, "ann")
	id := wire.NewTransferID()
	p := wire.OfferTransferParams{ID: id.String(), UID: "bob", Kind: wire.TransferFile, Name: "x", Size: 4 * chunk, Again: true}
	ann.must(wire.MethodOfferTransfer, p, nil)
	bob := framed(t, s, "bob")
	bob.next(wire.NotifyTransferIn, nil)
	bob.must(wire.MethodAcceptTransfer, wire.AcceptTransferParams{ID: p.ID, Offset: 2 * chunk, Window: chunk + 1}, nil)
	assert.Equal(t, wire.TransferAccepted{ID: p.ID, Offset: 2 * chunk, Window: chunk}, note[wire.TransferAccepted](ann, wire.NotifyTransferAccepted))
	ann.data(id, 2*chunk, 3*chunk)
	bob.is(wire.FrameData, 2*chunk)
	bob.must(wire.MethodLogout, nil, nil)
	ann.ended(id, wire.CodeOffline)

	s.transfers.mu.Lock()
	s.transfers.backTime = 50 * time.Millisecond
	s.transfers.mu.Unlock()
	p.ID = wire.NewTransferID().String()
	ann.must(wire.MethodOfferTransfer, p, nil)
	assert.Equal(t, wire.TransferEnded{ID: p.ID, Code: wire.CodeOffline}, note[wire.TransferEnded](ann, wire.NotifyTransferEnded))
	framed(t, s, "bob").quiet()
	s.transfers.mu.Lock()
	defer s.transfers.mu.Unlock()
	assert.Empty(t, s.transfers.waiting)
	assert.Empty(t, s.transfers.of)
}

// A receiver that does not read has a window in the server, and no more; what others send each other passes meanwhile, all
// of it. A message to the slow one goes before its frames.
func TestSlowReceiver(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.WriteTimeout = time.Hour }))
	ann, cat, dan := framed(t, s, "ann"), framed(t, s, "cat"), framed(t, s, "dan")
	bob := framedByPipe(t, s, "bob")
	slow := begun(ann, bob, 4*window)
	ann.data(slow, 0, window)
	ann.quiet() // so all of it is in the server
	waits := func() (bulk int) {
		for _, c := range s.allConns() {
			c.out.mu.Lock()
			bulk += c.out.bulky
			c.out.mu.Unlock()
		}
		return bulk
	}
	most := window + window/chunk*wire.FrameHeader
	assert.InDelta(t, most, waits(), 2*wire.MaxFrameBytes, "one or two are being written")

	fast := begun(cat, dan, 40*window)
	for offset := int64(0); offset < 40*window; offset += window {
		cat.data(fast, offset, offset+window)
		for i := offset; i < offset+window; i += chunk {
			dan.is(wire.FrameData, i)
		}
		dan.frame(wire.FrameAck, fast, offset+window, nil)
		cat.is(wire.FrameAck, offset+window)
	}
	assert.InDelta(t, most, waits(), 2*wire.MaxFrameBytes)

	ann.must(wire.MethodSendCmd, wire.SendCmdParams{ID: anID, UID: "bob", Data: "urgent"}, nil)
	note[wire.CmdIn](bob, wire.NotifyCmdIn)
	assert.LessOrEqual(t, len(bob.frames), 2, "it waits for what is being written, and nothing else")
	for i := range int64(window / chunk) {
		bob.is(wire.FrameData, i*chunk)
	}
	bob.frame(wire.FrameAck, slow, window, nil)
	ann.is(wire.FrameAck, window)
}

// Whoever sends more than a server lets pass gets room for it later.
func TestTransferRate(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.TransferBytesPerSecond, l.TransferWindow = 2*chunk, 2*chunk }))
	ann, bob := framed(t, s, "ann"), framed(t, s, "bob")
	id := wire.NewTransferID()
	ann.must(wire.MethodOfferTransfer, wire.OfferTransferParams{ID: id.String(), UID: "bob", Kind: wire.TransferBuffer, Size: 8 * chunk}, nil)
	bob.skip(1)
	bob.must(wire.MethodAcceptTransfer, wire.AcceptTransferParams{ID: id.String()}, nil)
	ann.data(id, 0, 2*chunk)
	bob.is(wire.FrameData, 0)
	bob.is(wire.FrameData, chunk)
	bob.frame(wire.FrameAck, id, 2*chunk, nil) // what may come at once
	ann.is(wire.FrameAck, 2*chunk)
	began := time.Now()
	ann.data(id, 2*chunk, 4*chunk)
	bob.is(wire.FrameData, 2*chunk)
	bob.is(wire.FrameData, 3*chunk)
	bob.frame(wire.FrameAck, id, 4*chunk, nil)
	bob.quiet()
	ann.is(wire.FrameAck, 4*chunk)
	assert.Greater(t, time.Since(began), 500*time.Millisecond, "a second's worth")
}
