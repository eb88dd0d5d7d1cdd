// Package queue holds the rules of a call centre's queues: who waits where, who serves, and who is assigned to whom. It is
// pure: it has no clock, no goroutine and no lock. Every change is told the time, and leaves what others must be told in
// Take; Next says when Tick has something to do although nothing happens.
//
// A customer waits, is offered to an agent, and is accepted by it; with the call between the two its queuing is over and the
// agent's service begins, which ends with the call. Whatever goes wrong before the call is answered, the customer is
// back in its place: the one it would have if nothing had happened.
package queue

import (
	"errors"
	"time"
)

// The times of an Engine.
const (
	AnswerTime  = 30 * time.Second // an agent has so long to answer an offer, and then to call
	RefuseTime  = 30 * time.Second // whom an agent has refused is not offered to it again for so long
	PauseTime   = 30 * time.Second // an agent that has not answered gets no offer for so long
	TellEvery   = time.Second      // what changes a queue is told at most so often
	RefreshTime = 30 * time.Second // who waits is told its waiting time at least so often
)

// The reasons for which an Engine refuses.
var (
	ErrNoQueue    = errors.New("there is no such queue")
	ErrNobody     = errors.New("nobody waits whom one could serve")
	ErrCancelled  = errors.New("the user is not assigned, or not any more")
	ErrNotServing = errors.New("the service is not started")
	ErrElsewhere  = errors.New("already waiting in another queue")
	ErrBusy       = errors.New("serving somebody, or in a call, already")
)

// Info describes a queue.
type Info struct {
	ID, Prio   int // the smaller the priority, the sooner its customers are served
	Name, Desc string
}

// Status is how a queue is.
type Status struct {
	ID      int
	Agents  int // who serve it
	Waiting int // offered ones included
	Serving int // accepted, or in their call
}

// User is a customer.
type User struct {
	Queue               int
	UID, Nickname, Data string
	Since               time.Time // it waits since then
}

// Place is where a customer is. The zero value: in no queue.
type Place struct {
	Queue    int
	Position int // from 1; 0: an agent has accepted it and is going to call
	Since    time.Time
}

// Service is what an agent serves.
type Service struct {
	Queue, Priority int // the smaller the priority, the sooner the agent gets a customer of the queue
}

// Events of an Engine.
type (
	// Assigned tells an agent whom it is offered.
	Assigned struct {
		Agent string
		User  User
	}
	// Cancelled tells an agent that somebody is not its any more, before there was a call.
	Cancelled struct {
		Agent string
		Queue int
		UID   string
	}
	// Ended tells an agent that a service has ended with its call.
	Ended struct {
		Agent string
		Queue int
		UID   string
	}
	// Placed tells a customer where it is.
	Placed struct {
		UID   string
		Place Place
	}
	// Changed tells everybody how a queue is.
	Changed struct{ Status Status }
)
