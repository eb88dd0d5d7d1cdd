//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)))

package codec

import "runtime"

func newVP8Decoder() (VideoDecoder, error) {
	return nil, &UnavailableError{
		Feature: "VP8 decoder",
		Reason:  "built without cgo, or libvpx is not looked for on " + runtime.GOOS + "/" + runtime.GOARCH,
		Remedy:  "build with CGO_ENABLED=1 and a C compiler, for Linux or macOS",
	}
}
