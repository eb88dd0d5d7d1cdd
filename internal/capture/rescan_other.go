//go:build cgo && ((darwin && (amd64 || arm64)) || (windows && amd64))

package capture

// rescan does nothing: here the drivers are found when the program starts.
func rescan() {}

func holdDrivers() (release func()) { return func() {} }
