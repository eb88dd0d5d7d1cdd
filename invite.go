package crvideo

import (
	"context"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Invite invites a user of the app to the room we are in (CRVideo_Invite), who is told which room that is, and its password;
// in no room it is for userExtDat (at most 8 KiB) to say what it is about. It returns when the other one has been told; what
// becomes of it is told by NotifyInviteAccepted or NotifyInviteRejected (also after 30 s without an answer).
// Errors: 5 bad parameters, 12 not logged in, 21 not permitted, 603 offline, 606 does not want to be disturbed, 1202 a hundred
// invitations wait already.
func (c *Client) Invite(ctx context.Context, invitedUID, userExtDat string) (inviteID string, err error) {
	return await(ctx, "Invite", func(done func(string, error)) func() {
		return c.startRing("Invite", true, invitedUID, nil, userExtDat, done)
	})
}

// AcceptInvite accepts an invitation (CRVideo_AcceptInvite); the other one gets NotifyInviteAccepted. It does not enter the
// room. Errors: 5 bad parameters, 12 not logged in, 600 no such invitation.
func (c *Client) AcceptInvite(ctx context.Context, inviteID, userExtDat string) error {
	return c.answerRing(ctx, "AcceptInvite", inviteID, nil, userExtDat)
}

// RejectInvite refuses an invitation (CRVideo_RejectInvite); the other one gets NotifyInviteRejected.
// Errors: 5 bad parameters, 12 not logged in, 600 no such invitation.
func (c *Client) RejectInvite(ctx context.Context, inviteID, userExtDat string) error {
	return c.answerRing(ctx, "RejectInvite", inviteID, nil, userExtDat)
}

// CancelInvite takes an invitation back (CRVideo_CancelInvite); the other one gets NotifyInviteCanceled.
// Errors: 5 bad parameters, 12 not logged in, 600 no such invitation of ours.
func (c *Client) CancelInvite(ctx context.Context, inviteID, userExtDat string) error {
	return c.answerRing(ctx, "CancelInvite", inviteID, nil, userExtDat)
}

func inviteIn(c *Client, l *login, p *wire.CallIn) {
	if l.rings == nil {
		l.rings = map[string]*ringing{}
	}
	l.rings[p.ID] = &ringing{peer: p.From, invite: true, incoming: true}
	emit(c, &c.on.inviteIn, NotifyInviteIn{p.ID, p.From, p.Data, meetOf(p.Meet)})
}

func inviteAccepted(c *Client, l *login, p *wire.CallAnswered) {
	delete(l.rings, p.ID)
	emit(c, &c.on.inviteAccepted, NotifyInviteAccepted{p.ID, p.Data})
}

func inviteRejected(c *Client, l *login, p *wire.CallAnswered) {
	delete(l.rings, p.ID)
	emit(c, &c.on.inviteRejected, NotifyInviteRejected{p.ID, p.Reason, p.Data})
}

func inviteCanceled(c *Client, l *login, p *wire.CallAnswered) {
	delete(l.rings, p.ID)
	emit(c, &c.on.inviteCanceled, NotifyInviteCanceled{p.ID, p.Reason, p.Data})
}
