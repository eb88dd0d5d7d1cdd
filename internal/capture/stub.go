//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"runtime"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
)

func cameras() []Device { return nil }

func listMicrophones() []Device { return nil }

func openCamera(string, codec.VideoParams) (source.Source, error) { return nil, unavailable("camera") }

func openMicrophone(string, *audio.Chain) (source.Source, error) {
	return nil, unavailable("microphone")
}

func unavailable(feature string) error {
	return &codec.UnavailableError{
		Feature: feature,
		Reason:  "built without cgo, or there is no driver for " + runtime.GOOS + "/" + runtime.GOARCH,
		Remedy:  "build with CGO_ENABLED=1, a C and a C++ compiler",
	}
}
