//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)))

package codec

func newVP8Decoder() VideoDecoder { return newGoVP8Decoder() }
