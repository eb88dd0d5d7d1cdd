// Package vp8 encodes and decodes VP8 (RFC 6386) in Go. The decoder reads key frames and inter frames, bit for bit as
// libvpx does. Numbers in parentheses in its comments are sections of the RFC.
package vp8
