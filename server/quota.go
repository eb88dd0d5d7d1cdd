package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// quota is what one connection, user or address may do in a time. Its buckets are for themselves: a quota has no lock.
type quota struct {
	scope    string // for metrics and messages
	holders  int    // connections that it is counted for; guarded by its quotas
	messages *rate.Limiter
	bytes    *rate.Limiter
	logins   *rate.Limiter // attempts of an address, logins of a user; nil for a connection
	failures *rate.Limiter // wrong secrets of an address; nil for others
}

// perMinute is a limiter of n a minute, all of which may come at once.
func perMinute(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(float64(n)/60), n) }

func perSecond(n, burst int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n), burst) }

// connectionQuota holds until the login, which puts the user's in its place: whoever connects anew gets no more by it.
func (l *Limits) connectionQuota() *quota {
	return &quota{
		scope:    "connection",
		messages: perSecond(l.MessagesPerSecond, l.MessageBurst), bytes: perSecond(l.BytesPerSecond, l.ByteBurst),
	}
}

func (l *Limits) userQuota() *quota {
	q := l.connectionQuota()
	q.scope, q.logins = "user", perMinute(l.UserLoginsPerMinute)
	return q
}

func (l *Limits) addressQuota() *quota {
	return &quota{
		scope:    "address",
		messages: perSecond(l.AddressMessagesPerSecond, 2*l.AddressMessagesPerSecond),
		bytes:    perSecond(l.AddressBytesPerSecond, 2*l.AddressBytesPerSecond),
		logins:   perMinute(l.LoginsPerMinute),
		failures: perMinute(l.FailuresPerMinute),
	}
}

// take counts a message, and says what there is too much of; "" if it is within the quota.
func (q *quota) take(bytes int) string {
	switch {
	case !q.messages.Allow():
		return "messages"
	case !q.bytes.AllowN(time.Now(), bytes):
		return "bytes"
	}
	return ""
}

// fresh tells whether the quota is as good as a new one.
func (q *quota) fresh(now time.Time) bool {
	for _, l := range []*rate.Limiter{q.messages, q.bytes, q.logins, q.failures} {
		if l != nil && l.TokensAt(now) < float64(l.Burst()) {
			return false
		}
	}
	return true
}

// quotas are those of all users, or of all addresses. A used one outlives its connections until it is fresh again.
type quotas[K comparable] struct {
	fresh func() *quota

	mu      sync.Mutex
	entries map[K]*quota
	sweepAt int // so many entries are looked through for those that can be forgotten
}

const minSweep = 4096

func newQuotas[K comparable](fresh func() *quota) *quotas[K] {
	return &quotas[K]{fresh: fresh, entries: make(map[K]*quota), sweepAt: minSweep}
}

// hold gives the quota of a key to one more connection, which must release it; nil if limit connections have it.
func (q *quotas[K]) hold(key K, limit int) *quota {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.entries[key]
	if e == nil {
		if len(q.entries) >= q.sweepAt {
			q.sweep(time.Now())
			q.sweepAt = max(minSweep, 2*len(q.entries))
		}
		e = q.fresh()
		q.entries[key] = e
	}
	if e.holders >= limit {
		return nil
	}
	e.holders++
	return e
}

// release takes a hold back.
func (q *quotas[K]) release(key K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.entries[key]
	if e.holders--; e.holders == 0 && e.fresh(time.Now()) {
		delete(q.entries, key)
	}
}

// sweep forgets what can be forgotten.
func (q *quotas[K]) sweep(now time.Time) {
	for key, e := range q.entries {
		if e.holders == 0 && e.fresh(now) {
			delete(q.entries, key)
		}
	}
}
