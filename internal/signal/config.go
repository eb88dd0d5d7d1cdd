package signal

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Config says how to reach a server and what to do with what it says. Only URL is needed.
type Config struct {
	URL     string                                                            // as made by the function URL
	TLS     *tls.Config                                                       // for wss; nil trusts the system's authorities
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error) // nil: TCP, through a proxy of the environment
	Header  http.Header                                                       // of the upgrade request
	Logger  *slog.Logger                                                      // nil: silent

	// Timeout bounds the login, every request, and how long a lost connection may take to come back; default 60 s.
	Timeout time.Duration
	// PingInterval is how often the client pings; default wire.PingInterval, 2 s.
	PingInterval time.Duration
	// PeerSilence is how long nothing at all may come before the connection counts as lost. It also bounds a write, and
	// one attempt to come back. Default wire.PeerSilence, 5 s.
	PeerSilence time.Duration
	// CloseTimeout is how long Close waits for the server to confirm the logout; default 1 s.
	CloseTimeout time.Duration

	// OnNotify gets every notification once and in order. It runs on the goroutine that reads, so it must not wait for
	// the server. It may run before Login has returned.
	OnNotify func(method string, params json.RawMessage)
	// OnFrame gets every frame, in order, once or never: what a lost connection carried is lost. It runs on the goroutine
	// that reads, and the payload is good until it returns. Nil: a server that sends one breaks the protocol.
	OnFrame func(frame *wire.Frame)
	// OnResumed is called, on the same goroutine, when a lost connection has come back.
	OnResumed func()
	// OnBack is called after it, when frames can be sent again.
	OnBack func()
	// OnRenewed is called instead, on the same goroutine, when the server had forgotten the session (it was restarted, or
	// the connection was away for too long) and has let us log in again: notifications begin anew, and we are in no room.
	// Renewal requests restore what there was; all others wait until release is called. Nil ends the session then.
	OnRenewed func(release func())
	// Backoff, if not nil, says how long to wait before the attempt to come back with this number, from 0, when the
	// connection is gone for so long; below 0 gives up. The default: at once, then 100 ms doubling up to 1 s, 5 s after
	// the first minute, each less up to a half at random.
	Backoff func(attempt int, away time.Duration) time.Duration
	// OnEnd is called once, on the same goroutine, if the session ends other than by Close. Its code is 10, 18, 204 or
	// 205, or another one that the server gave. Requests in flight have failed by then, with the same error.
	OnEnd func(err *wire.Error)
}

func (c Config) withDefaults() Config {
	orTime := func(field *time.Duration, value time.Duration) {
		if *field <= 0 {
			*field = value
		}
	}
	orTime(&c.Timeout, wire.DefaultServerTimeout)
	orTime(&c.PingInterval, wire.PingInterval)
	orTime(&c.PeerSilence, wire.PeerSilence)
	orTime(&c.CloseTimeout, time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.OnNotify == nil {
		c.OnNotify = func(string, json.RawMessage) {}
	}
	if c.OnResumed == nil {
		c.OnResumed = func() {}
	}
	if c.OnBack == nil {
		c.OnBack = func() {}
	}
	if c.OnEnd == nil {
		c.OnEnd = func(*wire.Error) {}
	}
	return c
}
