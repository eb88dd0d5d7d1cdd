// Package pulsetest tests real microphones against a PulseAudio server of its own. The tests need pulseaudio, pulseaudio-utils
// (pactl, paplay) and sox, and are behind a build tag:
//
//	go test -tags pulse ./internal/pulsetest/
package pulsetest
