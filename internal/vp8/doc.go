// Package vp8 decodes VP8 (RFC 6386) in Go: key frames and inter frames, bit for bit what libvpx makes of them.
package vp8
