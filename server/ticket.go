package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// ticket is what a member is given when it enters a room, and gives back when it enters again: with it a server that
// was restarted, or another one, makes the room anew under the same ID. It is signed with a key made of the app's
// secret, so that only servers of the app can make one.
type ticket struct {
	AppID    string    `json:"app"`
	MeetID   int64     `json:"meet"`
	Subject  string    `json:"subject,omitempty"`
	Password []byte    `json:"password,omitempty"` // its MAC: whoever enters must still know it
	Regular  bool      `json:"regular,omitempty"`
	Created  time.Time `json:"created"` // of the room
	Epoch    string    `json:"epoch"`   // of the server process: there the room is, or it has ended
	UID      string    `json:"uid"`     // of the member, who gets
	Num      uint32    `json:"num"`     // this number again
}

const ticketPurpose = "crvideo room ticket"

// ticket makes a member's ticket; empty for rooms that the store keeps.
func (r *room) ticket(m *member) string {
	if _, forgets := r.srv.cfg.Store.(*MemoryStore); r.regular && !forgets { // forgotten with the process, and made anew as such
		return ""
	}
	secret, _ := r.srv.apps.secret(r.appID)
	t := ticket{AppID: r.appID, MeetID: r.id, Subject: r.subject, Regular: r.regular, Created: r.created, Epoch: r.srv.epoch, UID: m.uid, Num: m.num}
	if r.password != "" {
		t.Password = ticketMAC(secret, r.password)
	}
	return sealTicket(secret, ticketPurpose, t)
}

// ticketMAC signs what belongs to a room ticket.
func ticketMAC(secret, text string) []byte { return purposeMAC(secret, ticketPurpose, text) }

// purposeMAC signs with a key that is good for nothing else.
func purposeMAC(secret, purpose, text string) []byte {
	key := hmac.New(sha256.New, []byte(secret))
	key.Write([]byte(purpose))
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// sealTicket makes a signed text of a ticket.
func sealTicket(secret, purpose string, ticket any) string {
	text, err := json.Marshal(ticket)
	if err != nil {
		panic("server: a ticket that cannot be encoded: " + err.Error()) // our own type: a bug
	}
	payload := base64.RawURLEncoding.EncodeToString(text)
	return payload + "." + base64.RawURLEncoding.EncodeToString(purposeMAC(secret, purpose, payload))
}

// openTicket reads one that was sealed with the same secret for the same purpose.
func openTicket(secret, purpose, sealed string, into any) bool {
	payload, signature, _ := strings.Cut(sealed, ".")
	given, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || secret == "" || !hmac.Equal(given, purposeMAC(secret, purpose, payload)) {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	return err == nil && json.Unmarshal(text, into) == nil
}

// readTicket checks a ticket for a room of an app.
func (s *Server) readTicket(appID string, p *wire.EnterMeetingParams) (t ticket, ok bool) {
	secret, _ := s.apps.secret(appID)
	if !openTicket(secret, ticketPurpose, p.Ticket, &t) {
		return t, false
	}
	switch {
	case t.AppID != appID || t.MeetID != p.MeetID:
		return t, false
	case len(t.Password) > 0 && !hmac.Equal(t.Password, ticketMAC(secret, p.Password)):
		return t, false
	}
	return t, true
}

// returningNumbers are left, in a room that is made anew, for those who were in it before.
const returningNumbers = 1000

// number gives a member its number: the one of its ticket if nobody has it, else a new one. The room must be locked.
func (r *room) number(m *member, p *wire.EnterMeetingParams) uint32 {
	taken := func(num uint32) bool {
		return slices.ContainsFunc(r.order, func(o *member) bool { return o.num == num })
	}
	if t, ok := r.srv.readTicket(r.appID, p); ok && t.UID == m.uid && !taken(t.Num) {
		return t.Num
	}
	for r.lastMember++; taken(r.lastMember); {
		r.lastMember++
	}
	return r.lastMember
}

// findRoom gives the room to enter; with a good ticket one that an earlier process had is made anew.
func (s *Server) findRoom(appID string, p *wire.EnterMeetingParams) (*room, *wire.Error) {
	r, failed := s.room(appID, p.MeetID)
	if failed == nil || p.Ticket == "" {
		return r, failed
	}
	t, ok := s.readTicket(appID, p)
	if !ok || t.Epoch == s.epoch {
		return nil, failed
	}
	kept := StoredRoom{ID: t.MeetID, AppID: appID, Subject: t.Subject, Created: t.Created}
	if len(t.Password) > 0 {
		kept.Password = p.Password
	}
	s.mu.Lock()
	switch {
	case s.phase != serving:
		s.mu.Unlock()
		return nil, goingAway()
	case s.rooms[t.MeetID] != nil: // somebody was faster, or another app has this ID now
		s.mu.Unlock()
		return s.room(appID, p.MeetID)
	case len(s.rooms) >= s.limits.Rooms:
		s.mu.Unlock()
		return nil, wire.Errorf(wire.CodeNoRoomLeft, "the server has %d rooms, more are not allowed", s.limits.Rooms)
	}
	r = newRoom(s, kept, t.Regular)
	r.lastMember = returningNumbers
	s.rooms[r.id] = r
	s.mu.Unlock()
	r.log.Info("room made anew: its members come back from another process")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.startIdle()
	return r, nil
}
