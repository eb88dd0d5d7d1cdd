// Package crvideotest helps to test programs that use package crvideo: a server of one's own on a free loopback port,
// a network between it and its clients that can be hurt at will, and readers for what the synthetic camera and
// microphone send, so that a test can prove media by its content.
package crvideotest

import (
	"image"

	"github.com/crvideo/crvideo-go/internal/testpattern"
	"github.com/crvideo/crvideo-go/server"
)

// The app that a Server of this package knows.
const (
	AppID     = server.DemoApp
	AppSecret = server.DemoApp
)

// ReadPattern reads what the synthetic camera wrote into a picture: the number of the member in its room
// (MemberInfo.Num) and a counter that grows by one with each frame. ok is false for any other picture.
func ReadPattern(img image.Image) (member, counter uint32, ok bool) { return testpattern.Read(img) }

// ToneFrequency is the frequency in Hz of a member's synthetic microphone.
func ToneFrequency(member uint32) float64 { return testpattern.ToneFrequency(member) }

// DetectTone finds the one tone in at least 100 ms of mono PCM and tells its frequency in Hz, within 2 Hz. ok is false
// for silence, noise and anything else that is not one clear tone.
func DetectTone(pcm []int16, rate int) (hz float64, ok bool) {
	return testpattern.DetectTone(pcm, rate)
}

// ToneShare tells how much of the power of mono PCM is in a tone of so many Hz, 0 to 1: in a mix of two tones that are
// equally loud about half of it is in each.
func ToneShare(pcm []int16, rate int, hz float64) float64 {
	return testpattern.ToneShare(pcm, rate, hz)
}
