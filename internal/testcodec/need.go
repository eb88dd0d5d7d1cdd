// Package testcodec lets tests say what they need of the codecs: a build without cgo has not all of them.
package testcodec

import (
	"errors"
	"strings"
	"testing"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// NeedH264 skips a test of H.264 itself where it is not part of the build. Who only needs a picture takes codec.DefaultVideo.
func NeedH264(t testing.TB) {
	t.Helper()
	e, err := codec.NewVideoEncoder(codec.H264, codec.VideoParams{Width: 16, Height: 16})
	if missing := (*codec.UnavailableError)(nil); errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// H264 tells whether pictures are encoded in H.264 unless told otherwise; else they are in VP8, which MP4 files cannot hold.
const H264 = codec.DefaultVideo == codec.H264

// VideoName is that codec's name, as programs print it.
var VideoName = strings.TrimPrefix(codec.DefaultVideo, "video/")

// NeedFEC skips a test of forward error correction in the sound that it encodes: Opus in Go, of builds without cgo, has none.
// Elsewhere its absence is a fault, which such a test is to find.
func NeedFEC(t testing.TB) {
	t.Helper()
	if !H264 { // the two come from the same kind of library
		t.Skip("the Opus encoder of a build without cgo puts no error correction into packets")
	}
}
