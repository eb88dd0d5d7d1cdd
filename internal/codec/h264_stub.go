//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

// DefaultVideo is what pictures are encoded in unless told otherwise.
const DefaultVideo = VP8

func newH264Encoder(VideoParams) (VideoEncoder, error) {
	return nil, h264Unavailable("H.264 encoder")
}

func newH264Decoder() (VideoDecoder, error) {
	return nil, h264Unavailable("H.264 decoder")
}

func h264Unavailable(feature string) error {
	return &UnavailableError{Feature: feature, Reason: noCgo, Remedy: cgoRemedy}
}
