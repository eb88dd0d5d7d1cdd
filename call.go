package crvideo

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// ringing is a call or an invitation that has begun and not ended. Guarded by Client.mu.
type ringing struct {
	peer     string
	invite   bool
	incoming bool
	accepted bool
	epoch    string // of the server process on which it was accepted

	peerName string
	meet     MeetInfo // as last named by one of the two
	since    time.Time
}

// Call calls a user of the app, who need not be in a room (CRVideo_Call); meet may name the room in which to meet, and
// userExtDat, at most 8 KiB, is for the other application. It returns when the other one is being called; what becomes of it is
// told by NotifyCallAccepted, NotifyCallRejected (also after 30 s without an answer) or NotifyCallHangup. A user is in one call
// at most. Errors: 5 bad parameters, 12 not logged in, 21 not permitted, 601 already in a call, 602 busy, 603 offline,
// 606 does not want to be disturbed.
func (c *Client) Call(ctx context.Context, calledUID string, meet MeetInfo, userExtDat string) (callID string, err error) {
	return await(ctx, "Call", func(done func(string, error)) func() {
		return c.startRing("Call", false, calledUID, &meet, userExtDat, done)
	})
}

// startRing begins a call or an invitation. Its ID is made here, so that a request that is repeated is the same call. done
// gets it in any case.
func (c *Client) startRing(op string, invite bool, uid string, meet *MeetInfo, data string, done func(string, error)) (abandon func()) {
	id := rand.Text()
	request := &wire.CallParams{ID: id, UID: uid, Data: data, Meet: wireMeet(meet)}
	method, opposite := wire.MethodCall, wire.MethodHangupCall
	if invite {
		method, opposite = wire.MethodInvite, wire.MethodCancelInvite
	}
	l, err := c.loggedIn(op)
	if err == nil {
		err = checked(op, request)
	}
	if err != nil {
		done(id, err)
		return noAbandon
	}
	takeBack := func() { l.request(opposite, &wire.CallAnswerParams{ID: id}, nil, func(error) { c.ringEnded(l, id) }) }
	var got wire.CallResult
	l.request(method, request, &got, func(err error) {
		switch {
		case err == nil:
			c.ringBegan(l, id, ringing{peer: uid, invite: invite, peerName: got.Nickname, meet: meetOf(request.Meet)})
		case undecided(err):
			takeBack()
		}
		done(id, toError(op, err))
	})
	return takeBack
}

func wireMeet(m *MeetInfo) *wire.MeetInfo {
	if m == nil || *m == (MeetInfo{}) {
		return nil
	}
	return &wire.MeetInfo{ID: m.ID, Password: m.Password, Subject: m.Subject, URL: m.PubMeetURL}
}

func meetOf(w *wire.MeetInfo) MeetInfo {
	if w == nil {
		return MeetInfo{}
	}
	return meetInfo(w)
}

func (c *Client) ringBegan(l *login, id string, r ringing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.rings == nil {
		l.rings = map[string]*ringing{}
	}
	l.rings[id] = &r
}

func (c *Client) ringEnded(l *login, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(l.rings, id)
}

func (c *Client) ringAcceptedLocked(l *login, id string, meet *wire.MeetInfo) {
	r := l.rings[id]
	if r == nil {
		return
	}
	if !r.accepted {
		r.since = time.Now()
	}
	r.accepted, r.epoch = true, l.session().Epoch()
	if meet != nil {
		r.meet = meetOf(meet)
	}
}

// AcceptCall accepts a call (CRVideo_AcceptCall), whose caller gets NotifyCallAccepted with meet and userExtDat.
// Errors: 5 bad parameters, 12 not logged in, 600 no such call.
func (c *Client) AcceptCall(ctx context.Context, callID string, meet MeetInfo, userExtDat string) error {
	return c.answerRing(ctx, "AcceptCall", callID, &meet, userExtDat)
}

// RejectCall refuses a call (CRVideo_RejectCall), whose caller gets NotifyCallRejected, code 606.
// Errors: 5 bad parameters, 12 not logged in, 600 no such call.
func (c *Client) RejectCall(ctx context.Context, callID, userExtDat string) error {
	return c.answerRing(ctx, "RejectCall", callID, nil, userExtDat)
}

// HangupCall ends a call at any time (CRVideo_HangupCall); the other one gets NotifyCallHangup.
// Errors: 5 bad parameters, 12 not logged in, 600 no such call.
func (c *Client) HangupCall(ctx context.Context, callID, userExtDat string) error {
	return c.answerRing(ctx, "HangupCall", callID, nil, userExtDat)
}

// answers are the methods by call.
var answers = map[string]string{
	"AcceptCall": wire.MethodAcceptCall, "RejectCall": wire.MethodRejectCall, "HangupCall": wire.MethodHangupCall,
	"AcceptInvite": wire.MethodAcceptInvite, "RejectInvite": wire.MethodRejectInvite, "CancelInvite": wire.MethodCancelInvite,
}

func (c *Client) answerRing(ctx context.Context, op, id string, meet *MeetInfo, data string) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		return c.startAnswer(op, id, meet, data, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startAnswer(op, id string, meet *MeetInfo, data string, done func(error)) (abandon func()) {
	request := &wire.CallAnswerParams{ID: id, Meet: wireMeet(meet), Data: data}
	l, err := c.loggedIn(op)
	if err == nil {
		err = checked(op, request)
	}
	if err != nil {
		done(err)
		return noAbandon
	}
	l.request(answers[op], request, nil, func(err error) {
		if err == nil {
			c.mu.Lock()
			if op == "AcceptCall" {
				c.ringAcceptedLocked(l, id, request.Meet)
			} else {
				delete(l.rings, id)
			}
			c.mu.Unlock()
		}
		done(toError(op, err))
	})
	return noAbandon
}

// ofLogin makes a handler of notifications that concern a login, called with the client locked.
func ofLogin[P any](handle func(*Client, *login, *P)) func(*Client, *login, *P) {
	return func(c *Client, l *login, p *P) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.login == l {
			handle(c, l, p)
		}
	}
}

func callIn(c *Client, l *login, p *wire.CallIn) {
	if l.rings == nil {
		l.rings = map[string]*ringing{}
	}
	l.rings[p.ID] = &ringing{peer: p.From, incoming: true, peerName: p.Nickname, meet: meetOf(p.Meet)}
	emit(c, &c.on.callIn, NotifyCallIn{p.ID, meetOf(p.Meet), p.From, p.Data})
}

func callAccepted(c *Client, l *login, p *wire.CallAnswered) {
	c.ringAcceptedLocked(l, p.ID, p.Meet)
	emit(c, &c.on.callAccepted, NotifyCallAccepted{p.ID, meetOf(p.Meet), p.Data})
}

func callRejected(c *Client, l *login, p *wire.CallAnswered) {
	delete(l.rings, p.ID)
	emit(c, &c.on.callRejected, NotifyCallRejected{p.ID, fromWire(p.Code), p.Data})
}

func callHangup(c *Client, l *login, p *wire.CallAnswered) {
	delete(l.rings, p.ID)
	emit(c, &c.on.callHangup, NotifyCallHangup{p.ID, p.Data})
}
