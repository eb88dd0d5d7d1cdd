//go:build !(cgo && microphone)

package main

const microphoneHint = "real microphones and speakers: go run -tags microphone ./examples/basic-call (needs gcc; the first build takes a minute longer)"
