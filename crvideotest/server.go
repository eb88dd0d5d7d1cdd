package crvideotest

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/server"
)

// shutdownTime bounds the end of a server when its test is over.
const shutdownTime = 10 * time.Second

// Server is a whole server in the test's process.
type Server struct {
	*server.Server // replaced by Restart, and not to be used while that runs

	tb     TB
	cfg    server.Config
	end    chan struct{} // closed when the test ends
	served chan error

	mu      sync.Mutex
	network *Network

	restart sync.Mutex // one at a time
}

// NewServer starts a server on free loopback ports and stops it when the test ends. Changes, if given, alter its
// configuration before the start. Only warnings and errors are logged unless a change sets a Logger.
func NewServer(tb TB, changes ...func(*server.Config)) *Server {
	tb.Helper()
	cfg := server.Config{Addr: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(testWriter{tb}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	for _, change := range changes {
		change(&cfg)
	}
	if cfg.Store == nil {
		cfg.Store = server.NewMemoryStore() // outlives a restart
	}
	s := &Server{tb: tb, cfg: cfg, end: make(chan struct{})}
	if err := s.start(); err != nil {
		tb.Fatalf("crvideotest: %v", err)
	}
	if s.Addr() != nil {
		s.cfg.Addr = s.Addr().String()
	}
	s.cfg.MediaAddr = s.MediaAddr().String()
	if tcp := s.MediaTCPAddr(); tcp != nil {
		s.cfg.MediaTCPAddr = tcp.String()
	}
	tb.Cleanup(func() {
		close(s.end)
		s.restart.Lock() // a restart that is under way is completed first
		defer s.restart.Unlock()
		s.stop()
	})
	return s
}

func (s *Server) start() error {
	started, err := server.New(s.cfg)
	if err != nil {
		return err
	}
	s.Server, s.served = started, make(chan error, 1)
	go func(served chan<- error) { served <- started.Serve() }(s.served)
	return nil
}

func (s *Server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		s.tb.Errorf("crvideotest: shutdown: %v", err)
	}
	if err := <-s.served; err != nil {
		s.tb.Errorf("crvideotest: serve: %v", err)
	}
}

// Restart shuts the server down in order and starts another one on the same ports after so long a time. It knows
// nothing of the sessions and rooms before it, except for the regular rooms in its Store. It returns when the new
// server serves. Clients are told (close code 1001); Network.RestartFresh is the crash that tells nobody.
func (s *Server) Restart(down time.Duration) {
	s.restart.Lock()
	defer s.restart.Unlock()
	select {
	case <-s.end:
		return
	default:
	}
	back := time.Now().Add(down)
	s.stop()
	pause(s.end, time.Until(back))
	if _, err := retake(nil, func() (struct{}, error) { return struct{}{}, s.start() }); err != nil {
		s.tb.Errorf("crvideotest: restart: %v", err)
		// what is stopped in the end must be there
		s.served <- nil
	}
}

// testWriter makes log lines appear with the test that they belong to.
type testWriter struct{ tb TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.tb.Logf("server: %s", p)
	return len(p), nil
}
