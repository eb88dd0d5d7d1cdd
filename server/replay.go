package server

import "encoding/json"

// notification is what a notification says, shared by all who get it.
type notification struct {
	method string
	params json.RawMessage
}

// replay is the ring of a session's last notifications. Numbers start at 1.
type replay struct {
	limit int
	last  uint64 // number of the newest
	ring  []*notification
}

// add numbers a notification.
func (r *replay) add(n *notification) uint64 {
	if len(r.ring) < r.limit {
		r.ring = append(r.ring, n)
	} else {
		r.ring[r.last%uint64(r.limit)] = n
	}
	r.last++
	return r.last
}

// since gives what came after a number, oldest first, and false if some of it is not kept any more or the number was
// never reached.
func (r *replay) since(seq uint64) ([]*outgoing, bool) {
	if seq > r.last || r.last-seq > uint64(len(r.ring)) {
		return nil, false
	}
	missed := make([]*outgoing, 0, r.last-seq)
	for n := seq; n < r.last; n++ {
		missed = append(missed, &outgoing{note: r.ring[n%uint64(r.limit)], seq: n + 1})
	}
	return missed, true
}
