package server

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bound is how long a test waits for anything that must come.
const bound = 10 * time.Second

// start runs a server on loopback for the length of the test, with a media engine that does nothing unless one is
// configured, and an app "app" with secret "secret".
func start(t *testing.T, change ...func(*Config)) *Server {
	t.Helper()
	cfg := Config{
		Addr: "127.0.0.1:0", Apps: []App{{ID: "app", Secret: "secret"}, {ID: "other", Secret: "hidden"}},
		Logger: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})),
		engine: &fakeEngine{},
	}
	for _, c := range change {
		c(&cfg)
	}
	s, err := New(cfg)
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		stop(t, s)
		require.NoError(t, <-served)
	})
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	require.NoError(t, s.Shutdown(ctx))
}

func withLimits(change func(*Limits)) func(*Config) { return func(cfg *Config) { change(&cfg.Limits) } }

// tick is how often a condition is looked at that has no event to wait for.
const tick = 5 * time.Millisecond

// gather reads a metric without labels.
func gather(t *testing.T, s *Server, name string) float64 {
	t.Helper()
	families, err := s.metrics.registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}
