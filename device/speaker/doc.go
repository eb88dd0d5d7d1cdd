// Package speaker makes the machine's speakers available to crvideo. Import it for its effect:
//
//	import _ "github.com/crvideo/crvideo-go/device/speaker"
//
// Then Client.PlaySpeaker plays the room. It is a package of its own because its driver (miniaudio, the same as that of
// device/microphone) takes most of a minute to compile for the first time. It finds PulseAudio, ALSA, JACK, CoreAudio or
// WASAPI when it is first used, without any headers when it is built. Without cgo, and with the build tag nospeaker, the
// import has no effect.
package speaker
