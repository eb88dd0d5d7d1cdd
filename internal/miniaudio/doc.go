// Package miniaudio finds and uses sound devices, for packages device/microphone and device/speaker. It takes most of a
// minute to compile for the first time, so only what an application imports for it may import it. It has nothing without
// cgo.
package miniaudio
