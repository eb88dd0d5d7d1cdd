//go:build !cgo || !(linux || darwin)

package voice

import (
	"runtime"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// Available tells what is missing.
func Available() error {
	return &codec.UnavailableError{
		Feature: "noise suppression, gain control, echo cancellation",
		Reason:  "built without cgo, or not there for " + runtime.GOOS,
		Remedy:  "build with CGO_ENABLED=1 on Linux or macOS",
	}
}

// Voice cannot be made in this build.
type Voice struct{}

// New says so.
func New(int, int) (*Voice, error) { return nil, Available() }

// Set does nothing.
func (*Voice) Set(Settings) error { return errClosed }

// Run does nothing.
func (*Voice) Run(_, _ []int16) {}

// Close does nothing.
func (*Voice) Close() {}
