// Package microphone makes the machine's microphones available to crvideo. Import it for its effect:
//
//	import _ "github.com/crvideo/crvideo-go/device/microphone"
//
// It is a package of its own because its driver (miniaudio) takes most of a minute to compile for the first time. It finds
// PulseAudio, ALSA, JACK, CoreAudio or WASAPI when the program runs, without any headers when it is built, and microphones
// that are plugged in later. Without cgo,
// and with the build tag nomicrophone, the import has no effect.
package microphone
