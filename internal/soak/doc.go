// Package soak keeps many clients in random motion against a server of its own behind a network that hurts them, and
// holds what a call must keep whatever happens: each accepted call ends once, events come in an order that makes
// sense and none after the end, everybody sees the same room when it is calm, media says by its content that it
// arrives where it should, and nothing is left at the end.
//
// A run is cycles of a storm, in which bots act and faults happen, and a calm, in which everything is healed and
// looked at. At every third calm, and at the end, all clients are closed and what is left is measured.
package soak
