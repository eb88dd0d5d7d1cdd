//go:build cgo && microphone

package main

import (
	_ "github.com/crvideo/crvideo-go/device/microphone" // real microphones
	_ "github.com/crvideo/crvideo-go/device/screen"     // screens
	_ "github.com/crvideo/crvideo-go/device/speaker"    // and speakers
)

const microphoneHint = ""
