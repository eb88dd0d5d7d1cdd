package server

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
)

// queueTicket is what a customer is given when it begins to wait, and gives back to a server that was restarted: it has
// waited since then, and nobody can say so without having done it.
type queueTicket struct {
	AppID string    `json:"app"`
	UID   string    `json:"uid"`
	Queue int       `json:"queue"`
	Since time.Time `json:"since"`
	Epoch string    `json:"epoch"` // of the server process: there it waits, or has been served
}

const queueTicketPurpose = "crvideo queue ticket"

// maxWait is how long a wait is believed after a restart.
const maxWait = 24 * time.Hour

func (s *Server) queueTicket(of *session, u *queue.User) string {
	secret, _ := s.apps.secret(of.appID)
	return sealTicket(secret, queueTicketPurpose, queueTicket{AppID: of.appID, UID: of.uid, Queue: u.Queue, Since: u.Since, Epoch: s.epoch})
}

// readQueueTicket checks the ticket of a session that was there before a restart.
func (s *Server) readQueueTicket(of *session, p *wire.StartQueuingParams) (t queueTicket, ok bool) {
	secret, _ := s.apps.secret(of.appID)
	if p.Ticket == "" || of.renews == "" || !openTicket(secret, queueTicketPurpose, p.Ticket, &t) {
		return t, false
	}
	ok = t.AppID == of.appID && t.UID == of.uid && t.Queue == p.ID && t.Epoch != s.epoch && s.queues.clock.Now().Sub(t.Since) < maxWait
	return t, ok
}
