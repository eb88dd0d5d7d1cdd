// Package crvideotest helps to test programs that use package crvideo: a server of one's own on a free loopback port,
// and readers for what the synthetic camera and microphone send, so that a test can prove media by its content.
package crvideotest

import (
	"context"
	"image"
	"log/slog"
	"testing"
	"time"

	"github.com/crvideo/crvideo-go/internal/testpattern"
	"github.com/crvideo/crvideo-go/server"
)

// The app that a Server of this package knows.
const (
	AppID     = server.DemoApp
	AppSecret = server.DemoApp
)

// shutdownTime bounds the end of a server when its test is over.
const shutdownTime = 10 * time.Second

// Server is a whole server in the test's process.
type Server struct{ *server.Server }

// NewServer starts a server on free loopback ports and stops it when the test ends. Changes, if given, alter its
// configuration before the start. Only warnings and errors are logged unless a change sets a Logger.
func NewServer(tb testing.TB, changes ...func(*server.Config)) *Server {
	tb.Helper()
	cfg := server.Config{Addr: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(testWriter{tb}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	for _, change := range changes {
		change(&cfg)
	}
	s, err := server.New(cfg)
	if err != nil {
		tb.Fatalf("crvideotest: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Errorf("crvideotest: shutdown: %v", err)
		}
		if err := <-served; err != nil {
			tb.Errorf("crvideotest: serve: %v", err)
		}
	})
	return &Server{s}
}

// testWriter makes log lines appear with the test that they belong to.
type testWriter struct{ tb testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.tb.Logf("server: %s", p)
	return len(p), nil
}

// ReadPattern reads what the synthetic camera wrote into a picture: the number of the member in its room
// (MemberInfo.Num) and a counter that grows by one with each frame. ok is false for any other picture.
func ReadPattern(img image.Image) (member, counter uint32, ok bool) { return testpattern.Read(img) }

// ToneFrequency is the frequency in Hz of a member's synthetic microphone.
func ToneFrequency(member uint32) float64 { return testpattern.ToneFrequency(member) }

// DetectTone finds the one tone in at least 100 ms of mono PCM and tells its frequency in Hz, within 2 Hz. ok is false
// for silence, noise and anything else that is not one clear tone.
func DetectTone(pcm []int16, rate int) (hz float64, ok bool) { return testpattern.DetectTone(pcm, rate) }
