package crvideo

import (
	"encoding/json"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// restoreLogin tells a server that had forgotten us what belongs to our login, before any other request. What still waited for
// an answer has ended; calls that were accepted go on.
func (c *Client) restoreLogin(l *login) {
	c.mu.Lock()
	if c.login != l {
		c.mu.Unlock()
		return
	}
	calls := c.endRingingLocked(l)
	dnd, watching := l.dnd, l.statuses != nil
	if watching {
		c.spawnLocked(func() { c.compareStatuses(l) })
	}
	c.mu.Unlock()
	l.restoreTransfers()
	requests := l.session().Renewal()
	for _, r := range calls {
		requests.Go(wire.MethodRestoreCall, r, func(_ json.RawMessage, failure *wire.Error) { c.callRestored(l, r.ID, failure) })
	}
	ignore := func(json.RawMessage, *wire.Error) {}
	if dnd != 0 {
		requests.Go(wire.MethodSetDND, &wire.DNDParams{DND: dnd}, ignore)
	}
	if watching {
		requests.Go(wire.MethodWatchUserStatus, &wire.WatchParams{On: true}, ignore)
	}
	c.restoreQueues(l, requests)
}

// endRingingLocked ends what waited for an answer, and gives the calls that were accepted.
func (c *Client) endRingingLocked(l *login) (calls []*wire.RestoreCallParams) {
	for id, r := range l.rings {
		switch {
		case r.accepted:
			calls = append(calls, &wire.RestoreCallParams{ID: id, UID: r.peer, Called: r.incoming, Epoch: r.epoch})
			continue
		case r.invite && r.incoming:
			emit(c, &c.on.inviteCanceled, NotifyInviteCanceled{InviteID: id, Reason: wire.ReasonLost})
		case r.invite:
			emit(c, &c.on.inviteRejected, NotifyInviteRejected{InviteID: id, Reason: wire.ReasonLost})
		case r.incoming:
			emit(c, &c.on.callHangup, NotifyCallHangup{CallID: id})
		default:
			emit(c, &c.on.callRejected, NotifyCallRejected{CallID: id, Code: CodeSessionUnknown})
		}
		delete(l.rings, id)
	}
	return calls
}

// callRestored hears whether a call goes on. A server that forgets us once more, before it has answered, is told again.
func (c *Client) callRestored(l *login, id string, failure *wire.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case failure == nil:
		c.ringAcceptedLocked(l, id, nil)
	case failure.Code != wire.CodeNoSession && l.rings[id] != nil && c.login == l:
		delete(l.rings, id)
		emit(c, &c.on.callHangup, NotifyCallHangup{CallID: id})
	}
}

// compareStatuses tells, once all have had the time to come back, which users' status is another one than before.
func (c *Client) compareStatuses(l *login) {
	timer := time.NewTimer(reappearTime)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.ctx.Done():
		return
	}
	c.startGetStatus("", func(all []UserStatus, err error) {
		if err != nil {
			return // the login has ended, or another comparison follows
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.login != l {
			return
		}
		there := map[string]bool{}
		for _, s := range all {
			there[s.UID] = true
			if _, known := l.statuses[s.UID]; known {
				c.toldStatusLocked(l, s)
			}
		}
		for uid := range l.statuses {
			if !there[uid] {
				c.toldStatusLocked(l, UserStatus{UID: uid})
			}
		}
	})
}
