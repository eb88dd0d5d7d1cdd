package crvideo

import (
	"encoding/json"

	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// renewalRequest tells a server that had forgotten us one thing; answered runs locked.
type renewalRequest struct {
	method   string
	params   any
	answered func(json.RawMessage, *wire.Error)
}

// restoreQueues tells a server that had forgotten us where we waited and what we served.
func (c *Client) restoreQueues(l *login, requests signal.Requests) {
	c.mu.Lock()
	var all []renewalRequest
	if c.login == l {
		all = append(c.serviceLocked(l), c.waitLocked(l)...)
	}
	c.mu.Unlock()
	for _, r := range all {
		requests.Go(r.method, r.params, func(raw json.RawMessage, failure *wire.Error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.login == l && (failure == nil || failure.Code != wire.CodeNoSession) { // else it is told again
				r.answered(raw, failure)
			}
		})
	}
}

// serviceLocked restores what an agent does. Whom it had been assigned, without an answered call, comes back to its place by itself,
// and is cancelled here.
func (c *Client) serviceLocked(l *login) (all []renewalRequest) {
	q := &l.queue
	if q.inited {
		all = append(all, renewalRequest{wire.MethodInitQueues, nil, func(raw json.RawMessage, failure *wire.Error) {
			var got wire.QueuesResult
			if failure == nil && decodeResult(wire.MethodInitQueues, raw, &got) == nil {
				queuesChanged(c, l, &got)
			}
		}})
	}
	for id, priority := range q.serving {
		all = append(all, renewalRequest{wire.MethodStartService, &wire.StartServiceParams{ID: id, Priority: priority}, func(_ json.RawMessage, failure *wire.Error) {
			if failure != nil {
				delete(q.serving, id)
			}
		}})
	}
	p := q.assigned
	switch {
	case p == nil:
	case l.talksTo(p.UID):
		all = append(all, renewalRequest{wire.MethodRestoreServing, p, func(_ json.RawMessage, failure *wire.Error) {
			if failure != nil { // the call has ended, too, and that was told
				q.drop(p)
			}
		}})
	default:
		q.assigned = nil
		emit(c, &c.on.cancelAssignUser, CancelAssignUser{p.ID, p.UID})
	}
	return all
}

// waitLocked restores the wait of a customer.
func (c *Client) waitLocked(l *login) []renewalRequest {
	q := &l.queue
	w := q.queuing
	if w == nil {
		return nil
	}
	p := &wire.StartQueuingParams{ID: w.id, Data: w.data, Ticket: w.ticket}
	return []renewalRequest{{wire.MethodStartQueuing, p, func(raw json.RawMessage, failure *wire.Error) {
		var got wire.StartQueuingResult
		switch {
		case q.queuing != w:
		case failure == nil && decodeResult(wire.MethodStartQueuing, raw, &got) == nil:
			w.ticket = got.Ticket
		default:
			queuingInfoChanged(c, l, &wire.QueuingInfo{})
		}
	}}}
}

// talksTo tells whether we are in an answered call with a user.
func (l *login) talksTo(uid string) bool {
	for _, r := range l.rings {
		if r.peer == uid && r.accepted && !r.invite {
			return true
		}
	}
	return false
}
