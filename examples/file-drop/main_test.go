package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/crvideotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen keeps what is printed, and wakes who waits for it.
type screen struct {
	mu    sync.Mutex
	text  strings.Builder
	shown chan struct{}
	want  string
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := strings.Contains(s.text.String(), s.want)
	s.text.Write(p)
	if !before && strings.Contains(s.text.String(), s.want) {
		close(s.shown)
	}
	return len(p), nil
}

func TestAlone(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	dir := t.TempDir()
	require.NoError(t, run(ctx, io.Discard, options{uid: "bob", into: dir, count: 1}))
	got, err := os.ReadFile(filepath.Join(dir, "hello.txt"))
	require.NoError(t, err)
	assert.Equal(t, "Hello from a guest.\n", string(got))
}

func TestTwoPrograms(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	srv := crvideotest.NewServer(t)
	dir := t.TempDir()
	out := &screen{shown: make(chan struct{}), want: "files for bob"}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, out, options{server: srv.URL(), uid: "bob", into: dir, count: 2}) }()
	select {
	case <-out.shown:
	case <-ctx.Done():
		t.Fatal("bob does not begin")
	}
	files := []string{"main.go", "main_test.go"}
	require.Eventually(t, func() bool { // bob listens right after he has said so
		return run(ctx, io.Discard, options{server: srv.URL(), uid: "ann", to: "bob", files: files[:1]}) == nil
	}, 10*time.Second, 50*time.Millisecond)
	require.NoError(t, run(ctx, io.Discard, options{server: srv.URL(), uid: "ann", to: "bob", files: files[1:]}))
	require.NoError(t, <-ended)
	for _, name := range files {
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
}
