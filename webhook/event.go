// Package webhook reads what a CRVideo server tells other programs by HTTP: what happens in its rooms, and who wants to log in.
// Every request is signed with a secret that both sides have; Handler and Verify check that.
package webhook

import "time"

// The kinds of Event.
const (
	RoomStarted   = "roomStarted"   // somebody is in a room that was empty
	RoomEnded     = "roomEnded"     // nobody is in a room any more
	MemberEntered = "memberEntered" // after RoomStarted for the first one
	MemberLeft    = "memberLeft"    // before RoomEnded for the last one
	LoginAsked    = "login"         // may this user log in? The answer counts
)

// Event is one thing that happened, or is asked. Those of a room come one after the other, in order; each may come more than once, under the
// same ID, if an answer was lost.
type Event struct {
	ID     string    `json:"id"`
	Type   string    `json:"event"`
	Time   time.Time `json:"time"`  // when it happened, by the server's clock
	Epoch  string    `json:"epoch"` // names the server process: with another one everybody has left who was told of by the one before
	AppID  string    `json:"app"`
	Room   *Room     `json:"room,omitempty"`
	Member *Member   `json:"member,omitempty"`
	Reason string    `json:"reason,omitempty"` // of MemberLeft: exit, kick, extrude, timeout or ended (the room); of RoomEnded: empty or ended
	By     string    `json:"by,omitempty"`     // UID of who ended the room, if somebody has
	Login  *Login    `json:"login,omitempty"`
}

// Room is where it happened.
type Room struct {
	ID      int64  `json:"id"`
	Subject string `json:"subject,omitempty"`
	Regular bool   `json:"regular,omitempty"`
}

// Member is who it was.
type Member struct {
	UID      string `json:"uid"`
	Nickname string `json:"nickname"`
	Num      uint32 `json:"num"` // in the room, from 1; not given to anybody else
}

// Login is who wants to log in. Its secret or token has been found right already.
type Login struct {
	UID      string `json:"uid"`
	Nickname string `json:"nickname"`
	AuthCode string `json:"userAuthCode"`
	ByToken  bool   `json:"byToken,omitempty"`
	// Renewal: a client that was logged in comes back by itself, after a restart of the server. It has the same code as before.
	Renewal bool   `json:"renewal,omitempty"`
	Addr    string `json:"addr"` // IP address
}

// Answer is what LoginAsked is answered with, under HTTP status 200.
type Answer struct {
	Allow bool `json:"allow"`
}
