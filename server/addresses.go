package server

import (
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// addresses counts what each IP address does: connections, and failed attempts to guess a secret.
type addresses struct {
	perMinute int

	mu      sync.Mutex
	entries map[string]*address
}

type address struct {
	conns    int
	failures *rate.Limiter // nil until the first failure
}

// maxIdleAddresses is how many addresses without a connection are remembered before the harmless ones are forgotten.
const maxIdleAddresses = 4096

func newAddresses(failuresPerMinute int) *addresses {
	return &addresses{perMinute: failuresPerMinute, entries: make(map[string]*address)}
}

func (a *addresses) entry(ip string) *address {
	e := a.entries[ip]
	if e == nil {
		e = &address{}
		a.entries[ip] = e
	}
	return e
}

// connect counts a connection, unless the address has limit of them.
func (a *addresses) connect(ip string, limit int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entry(ip)
	if e.conns >= limit {
		return false
	}
	e.conns++
	return true
}

// disconnect takes a connection back.
func (a *addresses) disconnect(ip string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entry(ip)
	e.conns--
	if e.conns > 0 {
		return
	}
	if e.failures == nil {
		delete(a.entries, ip)
	} else if len(a.entries) > maxIdleAddresses {
		a.forget(time.Now())
	}
}

// forget drops the idle addresses whose failures lie a minute back.
func (a *addresses) forget(now time.Time) {
	for ip, e := range a.entries {
		if e.conns <= 0 && (e.failures == nil || e.failures.TokensAt(now) >= float64(a.perMinute)) {
			delete(a.entries, ip)
		}
	}
}

// failed counts a failed attempt.
func (a *addresses) failed(ip string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entry(ip)
	if e.failures == nil {
		e.failures = rate.NewLimiter(rate.Limit(float64(a.perMinute)/60), a.perMinute)
	}
	e.failures.Allow()
}

// blocked tells whether the address has failed too often to be let try again now.
func (a *addresses) blocked(ip string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entries[ip]
	return e != nil && e.failures != nil && e.failures.Tokens() < 1
}

// hostOf is the address without its port.
func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}
