// Package sfu is a selective forwarding unit: it receives the streams of a room's peers over WebRTC and forwards their
// RTP packets, never decoded, to the others.
//
// A peer is one peer connection, made from the peer's own offer. Its sending m-lines are uplinks, on which it can
// publish; its receiving m-lines are slots, to which published streams are assigned one after the other. Every
// forwarded packet carries the number of its stream as its only CSRC, so the receiver knows whose it is from the
// packet alone. Within a slot sequence numbers and timestamps are continuous, whichever streams it carries.
//
// Goroutines: packets are forwarded on the goroutine that pion reads the publisher's packets with, RTCP is written by
// one goroutine a room, and callbacks run one after the other, on a goroutine that exists while there are any. Locks
// are taken in the order Peer.stateMu, Peer.negotiation, Room.mu, slot.mu, track.mu. pion holds its transport lock
// while it waits for the goroutines that read packets: so on those, and with Room.mu or a slot's lock held, nothing is
// called that takes it (writing RTCP, the first use of a sender, closing).
package sfu
