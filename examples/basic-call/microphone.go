//go:build cgo && microphone

package main

import _ "github.com/crvideo/crvideo-go/device/microphone" // real microphones

const microphoneHint = ""
