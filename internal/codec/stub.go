//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import "runtime"

// What the stubs answer with.
const (
	noCgo     = "built without cgo, or there is no library for " + runtime.GOOS + "/" + runtime.GOARCH
	cgoRemedy = "build with CGO_ENABLED=1, a C and a C++ compiler"
)
