// Package screen makes the machine's screens available to crvideo. Import it for its effect:
//
//	import _ "github.com/crvideo/crvideo-go/device/screen"
//
// It speaks X11 by itself, so it needs no header and no library, and builds without cgo: for the X server that DISPLAY
// names, with the authority of XAUTHORITY or ~/.Xauthority. The pointer is not in the picture. On macOS and Windows the
// import has no effect yet; a Wayland desktop shows only what its X server (Xwayland) draws.
package screen
