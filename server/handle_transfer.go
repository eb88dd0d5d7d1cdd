package server

import "github.com/crvideo/crvideo-go/internal/wire"

// target finds the user that something is to be sent to.
func (c *call) target(uid string) (*session, *wire.Error) {
	if uid == c.sess.uid {
		return nil, wire.Errorf(wire.CodeBadParameter, "uid is one's own")
	}
	if to := c.conn.srv.userSession(userKey{c.sess.appID, uid}); to != nil {
		return to, nil
	}
	return nil, wire.Errorf(wire.CodeNoTarget, "the user is not there")
}

// sendCmd sends a small text to a user.
func sendCmd(c *call, p *wire.SendCmdParams) *wire.Error {
	to, failed := c.target(p.UID)
	if failed != nil {
		return failed
	}
	n := newNotification(wire.NotifyCmdIn, wire.CmdIn{ID: p.ID, From: c.sess.uid, Data: p.Data})
	n.alone = true
	return to.notifyIfRoom(n)
}

// offerTransfer begins a transfer, unless there is the same one already.
func offerTransfer(c *call, p *wire.OfferTransferParams) *wire.Error {
	g, l := c.conn.srv.transfers, &c.conn.srv.limits
	id, _ := wire.ParseTransferID(p.ID)
	switch {
	case !c.sess.frames:
		return wire.Errorf(wire.CodeBadParameter, `the login did not say "frames"`)
	case p.Size > l.TransferBytes, p.Kind == wire.TransferBuffer && p.Size > wire.MaxBufferBytes:
		return wire.Errorf(wire.CodeDataTooLarge, "%d bytes are too much", p.Size)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &transfer{OfferTransferParams: *p, key: transferKey{c.sess.appID, id}, from: c.sess}
	if same := g.byKey[t.key]; same != nil {
		switch {
		case same.from == c.sess:
			return nil
		case !same.orphan || same.from.user() != c.sess.user():
			return wire.Errorf(wire.CodeBadParameter, "id is in use")
		}
		g.end(same, wire.CodeGoingAway) // nobody is told: it goes on
	}
	to, failed := c.target(p.UID)
	switch {
	case failed != nil && (failed.Code != wire.CodeNoTarget || !p.Again):
		return failed
	case to != nil && !to.frames:
		return wire.Errorf(wire.CodeNoPlatform, "the user's client takes no transfers")
	case to != nil && to.isEnded() || c.sess.isEnded(): // leave has been there
		return wire.Errorf(wire.CodeNoTarget, "the user is not there")
	case g.countOf(c.sess, true) >= l.Transfers, to != nil && g.countOf(to, false) >= l.Transfers:
		return wire.Errorf(wire.CodeTooFast, "%d transfers are under way, more are not allowed", l.Transfers)
	}
	t.to = to
	c.reply(nil) // before whatever comes of it
	g.add(t)
	return nil
}

// transfer gives a transfer of the caller's. The transfers must be locked.
func (c *call) transfer(id string) (*transfer, *wire.Error) {
	key, _ := wire.ParseTransferID(id)
	t := c.conn.srv.transfers.byKey[transferKey{c.sess.appID, key}]
	if t == nil || t.from != c.sess && t.to != c.sess {
		return nil, wire.Errorf(wire.CodeTransferGone, "there is no such transfer")
	}
	return t, nil
}

// acceptTransfer lets the sender begin.
func acceptTransfer(c *call, p *wire.AcceptTransferParams) *wire.Error {
	g := c.conn.srv.transfers
	g.mu.Lock()
	defer g.mu.Unlock()
	t, failed := c.transfer(p.ID)
	switch {
	case failed != nil:
		return failed
	case t.to != c.sess:
		return wire.Errorf(wire.CodeBadParameter, "one does not accept what one sends")
	case t.accepted: // said twice: when it came, and when it came once more
		c.reply(wire.TransferAccepted{ID: t.ID, Offset: t.acked, Window: t.window})
		return nil
	case p.Offset > t.Size || p.Offset%wire.ChunkBytes != 0 && p.Offset != t.Size:
		return wire.Errorf(wire.CodeBadParameter, `"offset" %d is not where a chunk begins`, p.Offset)
	}
	window := int64(c.conn.srv.limits.TransferWindow)
	if p.Window > 0 {
		window = min(window, p.Window)
	}
	t.window = max(window/wire.ChunkBytes, 1) * wire.ChunkBytes
	t.accepted = true
	t.timer.Stop()
	t.expect, t.high, t.acked, t.credited = p.Offset, p.Offset, p.Offset, p.Offset
	c.reply(wire.TransferAccepted{ID: t.ID, Offset: p.Offset, Window: t.window})
	t.from.tell(wire.NotifyTransferAccepted, wire.TransferAccepted{ID: t.ID, Offset: p.Offset, Window: t.window})
	return nil
}

// endTransfer ends a transfer: its receiver has it all, or one of the two does not want it any more.
func endTransfer(c *call, p *wire.EndTransferParams) *wire.Error {
	g := c.conn.srv.transfers
	g.mu.Lock()
	defer g.mu.Unlock()
	t, failed := c.transfer(p.ID)
	switch {
	case failed != nil:
		return failed
	case p.Code == wire.CodeOK && (t.to != c.sess || t.accepted && t.high != t.Size):
		return wire.Errorf(wire.CodeBadParameter, "it is not complete")
	}
	if p.Code == wire.CodeOK {
		t.acked = t.Size
	}
	c.reply(nil)
	g.end(t, p.Code, t.other(c.sess))
	return nil
}
