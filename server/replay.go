package server

import "encoding/json"

// notification is what a notification says, shared by all who get it.
type notification struct {
	params json.RawMessage // part of head
	head   []byte          // the message up to its number
	alone  bool            // one session gets it, and it may be big
	calm   bool            // nobody waits for it: it may be a little late, together with others
}

// replay is the ring of a session's last notifications. Numbers start at 1.
type replay struct {
	limit, byteLimit int
	last             uint64 // number of the newest
	kept             int    // so many of the newest are kept
	bytes            int    // of those
	ring             []*notification
}

// add numbers a notification.
func (r *replay) add(n *notification) uint64 {
	size := uint64(r.limit) // positive
	if r.kept == r.limit {
		r.drop()
	}
	if len(r.ring) < r.limit {
		r.ring = append(r.ring, n)
	} else {
		r.ring[r.last%size] = n
	}
	r.last++
	r.kept++
	r.bytes += len(n.params)
	for r.bytes > r.byteLimit && r.kept > 1 {
		r.drop()
	}
	return r.last
}

// drop forgets the oldest.
func (r *replay) drop() {
	oldest := &r.ring[(r.last-uint64(r.kept))%uint64(r.limit)] // never negative
	r.bytes -= len((*oldest).params)
	*oldest = nil
	r.kept--
}

// since gives what came after a number, oldest first, and false if some of it is not kept any more or the number was
// never reached.
func (r *replay) since(seq uint64) ([]*outgoing, bool) {
	if seq > r.last || r.last-seq > uint64(r.kept) { // never negative
		return nil, false
	}
	missed := make([]*outgoing, 0, r.last-seq)
	for n := seq; n < r.last; n++ {
		missed = append(missed, &outgoing{note: r.ring[n%uint64(r.limit)], seq: n + 1})
	}
	return missed, true
}
