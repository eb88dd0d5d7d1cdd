// Package signal is the client's side of the crvideo.1 signalling protocol: one session on one WebSocket at a time,
// with requests, ordered notifications, keepalive, and a way back after a lost connection.
package signal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Session is a login on a server. It outlives its connection: a lost one is replaced, requests in flight are repeated
// and answered once, and notifications arrive once and in order. All methods may be called from any goroutine.
type Session struct {
	cfg     Config
	log     *slog.Logger
	resume  wire.ResumeParams // what a resume needs; LastSeq belongs to the reading goroutine
	since   time.Time         // of the login
	life    context.Context   // ends with the session
	endLife context.CancelFunc
	done    chan struct{}
	rtt     atomic.Int64

	mu       sync.Mutex // guards everything below; never held while writing or calling out
	epoch    string     // of the server process
	login    wire.LoginParams
	link     *link // nil while the connection is lost
	lastID   uint64
	calls    map[uint64]*call
	renewals int         // how often the server had forgotten the session
	renewing bool        // and what it had on the server is being restored: other requests are held
	ended    *wire.Error // why there are no more requests; nil: there are
	leaving  bool        // Close was called
}

// Login connects to a server and logs in. When ctx or Config.Timeout ends first nothing is left behind. Its errors
// hold an *wire.Error: the server's own code, 201 no address, 203 no connection, 204 connection lost, 205 no answer;
// or ctx's error.
func Login(ctx context.Context, cfg Config, params wire.LoginParams) (*Session, wire.LoginResult, error) {
	cfg = cfg.withDefaults()
	if cfg.URL == "" {
		return nil, wire.LoginResult{}, wire.Errorf(wire.CodeNoServerAddr, "the server address is empty")
	}
	silent := wire.Errorf(wire.CodeTimeout, "%s did not answer the login for %v", cfg.URL, cfg.Timeout)
	bounded, cancel := context.WithTimeoutCause(ctx, cfg.Timeout, silent)
	defer cancel()
	l, result, err := login(bounded, &cfg, params)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, wire.LoginResult{}, fmt.Errorf("login on %s: %w", cfg.URL, ctx.Err())
	case err != nil:
		return nil, wire.LoginResult{}, err
	}
	s := &Session{
		cfg: cfg, log: cfg.Logger.With("session", result.Session), done: make(chan struct{}), link: l, login: params, since: time.Now(),
		resume: wire.ResumeParams{Session: result.Session, Key: result.Key}, lastID: helloID, calls: map[uint64]*call{}, epoch: result.Epoch,
	}
	s.life, s.endLife = context.WithCancel(context.Background())
	l.ping.start(cfg.PingInterval, func() { s.ping(l) })
	go s.run(l)
	return s, result, nil
}

func login(ctx context.Context, cfg *Config, params wire.LoginParams) (*link, wire.LoginResult, error) {
	var result wire.LoginResult
	l, err := dial(ctx, cfg)
	if err != nil {
		return nil, result, err
	}
	if err = l.hello(ctx, wire.MethodLogin, params, &result); err == nil && (result.Session == "" || result.Key == "") {
		err = wire.Errorf(wire.CodeInvalidData, "%s gave no session", cfg.URL)
	}
	if err == nil {
		return l, result, nil
	}
	l.close(err)
	var own *wire.Error
	var broken *protocolError
	switch {
	case context.Cause(ctx) != nil:
		err = context.Cause(ctx)
	case verdict(err) != nil:
		err = verdict(err)
	case errors.As(err, &broken):
		err = failed(wire.CodeInvalidData, err, "login on %s", cfg.URL)
	case !errors.As(err, &own):
		err = failed(wire.CodeSocket, err, "the connection to %s was lost while logging in", cfg.URL)
	}
	return nil, result, err
}

// Done is closed when the session is over: after Close, or after OnEnd has returned. Nothing is called after it.
func (s *Session) Done() <-chan struct{} { return s.done }

// RTT is the time between the last answered ping and its answer; 0 before the first.
func (s *Session) RTT() time.Duration { return time.Duration(s.rtt.Load()) }
