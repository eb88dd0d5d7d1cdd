//go:build cgo && (linux || darwin)

package voice

// #cgo linux LDFLAGS: -ldl
// #include "speexdsp.h"
// #cgo noescape voice_run
// #cgo nocallback voice_run
// #cgo noescape voice_cancel
// #cgo nocallback voice_cancel
import "C"

import (
	"fmt"
	"sync"

	"github.com/crvideo/crvideo-go/internal/codec"
)

var load = sync.OnceValue(func() error {
	if C.voice_load() == 0 {
		return &codec.UnavailableError{
			Feature: "noise suppression, gain control, echo cancellation", Reason: "libspeexdsp is not on this machine",
			Remedy: "install it: Debian and Ubuntu libspeexdsp1, Fedora and Homebrew speexdsp",
		}
	}
	return nil
})

// Available tells what is missing; nil: nothing.
func Available() error { return load() }

// Voice works on one microphone's sound, mono. It is for one goroutine at a time.
type Voice struct {
	state *C.voice // nil after Close
	frame int
	now   Settings
	out   []int16
}

// New makes a Voice for frames of so many samples at a rate in Hz; at first it does nothing.
func New(rate, frame int) (*Voice, error) {
	if err := load(); err != nil {
		return nil, err
	}
	v := &Voice{frame: frame, out: make([]int16, frame)}
	if v.state = C.voice_open(C.int(rate), C.int(frame), C.int(rate*tailMS/1000)); v.state == nil {
		return nil, fmt.Errorf("voice: libspeexdsp takes no frames of %d samples at %d Hz", frame, rate)
	}
	return v, v.Set(Settings{})
}

// Set chooses what is done from now on.
func (v *Voice) Set(s Settings) error {
	if v.state == nil {
		return errClosed
	}
	if s.Echo && !v.now.Echo {
		C.voice_forget(v.state)
	}
	v.now = s
	if C.voice_set(v.state, boolInt(s.Noise), boolInt(s.Gain), boolInt(s.Echo)) == 0 {
		return fmt.Errorf("voice: libspeexdsp was built without what %+v needs", s)
	}
	return nil
}

// Run works on a frame in place. far is what the speaker was given meanwhile, as long as the frame, or nil.
func (v *Voice) Run(pcm, far []int16) {
	if v.state == nil || len(pcm) != v.frame {
		return
	}
	if v.now.Echo && len(far) == v.frame {
		C.voice_cancel(v.state, (*C.int16_t)(&pcm[0]), (*C.int16_t)(&far[0]), (*C.int16_t)(&v.out[0]))
		copy(pcm, v.out)
	}
	if v.now.Any() {
		C.voice_run(v.state, (*C.int16_t)(&pcm[0]))
	}
}

// Close frees the memory.
func (v *Voice) Close() {
	if v.state != nil {
		C.voice_close(v.state)
		v.state = nil
	}
}

func boolInt(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
